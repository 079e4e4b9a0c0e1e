import { describe, expect, test } from "bun:test";
import { profileFor } from "../providers/index.ts";
import type { DialectName } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type JsonObject, objectOf } from "../vocabulary/json.ts";
import { geminiEmbeddingsInbound } from "./gemini/inbound/embeddings.ts";
import { chatOutbound, embeddingsOutbound } from "./index.ts";
import { readChatCall } from "./openai-chat/read-call.ts";
import { openaiEmbeddingsInbound } from "./openai-embeddings/inbound.ts";
import { incoming } from "./shared/incoming.fixture.ts";

/** What becomes of a knob: the part of the upstream's body it is sent as, the name its warning or its 400 gives, or nothing to do because every answer meets it. */
type Fate = JsonObject | `warned: ${string}` | `refused: ${string}` | "met";
type Row = readonly [asked: JsonObject, anthropic: Fate, gemini: Fate, ollama: Fate, responses: Fate];

const TOOL = {
  type: "function",
  function: { name: "weather", description: "Weather", parameters: { type: "object", properties: { at: { type: "string" } } } },
};
const FLAT = { type: "function", ...TOOL.function, strict: false };
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const generation = (generationConfig: JsonObject): JsonObject => ({ generationConfig });
const options = (own: JsonObject): JsonObject => ({ options: own });
const everywhere = (asked: JsonObject, fate: Fate, responses: Fate = fate): Row => [asked, fate, fate, fate, responses];
const same = (asked: JsonObject, ...fates: readonly [Fate, Fate, Fate]): Row => [asked, ...fates, asked];

