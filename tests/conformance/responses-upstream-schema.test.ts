import { describe, expect, test } from "bun:test";
import { readChatCall } from "../../src/dialects/openai-chat/read-call.ts";
import { openaiResponsesOutbound } from "../../src/dialects/openai-responses/outbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { responsesProof } from "../../src/dialects/shared/proofs.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { ChatRequest } from "../../src/vocabulary/chat.ts";
import { Failure } from "../../src/vocabulary/failure.ts";
import { type Json, type JsonObject, parseJson } from "../../src/vocabulary/json.ts";
import { recordings } from "../recordings/recordings.ts";
import { responsesMisfits } from "../specs/responses.ts";

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

/** Recorded chats whose own words the schema does not know. */
const NOT_OURS: Readonly<Record<string, string>> = { "groq/0020": "service_tier on_demand, which is Groq's: the upstream is to judge it" };

describe.each(MODELS)("%s %s", (kind, model) => {
  const destination = { model, profile: profileFor(kind, model) };
  const misfitsOf = (request: ChatRequest) => responsesMisfits(parseJson(openaiResponsesOutbound.write(request, destination).body));

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

  test("recorded chats", () => {
    const odd: string[] = [];
    for (const { id, request } of recordings({ api: "chat_completions", ok: true })) {
      if (NOT_OURS[id] !== undefined) continue;
      try {
        odd.push(...misfitsOf(readChatCall(incoming(request.body)).request()).map((misfit) => `${id}: ${misfit}`));
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
      }
    }
    expect(odd).toEqual([]);
  });
});

test("what does not fit is noticed", () => {
  const body: JsonObject = { model: "m", input: [{ role: "user", content: "hi" }] };
  const noticed = (change: Record<string, Json>) => responsesMisfits({ ...body, ...change }).length > 0;
  // Without the schema at hand nothing is noticed, and there is nothing to see.
  const here = noticed({ max_tokens: 5 });
  expect([noticed({}), noticed({ max_output_tokens: 5 }), noticed({ input: [{ role: "assistant", content: [{ type: "refusal", refusal: 7 }] }] })]).toEqual([
    false,
    here,
    here,
  ]);
});
