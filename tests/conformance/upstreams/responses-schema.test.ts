import { describe, expect, test } from "bun:test";
import { openaiResponsesOutbound } from "../../../src/dialects/openai-responses/outbound.ts";
import { responsesProof } from "../../../src/dialects/shared/conversation/proofs.ts";
import { profileFor } from "../../../src/providers/index.ts";
import type { ChatRequest } from "../../../src/vocabulary/chat.ts";
import { parseJson } from "../../../src/vocabulary/json.ts";
import { requestMisfits } from "../../specs/requests.ts";

/** Whatever chat is put into the Responses API's words fits OpenAI's own schema of them. */
const MODELS: readonly (readonly [kind: string, model: string])[] = [
  ["openai", "gpt-5-codex"],
  ["openai", "o3-pro"],
  ["azure", "gpt-4o"],
  ["xai", "grok-4.3"],
];

const media = (mime: string) => ({ kind: "bytes", mime, base64: "AAAA" }) as const;
/** Everything a chat can say in neutral words. */
const EVERYTHING: ChatRequest = {
  model: "m",
  messages: [
    { role: "system", parts: [{ type: "text", text: "s" }], developer: true },
    {
      role: "system",
      parts: [
        { type: "text", text: "s" },
        { type: "text", text: "t" },
      ],
    },
    {
      role: "user",
      name: "ann",
      parts: [
        { type: "text", text: "u", cache: { ttl: "1h" } },
        { type: "image", media: media("image/png"), detail: "low" },
        { type: "image", media: { kind: "url", url: "https://a/b.png" } },
        { type: "image", media: { kind: "stored", id: "file-1" } },
        { type: "file", media: media("application/pdf"), filename: "a.pdf" },
        { type: "file", media: media("text/csv") },
        { type: "file", media: { kind: "url", url: "https://a/b.pdf" } },
        { type: "file", media: { kind: "stored", id: "file-2" } },
      ],
    },
    {
      role: "assistant",
      parts: [
        { type: "thinking", text: "hm", signature: responsesProof("rs_1", "e") },
        { type: "thinking", text: "hm", signature: "by-claude" },
        { type: "text", text: "a", signature: "by-gemini" },
        { type: "refusal", text: "no" },
        { type: "image", media: media("image/png") },
        { type: "tool-call", id: "a.b:1", name: "f", arguments: "{}", signature: "by-gemini" },
        { type: "tool-call", id: "", name: "f", arguments: "" },
      ],
    },
    {
      role: "tool",
      callId: "a.b:1",
      parts: [
        { type: "text", text: "r" },
        { type: "image", media: media("image/png") },
      ],
      failed: true,
    },
    { role: "tool", callId: "unknown", parts: [] },
    { role: "assistant", parts: [{ type: "text", text: "b" }] },
    { role: "user", parts: [] },
  ],
  tools: [{ name: "f", description: "d", parameters: { type: "object" }, strict: true, cache: {} }, { name: "g" }],
  toolChoice: { type: "some", mode: "required", names: ["f"] },
  parallelTools: false,
  maxTokens: 5,
  temperature: 0.5,
  topP: 0.9,
  topK: 5,
  minP: 0.1,
  seed: 7,
  presencePenalty: 1,
  frequencyPenalty: 1,
  logitBias: { "1": 1 },
  stop: ["END"],
  choices: 1,
  logprobs: { top: 3 },
  format: { type: "json-schema", name: "n", schema: { type: "object" }, strict: true, description: "d" },
  reasoning: { effort: "minimal", show: true },
  stream: true,
  user: "a".repeat(200),
  cacheKey: "k",
  serviceTier: "priority",
  verbosity: "low",
  modalities: ["text"],
  metadata: { a: "b" },
  extras: { prompt_cache_retention: "24h", prediction: {}, repetition_penalty: 1 },
  origin: "openai-chat",
};

describe.each(MODELS)("%s %s", (kind, model) => {
  const destination = { model, profile: profileFor(kind, model) };
  const misfitsOf = (request: ChatRequest) =>
    requestMisfits({ dialect: "openai-responses", kind, body: parseJson(openaiResponsesOutbound.write(request, destination).body) });

  test("everything there are words for", () => {
    expect(misfitsOf(EVERYTHING)).toEqual([]);
    expect(
      misfitsOf({
        ...EVERYTHING,
        toolChoice: { type: "tool", name: "f" },
        format: { type: "json" },
        serviceTier: "standard_only",
        origin: "anthropic-messages",
      }),
    ).toEqual([]);
    expect(misfitsOf({ model: "m", messages: [], tools: [], stop: [], choices: 1, stream: false, extras: {} })).toEqual([]);
  });
});