/** Every field of OpenAI's chat request but model and messages, turned away from its default, and those that other servers added. */
const KNOBS: readonly Row[] = [
  [{ max_tokens: 99 }, { max_tokens: 99 }, generation({ maxOutputTokens: 99 }), options({ num_predict: 99 }), { max_output_tokens: 99 }],
  [{ max_completion_tokens: 99 }, { max_tokens: 99 }, generation({ maxOutputTokens: 99 }), options({ num_predict: 99 }), { max_output_tokens: 99 }],
  [{ max_tokens: 9 }, { max_tokens: 9 }, generation({ maxOutputTokens: 9 }), options({ num_predict: 9 }), "warned: max_tokens"],
  same({ temperature: 0.5 }, { temperature: 0.5 }, generation({ temperature: 0.5 }), options({ temperature: 0.5 })),
  same({ temperature: 1.9 }, "warned: temperature", generation({ temperature: 1.9 }), options({ temperature: 1.9 })),
  same({ top_p: 0.5 }, { top_p: 0.5 }, generation({ topP: 0.5 }), options({ top_p: 0.5 })),
  [{ top_k: 5 }, { top_k: 5 }, generation({ topK: 5 }), options({ top_k: 5 }), "warned: top_k"],
  [{ min_p: 0.1 }, "warned: min_p", "warned: min_p", options({ min_p: 0.1 }), "warned: min_p"],
  [{ seed: 5 }, "warned: seed", generation({ seed: 5 }), options({ seed: 5 }), "warned: seed"],
  [{ presence_penalty: 1 }, "warned: presence_penalty", generation({ presencePenalty: 1 }), options({ presence_penalty: 1 }), "warned: presence_penalty"],
  [{ frequency_penalty: 1 }, "warned: frequency_penalty", generation({ frequencyPenalty: 1 }), options({ frequency_penalty: 1 }), "warned: frequency_penalty"],
  everywhere({ logit_bias: { 50256: -100 } }, "warned: logit_bias"),
  [{ logprobs: true }, "warned: logprobs", generation({ responseLogprobs: true }), { logprobs: true }, { include: ["message.output_text.logprobs"] }],
  [{ logprobs: true, top_logprobs: 2 }, "warned: logprobs", generation({ logprobs: 2 }), { top_logprobs: 2 }, { top_logprobs: 2 }],
  everywhere({ top_logprobs: 2 }, "refused: top_logprobs"),
  [{ stop: "END" }, { stop_sequences: ["END"] }, generation({ stopSequences: ["END"] }), options({ stop: ["END"] }), "warned: stop"],
  [{ n: 2 }, "refused: n", generation({ candidateCount: 2 }), "refused: n", "refused: n"],
  [
    { response_format: { type: "json_object" } },
    { system: expect.stringContaining("JSON") },
    generation({ responseMimeType: "application/json" }),
    { format: "json" },
    { text: { format: { type: "json_object" } } },
  ],
  [
    { response_format: { type: "json_schema", json_schema: { name: "n", schema: SCHEMA } } },
    { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
    generation({ responseJsonSchema: SCHEMA }),
    { format: SCHEMA },
    { text: { format: { type: "json_schema", name: "n", schema: SCHEMA } } },
  ],
  [{ tools: [TOOL] }, { tools: [{ name: "weather" }] }, { tools: [{ functionDeclarations: [{ name: "weather" }] }] }, { tools: [TOOL] }, { tools: [FLAT] }],
  [
    { functions: [TOOL.function] },
    { tools: [{ name: "weather" }] },
    { tools: [{ functionDeclarations: [{ name: "weather" }] }] },
    { tools: [TOOL] },
    { tools: [FLAT] },
  ],
  [
    { tools: [TOOL], tool_choice: "required" },
    { tool_choice: { type: "any" } },
    { toolConfig: { functionCallingConfig: { mode: "ANY" } } },
    "refused: tool_choice",
    { tool_choice: "required" },
  ],
  [
    { functions: [TOOL.function], function_call: { name: "weather" } },
    { tool_choice: { type: "tool", name: "weather" } },
    { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } } },
    "refused: tool_choice",
    { tool_choice: { type: "function", name: "weather" } },
  ],
  [
    { tools: [TOOL], parallel_tool_calls: false },
    { tool_choice: { disable_parallel_tool_use: true } },
    "warned: parallel_tool_calls",
    "warned: parallel_tool_calls",
    { parallel_tool_calls: false },
  ],
  [
    { reasoning_effort: "high" },
    { thinking: { type: "enabled" } },
    generation({ thinkingConfig: { thinkingBudget: 24_576 } }),
    // It thinks unasked where it can, and refuses to be told so where it cannot.
    "met",
    "warned: reasoning_effort",
  ],
  [{ reasoning_effort: "none" }, { thinking: { type: "disabled" } }, generation({ thinkingConfig: { thinkingBudget: 0 } }), { think: false }, "met"],
  [
    { reasoning: { effort: "high", exclude: true } },
    { thinking: { display: "omitted" } },
    generation({ thinkingConfig: { includeThoughts: false } }),
    "warned: reasoning.exclude",
    "warned: reasoning_effort",
  ],
  everywhere({ verbosity: "low" }, "warned: verbosity", { text: { verbosity: "low" } }),
  everywhere({ modalities: ["text"] }, "met"),
  [
    { modalities: ["text", "audio"], audio: { voice: "Kore", format: "pcm16" } },
    "refused: modalities",
    generation({ responseModalities: ["AUDIO"] }),
    "refused: modalities",
    "refused: modalities",
  ],
  everywhere({ audio: { voice: "alloy", format: "wav" } }, "warned: audio"),
  [{ user: "ann" }, { metadata: { user_id: "ann" } }, "warned: user", "warned: user", { safety_identifier: "ann" }],
  [{ safety_identifier: "ann" }, { metadata: { user_id: "ann" } }, "warned: user", "warned: user", { safety_identifier: "ann" }],
  everywhere({ prompt_cache_key: "k" }, "met", { prompt_cache_key: "k" }),
  everywhere({ prompt_cache_retention: "24h" }, "met", { prompt_cache_retention: "24h" }),
  everywhere({ prompt_cache_options: { ttl: "1h" } }, "met", { prompt_cache_options: { ttl: "1h" } }),
  everywhere({ metadata: { job: "7" } }, "warned: metadata", { metadata: { job: "7" } }),
  everywhere({ store: true }, "warned: store"),
  everywhere({ store: false }, "met"),
  same({ service_tier: "priority" }, { service_tier: "auto" }, { serviceTier: "priority" }, "warned: service_tier"),
  same({ service_tier: "flex" }, "warned: service_tier", { serviceTier: "flex" }, "warned: service_tier"),
  same({ service_tier: "scale" }, "warned: service_tier", "warned: service_tier", "warned: service_tier"),
  same({ service_tier: "default" }, { service_tier: "standard_only" }, "met", "met"),
  everywhere({ prediction: { type: "content", content: "x" } }, "warned: prediction"),
  everywhere({ moderation: { model: "omni" } }, "warned: moderation", { moderation: { model: "omni" } }),
  everywhere({ web_search_options: {} }, "refused: web_search_options"),
  everywhere({ stream_options: { include_usage: true } }, "met"),
  everywhere({ usage: { include: true } }, "met"),
  everywhere({ repetition_penalty: 1.1 }, "warned: repetition_penalty"),
  [{ keep_alive: "5m" }, "warned: keep_alive", "warned: keep_alive", { keep_alive: "5m" }, "warned: keep_alive"],
];

