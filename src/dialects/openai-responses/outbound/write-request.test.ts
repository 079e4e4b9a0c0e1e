import { describe, expect, test } from "bun:test";
import { profileFor } from "../../../providers/index.ts";
import type { ChatRequest, Message } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { openaiResponsesOutbound } from "../outbound.ts";

const HI: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };
const PLAIN: ChatRequest = { model: "public", messages: [HI], tools: [], stop: [], choices: 1, stream: false, extras: {}, origin: "openai-chat" };
/** A model that does not think. */
const PLAIN_MODEL: Partial<Profile> = { thinking: "none" };
/** One that does, and always in its own way. */
const THINKER: Partial<Profile> = { thinking: "effort", thinkingOff: false, efforts: ["low", "high"], sampling: "fixed" };
const ENCRYPTED = ["reasoning.encrypted_content"];

function written(request: Partial<ChatRequest>, profile: Partial<Profile> = PLAIN_MODEL): { body: JsonObject; warnings: readonly string[] } {
  const outgoing = openaiResponsesOutbound.write({ ...PLAIN, ...request }, { model: "up", profile: mergeProfiles(profile) });
  return { body: JSON.parse(outgoing.body) as JsonObject, warnings: outgoing.warnings };
}

const BASE = { store: false, model: "up", input: [{ role: "user", content: "hi" }] };
const PARAMETERS = { type: "object", properties: { a: { type: "number" } } };
const TOOLS: ChatRequest["tools"] = [{ name: "add", description: "adds", parameters: PARAMETERS, strict: true }, { name: "now" }];
const WRITTEN_TOOLS = [
  { type: "function", name: "add", description: "adds", parameters: PARAMETERS, strict: true },
  { type: "function", name: "now", parameters: { type: "object", properties: {}, required: [], additionalProperties: false }, strict: false },
];
const SCHEMA = { type: "object", properties: {} };

