import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { SPEAKERS } from "../matrix/matrix.ts";

/** A request that is bad wherever it goes costs one upstream call, one we refuse ourselves none, and one that brings down whoever reads it no more than the budget. */
let fake: FakeUpstream;
let box: TestBox;
const BUDGET = 3;

beforeAll(async () => {
  fake = await startFakeUpstream();
});
beforeEach(() => {
  fake.forget();
  fake.play({});
  const at = (...kinds: string[]) => kinds.map((kind): TestDeployment => ({ kind, url: fake.url }));
  const others = { contextFallbacks: ["other", "third"], contentFallbacks: ["third", "other"] };
  box = startBox({
    models: {
      m: at("openai", "anthropic", "gemini"),
      same: at("openai", "openai", "openai"),
      ranked: at("vllm", "vllm", "vllm"),
      other: at("openai", "vllm"),
      third: at("vllm"),
      talker: at("anthropic"),
    },
    fallbacks: { m: ["other", "third"], same: ["other", "third"], ranked: ["other", "third"] },
    more: { m: others, same: others, ranked: others },
    policy: { attempts: BUDGET },
  });
});
afterEach(async () => {
  expect(box.complaints).toEqual([]);
  await box.stop();
});
afterAll(() => fake.stop());

interface Call {
  readonly path: string;
  readonly body: object | FormData;
}

function form(): FormData {
  const data = new FormData();
  data.set("model", "same");
  data.set("file", new Blob(["RIFF"]), "a.wav");
  return data;
}

/** Every operation, whole and streamed. */
const CALLS: Readonly<Record<string, () => Call>> = {
  ...Object.fromEntries(
    SPEAKERS.flatMap((speaker) =>
      [false, true].map((stream) => [`${speaker.dialect}, ${stream ? "stream" : "whole"}`, () => speaker.ask({ turns: [{ user: "hello" }] }, "m", stream)]),
    ),
  ),
  completions: () => ({ path: "/v1/completions", body: { model: "same", prompt: "hello" } }),
  embeddings: () => ({ path: "/v1/embeddings", body: { model: "same", input: "hello" } }),
  rerank: () => ({ path: "/v1/rerank", body: { model: "ranked", query: "q", documents: ["a"] } }),
  moderations: () => ({ path: "/v1/moderations", body: { model: "same", input: "hello" } }),
  images: () => ({ path: "/v1/images/generations", body: { model: "same", prompt: "a house" } }),
  "images, stream": () => ({ path: "/v1/images/generations", body: { model: "same", prompt: "a house", stream: true } }),
  speech: () => ({ path: "/v1/audio/speech", body: { model: "same", input: "hello", voice: "alloy" } }),
  transcriptions: () => ({ path: "/v1/audio/transcriptions", body: form() }),
};

async function put({ path, body }: Call): Promise<number> {
  const headers = { authorization: "Bearer sb-test" };
  const response = await (body instanceof FormData ? fetch(box.url + path, { method: "POST", headers, body }) : box.post(path, body));
  await response.text();
  return response.status;
}

describe.each(Object.entries(CALLS))("%s", (_name, call) => {
  test.each([400, 413, 422])("%d from everybody is one upstream call, and the client's", async (status) => {
    fake.play(failing(status));
    const answered = await put(call());
    expect([fake.seen.length, [400, 413, 422].includes(answered)]).toEqual([1, true]);
    const { trace, outcome } = await box.record(0);
    expect([outcome, trace.attempts.map(({ decision }) => decision)]).toEqual(["failed", ["gave up: no other deployment would do better"]]);
  });

  test.each<[string, Behaviour]>([
    ["before its answer", { cut: "before-headers" }],
    ["in its answer's head", { cut: "before-body" }],
  ])("a reset %s, wherever it goes, is no more calls than the budget", async (_when, behaviour) => {
    // Connections are kept: one that closes before a byte of answer could be taken for one that was closed long since.
    await Promise.all(Array.from({ length: 4 }, () => put(call())));
    fake.forget();
    fake.play(behaviour);
    expect(await put(call())).toBe(502);
    expect(fake.seen.length).toBeLessThanOrEqual(BUDGET);
    expect(fake.seen.length).toBeGreaterThan(1);
  });
});

describe("what we refuse ourselves reaches nobody", () => {
  const user = { role: "user", content: "hello" };
  test.each<[string, string, unknown]>([
    ["no JSON", "/v1/chat/completions", '{"model":"m",'],
    ["no messages", "/v1/chat/completions", { model: "m" }],
    ["no list of messages", "/v1/chat/completions", { model: "m", messages: "hello" }],
    ["a message that is none", "/v1/chat/completions", { model: "m", messages: [7] }],
    ["no such model", "/v1/chat/completions", { model: "nobody", messages: [user] }],
    ["no max_tokens and no messages", "/v1/messages", { model: "m" }],
    ["a role there is not", "/v1/messages", { model: "other", max_tokens: 5, messages: [{ role: "king", content: "hello" }] }],
    ["no input", "/v1/responses", { model: "m" }],
    ["an item of the wrong kind", "/v1/responses", { model: "talker", input: [{ role: "user", content: [{ type: "x" }] }] }],
    ["no contents", "/v1beta/models/m:generateContent", {}],
    ["no messages for Ollama", "/api/chat", { model: "m", messages: 5 }],
    ["no input to embed", "/v1/embeddings", { model: "same" }],
    ["no query", "/v1/rerank", { documents: ["a"] }],
    ["no JSON to moderate", "/v1/moderations", "no"],
    ["a model that cannot do it", "/v1/embeddings", { model: "talker", input: "hello" }],
  ])("%s", async (_name, path, body) => {
    const response = await box.post(path, body);
    await response.text();
    expect([Math.trunc(response.status / 100), fake.seen.length]).toEqual([4, 0]);
    expect((await box.record(0)).outcome).toBe("failed");
  });
});