const UPSTREAMS: readonly (readonly [DialectName, kind: string, model: string])[] = [
  ["anthropic-messages", "anthropic", "claude-sonnet-4-5"],
  ["gemini", "gemini", "gemini-2.5-flash"],
  ["ollama", "ollama", "llama3.2"],
  ["openai-responses", "openai", "gpt-4o"],
];

/** What really became of it, in the words of the table; what was sent is compared by the caller. */
function fateOf(asked: JsonObject, [dialect, kind, model]: (typeof UPSTREAMS)[number]): { sent: JsonObject; fate: string } {
  const call = readChatCall(incoming({ model, messages: [{ role: "user", content: "hi" }], ...asked }));
  try {
    const outgoing = chatOutbound(dialect).write(call.request(), { model, profile: profileFor(kind, model) });
    return { sent: objectOf(JSON.parse(outgoing.body)), fate: outgoing.warnings.map((warning) => `warned: ${warning}`).join(" ") };
  } catch (error) {
    if (error instanceof Failure && error.kind === "invalid-request") return { sent: {}, fate: `refused: ${error.facts.param}` };
    throw error;
  }
}

describe.each(KNOBS.map((row) => [JSON.stringify(row[0]), row] as const))("%s", (_name, [asked, ...fates]) => {
  test.each(UPSTREAMS.map((upstream, index) => [upstream[0], upstream, fates[index] ?? "met"] as const))("%s", (_dialect, upstream, expected) => {
    const { sent, fate } = fateOf(asked, upstream);
    if (typeof expected === "object") {
      expect(fate).toBe("");
      expect(sent).toMatchObject(expected);
    } else if (expected === "met") expect(fate).toBe("");
    else expect(fate).toStartWith(expected);
  });
});

test("a knob that stands where it stands by default is no news", () => {
  const defaults = {
    presence_penalty: 0,
    frequency_penalty: 0,
    min_p: 0,
    logit_bias: {},
    verbosity: "medium",
    metadata: {},
    user: "",
    logprobs: false,
    n: 1,
    store: null,
  };
  for (const upstream of UPSTREAMS) expect(fateOf(defaults, upstream).fate).toBe("");
});

test("fields without a word of ours never cross into another family", () => {
  const asked = { repetition_penalty: 1.1, thinking: { type: "enabled" }, safetySettings: [], vendor_field: "v" };
  for (const upstream of UPSTREAMS) {
    const { sent, fate } = fateOf(asked, upstream);
    expect(Object.keys(asked).filter((name) => JSON.stringify(sent).includes(`"${name}"`))).toEqual([]);
    expect(fate).toContain("repetition_penalty, thinking, safetySettings, vendor_field were dropped");
  }
});

describe("embeddings", () => {
  const rows: [asked: JsonObject, gemini: string[], ollama: string[]][] = [
    [{ dimensions: 256, encoding_format: "base64" }, [], []],
    [{ user: "ann" }, ["user was dropped"], ["user was dropped"]],
    [{ user: "ann", input_type: "query" }, ["user, input_type were dropped"], ["user, input_type were dropped"]],
    [{ keep_alive: "5m" }, ["keep_alive was dropped"], []],
  ];
  test("of Google's, at an OpenAI-compatible provider", () => {
    const asked = { content: { parts: [{ text: "hi" }] }, taskType: "CLUSTERING", title: "t", outputDimensionality: 6 };
    const request = geminiEmbeddingsInbound.readCall(incoming(asked, {}, "m:embedContent")).request();
    const outgoing = embeddingsOutbound("openai-embeddings").write(request, { model: "m", profile: profileFor("openai", "m") });
    expect([outgoing.warnings, JSON.parse(outgoing.body)]).toEqual([
      ["taskType, title were dropped: m has nothing like them."],
      { model: "m", input: ["hi"], dimensions: 6 },
    ]);
  });
  test.each(rows)("%j", (asked, gemini, ollama) => {
    const request = openaiEmbeddingsInbound.readCall(incoming({ model: "m", input: "hi", ...asked })).request();
    const warnings = (dialect: DialectName, kind: string) =>
      embeddingsOutbound(dialect)
        .write(request, { model: "m", profile: profileFor(kind, "m") })
        .warnings.map((warning) => warning.split(":", 1)[0]);
    expect([warnings("gemini-embeddings", "gemini"), warnings("ollama-embeddings", "ollama")]).toEqual([gemini, ollama]);
  });
});