describe("fields", () => {
  const rows: [string, Partial<ChatRequest>, JsonObject, profile?: Partial<Profile>, warned?: string[]][] = [
    ["nothing more than asked, and nothing stored", {}, {}],
    ["a stream", { stream: true }, { stream: true }],
    ["sampling", { temperature: 0.5, topP: 0.9 }, { temperature: 0.5, top_p: 0.9 }],
    [
      "sampling a model has fixed",
      { temperature: 0.5, topP: 0.9 },
      {},
      { ...PLAIN_MODEL, sampling: "fixed" },
      ["temperature was dropped", "top_p was dropped"],
    ],
    ["sampling that stands where the model has it", { temperature: 1, topP: 1 }, {}, { ...PLAIN_MODEL, sampling: "fixed" }],
    ["what the profile drops", { temperature: 0.5, topP: 0.9 }, { top_p: 0.9 }, { ...PLAIN_MODEL, drop: ["temperature", "n"] }, ["temperature was dropped"]],
    ["what it renames for chats", { maxTokens: 50 }, { max_output_tokens: 50 }, { ...PLAIN_MODEL, rename: { max_output_tokens: "max_tokens", model: "m" } }],
    ["a bound", { maxTokens: 500 }, { max_output_tokens: 500 }],
    ["a bound too high", { maxTokens: 500 }, { max_output_tokens: 100 }, { ...PLAIN_MODEL, maxOutput: 100 }, ["max_tokens was lowered from 500 to 100"]],
    ["a bound too low", { maxTokens: 5 }, { max_output_tokens: 16 }, PLAIN_MODEL, ["max_tokens was raised from 5 to 16"]],
    [
      "tools",
      { tools: TOOLS, toolChoice: { type: "required" }, parallelTools: false },
      { tools: WRITTEN_TOOLS, tool_choice: "required", parallel_tool_calls: false },
    ],
    ["one tool", { tools: TOOLS, toolChoice: { type: "tool", name: "now" } }, { tools: WRITTEN_TOOLS, tool_choice: { type: "function", name: "now" } }],
    [
      "some tools",
      { tools: TOOLS, toolChoice: { type: "some", mode: "auto", names: ["now"] } },
      { tools: WRITTEN_TOOLS, tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "now" }] } },
    ],
    ["no tools to choose from", { toolChoice: { type: "auto" }, parallelTools: true }, {}],
    ["a tool that is not there", { toolChoice: { type: "tool", name: "now" } }, { tool_choice: { type: "function", name: "now" } }],
    ["plain text", { format: { type: "text" } }, { text: { format: { type: "text" } } }],
    ["JSON", { format: { type: "json" }, verbosity: "low" }, { text: { format: { type: "json_object" }, verbosity: "low" } }],
    [
      "a schema",
      { format: { type: "json-schema", name: "n", schema: SCHEMA, strict: true, description: "d" } },
      { text: { format: { type: "json_schema", name: "n", schema: SCHEMA, strict: true, description: "d" } } },
    ],
    ["verbosity", { verbosity: "low" }, { text: { verbosity: "low" } }],
    ["verbosity a model has fixed", { verbosity: "low" }, {}, { ...PLAIN_MODEL, drop: ["verbosity"] }, ["verbosity was dropped"]],
    ["log probabilities", { logprobs: { top: 0 } }, { include: ["message.output_text.logprobs"] }],
    ["with alternatives", { logprobs: { top: 3 } }, { top_logprobs: 3, include: ["message.output_text.logprobs"] }],
    ["that a model does not tell", { logprobs: { top: 3 } }, {}, { ...PLAIN_MODEL, drop: ["top_logprobs"] }, ["logprobs was dropped"]],
    ["the end user", { user: "ann" }, { safety_identifier: "ann" }],
    ["an end user of many words", { user: "a".repeat(65) }, { safety_identifier: expect.stringMatching(/^user_[0-9a-f]{28}$/) }],
    ["no end user", { user: "" }, {}],
    [
      "a cache key, a tier, metadata",
      { cacheKey: "k", serviceTier: "flex", metadata: { a: "b" } },
      { prompt_cache_key: "k", service_tier: "flex", metadata: { a: "b" } },
    ],
    ["another family's standard tier", { serviceTier: "standard_only", origin: "anthropic-messages" }, { service_tier: "default" }],
    ["another family's tier of the same name", { serviceTier: "auto", origin: "anthropic-messages" }, { service_tier: "auto" }],
    ["another family's tier", { serviceTier: "batch", origin: "gemini" }, {}, PLAIN_MODEL, ["service_tier batch was dropped"]],
    ["text and nothing else", { modalities: ["text"] }, {}],
    [
      "what both chats say in the same words",
      { extras: { prompt_cache_retention: "24h", moderation: { model: "omni" }, prediction: { type: "content", content: "x" } } },
      { prompt_cache_retention: "24h", moderation: { model: "omni" } },
      PLAIN_MODEL,
      ["prediction was dropped"],
    ],
    ["but not from another family", { extras: { labels: { a: "b" } }, origin: "gemini" }, {}, PLAIN_MODEL, ["labels was dropped"]],
    [
      "a Responses client's own words, where they are not ours to say",
      { extras: { truncation: "auto", store: true, include: ["web_search_call.results"], model: "x" }, origin: "openai-responses" },
      { truncation: "auto", store: true, include: ["web_search_call.results"] },
    ],
    [
      "knobs it does not have",
      { seed: 7, presencePenalty: 1, logitBias: { 1: 1 }, topK: 5, stop: ["END"] },
      {},
      PLAIN_MODEL,
      ["seed, presence_penalty, logit_bias were dropped", "top_k was dropped", "stop was dropped"],
    ],
  ];
  test.each(rows)("%s", (_name, request, fields, profile = PLAIN_MODEL, warned = []) => {
    const { body, warnings } = written(request, profile);
    expect(body).toEqual({ ...BASE, ...fields });
    expect(warnings).toHaveLength(warned.length);
    warned.forEach((start, index) => void expect(warnings[index]).toStartWith(start));
  });
});

