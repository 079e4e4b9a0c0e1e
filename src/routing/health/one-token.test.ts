import { describe, expect, test } from "bun:test";
import type { UpstreamCall, UpstreamClient } from "../../upstream/client.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { testDeployment, testService } from "../../vocabulary/model.fixture.ts";
import { PLAIN_PROFILE, type Profile } from "../../vocabulary/profile.ts";
import type { Routes } from "../../vocabulary/service.ts";
import { oneTokenOver } from "./one-token.ts";

/** A client whose upstream answers so, and what it was asked. */
function answering(status: number, text = "{}") {
  const calls: UpstreamCall[] = [];
  const client: Pick<UpstreamClient, "send" | "explain"> = {
    async send(call) {
      calls.push(call);
      if (status === 0) throw new Error("refused");
      return { status, headers: new Headers(), text: async () => text } as unknown as Awaited<ReturnType<UpstreamClient["send"]>>;
    },
    explain: () => new Failure("upstream-unreachable", "The connection failed."),
  };
  return { calls, oneToken: oneTokenOver(client) };
}

const deployment = (routes: Routes, profile: Partial<Profile> = {}) =>
  testDeployment("s/m", {
    model: "m/1",
    profile: { ...PLAIN_PROFILE, ...profile },
    service: testService("s", { routes, keys: [{ name: "", headers: { authorization: "Bearer k" } }] }),
  });
const CHAT = { dialect: "openai-chat", path: "/chat/completions" } as const;

describe("one token", () => {
  test.each<[string, Routes, Partial<Profile>, string, object]>([
    ["of OpenAI's chat", { chat: [CHAT] }, {}, "http://s/chat/completions", { model: "m/1", max_tokens: 1 }],
    ["of Anthropic", { chat: [{ dialect: "anthropic-messages", path: "/v1/messages" }] }, {}, "http://s/v1/messages", { model: "m/1", max_tokens: 1 }],
    [
      "where the model is in the path",
      { chat: [{ dialect: "gemini", path: "/models/{model}:generateContent" }] },
      {},
      "http://s/models/m%2F1:generateContent",
      { generationConfig: { maxOutputTokens: 1 } },
    ],
    [
      "in the one dialect the model speaks",
      { chat: [CHAT, { dialect: "openai-responses", path: "/responses" }] },
      { dialect: "openai-responses" },
      "http://s/responses",
      { model: "m/1" },
    ],
  ])("%s", async (_name, routes, profile, url, body) => {
    const { calls, oneToken } = answering(200);
    expect(await oneToken(deployment(routes, profile), 1000)).toBe("answered");
    expect(calls.map((call) => call.url)).toEqual([url]);
    expect(JSON.parse(String(calls[0]?.body))).toMatchObject(body);
    expect(calls[0]?.headers).toMatchObject({ "content-type": "application/json", authorization: "Bearer k" });
  });

  test.each<[number, string]>([
    [401, "upstream-credentials"],
    [500, "upstream-error"],
    [503, "overloaded"],
    [0, "upstream-unreachable"],
  ])("that is answered %d is %s", async (status, kind) => {
    expect(await answering(status).oneToken(deployment({ chat: [CHAT] }), 1000)).toMatchObject({ kind });
  });

  test("is not asked of who does not chat", async () => {
    const { calls, oneToken } = answering(200);
    expect(await oneToken(deployment({ embeddings: [{ dialect: "openai-embeddings", path: "/embeddings" }] }), 1000)).toBe("does-not-chat");
    expect(calls).toEqual([]);
  });
});
