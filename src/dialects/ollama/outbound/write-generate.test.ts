import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { mergeProfiles } from "../../../vocabulary/profile.ts";
import { ollamaGenerateOutbound as outbound } from "../outbound.ts";

const HI: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };
const SYSTEM: Message = { role: "system", parts: [{ type: "text", text: "be brief" }] };
const PLAIN: ChatRequest = { model: "public", messages: [HI], tools: [], stop: [], choices: 1, stream: false, extras: {}, origin: "ollama-generate" };
const written = (request: Partial<ChatRequest>, drop: string[] = []) => {
  const outgoing = outbound.write({ ...PLAIN, ...request }, { model: "up", profile: mergeProfiles({ drop }) });
  return { body: JSON.parse(outgoing.body) as object, warnings: outgoing.warnings };
};

describe("one prompt", () => {
  const image = { type: "image", media: { kind: "bytes", mime: "image/png", base64: "aGk=" } } as const;
  const rows: [string, Partial<ChatRequest>, object][] = [
    ["alone", {}, {}],
    ["streamed", { stream: true }, { stream: true }],
    ["after the system's word", { messages: [SYSTEM, HI] }, { system: "be brief" }],
    ["with a picture", { messages: [{ ...HI, parts: [...HI.parts, image] }] }, { images: ["aGk="] }],
    ["to be continued", { completion: {} }, { raw: true }],
    ["to be continued up to a suffix", { completion: { suffix: "}" } }, { suffix: "}" }],
    [
      "with settings",
      { maxTokens: 5, format: { type: "json" }, extras: { keep_alive: "5m", template: "t", context: [1], options: { num_ctx: 512 } } },
      { format: "json", keep_alive: "5m", template: "t", context: [1], options: { num_predict: 5, num_ctx: 512 } },
    ],
  ];
  test.each(rows)("%s", (_name, request, more) => {
    expect(written(request)).toEqual({ body: { model: "up", prompt: "hi", stream: false, ...more }, warnings: [] });
  });

  test("without what the profile drops", () => {
    expect(written({ seed: 1, extras: { template: "t" } }, ["template", "seed"])).toMatchObject({
      body: { prompt: "hi" },
      warnings: [{}, {}].map(() => expect.any(String)),
    });
    expect(JSON.stringify(written({ seed: 1, extras: { template: "t" } }, ["template", "seed"]).body)).not.toMatch(/seed|template/);
  });
});

test.each([[[SYSTEM]], [[HI, HI]], [[SYSTEM, HI, { role: "assistant", parts: [] }]], [[]]] as Message[][][])("a conversation is refused: %#", (messages) => {
  expect(() => written({ messages })).toThrow(Failure);
});