describe("thinking", () => {
  const rows: [string, Partial<ChatRequest>, JsonObject, profile?: Partial<Profile>, warned?: string][] = [
    ["is told, and comes back encrypted", {}, { reasoning: { summary: "auto" }, include: ENCRYPTED }],
    ["an effort the model has", { reasoning: { effort: "high" } }, { reasoning: { effort: "high", summary: "auto" }, include: ENCRYPTED }],
    [
      "one it has not",
      { reasoning: { effort: "minimal" } },
      { reasoning: { effort: "low", summary: "auto" }, include: ENCRYPTED },
      THINKER,
      "reasoning_effort minimal became low",
    ],
    ["a budget", { reasoning: { budget: 20_000 } }, { reasoning: { effort: "high", summary: "auto" }, include: ENCRYPTED }],
    ["off", { reasoning: { effort: "none" } }, { reasoning: { effort: "none" }, include: ENCRYPTED }, { thinking: "effort" }],
    [
      "not to be turned off",
      { reasoning: { effort: "none" } },
      { reasoning: { effort: "low", summary: "auto" }, include: ENCRYPTED },
      THINKER,
      "reasoning cannot be turned off",
    ],
    ["not to be shown", { reasoning: { effort: "low", show: false } }, { reasoning: { effort: "low" }, include: ENCRYPTED }],
    ["not to be shown, and nothing else", { reasoning: { show: false } }, { include: ENCRYPTED }],
    [
      "that may not be summarised",
      { reasoning: { effort: "low" } },
      { reasoning: { effort: "low" }, include: ENCRYPTED },
      { ...THINKER, drop: ["reasoning.summary"] },
    ],
    ["of a model that does not", { reasoning: { effort: "high" } }, {}, PLAIN_MODEL, "reasoning_effort was dropped"],
    ["besides log probabilities", { logprobs: { top: 0 } }, { reasoning: { summary: "auto" }, include: ["message.output_text.logprobs", ...ENCRYPTED] }],
  ];
  test.each(rows)("%s", (_name, request, fields, profile = THINKER, warned) => {
    const { body, warnings } = written(request, profile);
    expect(body).toEqual({ ...BASE, ...fields });
    expect(warnings).toHaveLength(warned === undefined ? 0 : 1);
    if (warned !== undefined) expect(warnings[0]).toStartWith(warned);
  });
});

test.each<[string, Partial<ChatRequest>, string]>([
  ["several answers", { choices: 2 }, "n"],
  ["sound", { modalities: ["text", "audio"] }, "modalities"],
  ["pictures", { modalities: ["image"] }, "modalities"],
  ["a search of the web", { extras: { web_search_options: {} } }, "web_search_options"],
])("%s cannot be had", (_name, request, param) => {
  expect(() => written(request)).toThrow(Failure);
  try {
    written(request);
  } catch (failure) {
    expect((failure as Failure).facts.param).toBe(param);
  }
});

test("a model that exists nowhere else is asked without what chats need for it", () => {
  const profile = profileFor("openai", "gpt-5-codex");
  const request: ChatRequest = { ...PLAIN, maxTokens: 100, temperature: 0.2, topK: 4, verbosity: "high", logprobs: { top: 1 }, reasoning: { effort: "max" } };
  const { body, warnings } = openaiResponsesOutbound.write(request, { model: "gpt-5-codex", profile });
  expect(JSON.parse(body)).toEqual({
    ...BASE,
    model: "gpt-5-codex",
    max_output_tokens: 100,
    reasoning: { effort: "high", summary: "auto" },
    include: ENCRYPTED,
  });
  expect(warnings.map((warning) => warning.split(" ", 1)[0])).toEqual(["temperature", "logprobs", "reasoning_effort", "verbosity", "top_k"]);
});

test("equal requests are equal bytes", () => {
  const request: ChatRequest = { ...PLAIN, tools: TOOLS, maxTokens: 20, user: "ann" };
  const write = (one: ChatRequest) => openaiResponsesOutbound.write(one, { model: "up", profile: mergeProfiles(THINKER) }).body;
  expect(write({ user: "ann", maxTokens: 20, ...request })).toBe(write(request));
});
