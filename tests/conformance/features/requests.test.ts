import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** What a client can ask for, row by row: what each upstream gets of it in its own words, or the field of the 400, and which knob was said to be dropped. */
let fake: FakeUpstream;
let box: TestBox;
const MODELS = { openai: "gpt-4o", mistral: "mistral-large", vllm: "qwen", anthropic: "claude-sonnet-4-5", gemini: "gemini-2.5-flash", ollama: "llama3.2" };
type Kind = keyof typeof MODELS;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(Object.entries(MODELS).map(([kind, model]) => [kind, [{ kind, url: fake.url, model }]])) });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
const TOOL = { type: "function", function: { name: "weather", description: "Weather now", parameters: SCHEMA } };
const GEMINI_TOOLS = [{ functionDeclarations: [{ name: "weather", description: "Weather now" }] }];

/** A part of the upstream's body; `refused`: the 400's field; `dropped`: the knob that the warnings name. */
type Expected = { readonly body: object; readonly dropped?: string } | { readonly refused: string };
interface Feature {
  readonly asked: JsonObject;
  /** Where it differs from what other OpenAI-compatible upstreams get: the client's own fields. */
  readonly mistral?: Expected;
  readonly anthropic: Expected;
  readonly gemini: Expected;
  readonly ollama: Expected;
}

const FEATURES: Readonly<Record<string, Feature>> = {
  "an answer by a schema": {
    asked: { response_format: { type: "json_schema", json_schema: { name: "n", strict: true, schema: SCHEMA } } },
    anthropic: { body: { output_config: { format: { type: "json_schema", schema: SCHEMA } } } },
    gemini: { body: { generationConfig: { responseMimeType: "application/json", responseJsonSchema: SCHEMA } } },
    ollama: { body: { format: SCHEMA } },
  },
  "an answer in JSON": {
    asked: { response_format: { type: "json_object" } },
    anthropic: { body: { system: expect.stringContaining("JSON object") } },
    gemini: { body: { generationConfig: { responseMimeType: "application/json" } } },
    ollama: { body: { format: "json" } },
  },
  "stop sequences": {
    asked: { stop: ["END"] },
    anthropic: { body: { stop_sequences: ["END"] } },
    gemini: { body: { generationConfig: { stopSequences: ["END"] } } },
    ollama: { body: { options: { stop: ["END"] } } },
  },
  "a tool it may call": {
    asked: { tools: [TOOL] },
    anthropic: { body: { tools: [{ name: "weather", description: "Weather now", input_schema: SCHEMA }] } },
    gemini: { body: { tools: GEMINI_TOOLS } },
    ollama: { body: { tools: [TOOL] } },
  },
  "a tool it must call": {
    asked: { tools: [TOOL], tool_choice: "required" },
    anthropic: { body: { tool_choice: { type: "any" } } },
    gemini: { body: { toolConfig: { functionCallingConfig: { mode: "ANY" } } } },
    ollama: { refused: "tool_choice" },
  },
  "this tool": {
    asked: { tools: [TOOL], tool_choice: { type: "function", function: { name: "weather" } } },
    anthropic: { body: { tool_choice: { type: "tool", name: "weather" } } },
    gemini: { body: { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } } } },
    ollama: { refused: "tool_choice" },
  },
  "no tool now": {
    asked: { tools: [TOOL], tool_choice: "none" },
    anthropic: { body: { tool_choice: { type: "none" } } },
    gemini: { body: { toolConfig: { functionCallingConfig: { mode: "NONE" } } } },
    ollama: { body: {} },
  },
  "one call at a time": {
    asked: { tools: [TOOL], parallel_tool_calls: false },
    anthropic: { body: { tool_choice: { type: "auto", disable_parallel_tool_use: true } } },
    gemini: { body: { tools: GEMINI_TOOLS }, dropped: "parallel_tool_calls" },
    ollama: { body: { tools: [TOOL] }, dropped: "parallel_tool_calls" },
  },
  "a little thinking": {
    asked: { reasoning_effort: "low" },
    anthropic: { body: { thinking: { type: "enabled" } } },
    gemini: { body: { generationConfig: { thinkingConfig: { includeThoughts: true } } } },
    // Ollama lets every model think that can when nothing is said, and refuses `think: true` where it cannot.
    ollama: { body: { stream: false } },
  },
  "no thinking": {
    asked: { reasoning_effort: "none" },
    anthropic: { body: { thinking: { type: "disabled" } } },
    gemini: { body: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } } },
    ollama: { body: { think: false } },
  },
  sampling: {
    asked: { temperature: 0.5, seed: 5, max_tokens: 10 },
    mistral: { body: { temperature: 0.5, random_seed: 5, max_tokens: 10 } },
    anthropic: { body: { temperature: 0.5, max_tokens: 10 }, dropped: "seed" },
    gemini: { body: { generationConfig: { temperature: 0.5, seed: 5, maxOutputTokens: 10 } } },
    ollama: { body: { options: { temperature: 0.5, seed: 5, num_predict: 10 } } },
  },
  "log probabilities": {
    asked: { logprobs: true, top_logprobs: 2 },
    mistral: { body: {}, dropped: "logprobs" },
    anthropic: { body: {}, dropped: "logprobs" },
    gemini: { body: { generationConfig: { responseLogprobs: true, logprobs: 2 } } },
    ollama: { body: { logprobs: true, top_logprobs: 2 } },
  },
  "two answers": {
    asked: { n: 2 },
    anthropic: { refused: "n" },
    gemini: { body: { generationConfig: { candidateCount: 2 } } },
    ollama: { refused: "n" },
  },
};

for (const [name, feature] of Object.entries(FEATURES)) {
  describe(name, () => {
    const same = { body: feature.asked };
    const rows: [Kind, Expected][] = [
      ["openai", same],
      ["vllm", same],
      ["mistral", feature.mistral ?? same],
      ["anthropic", feature.anthropic],
      ["gemini", feature.gemini],
      ["ollama", feature.ollama],
    ];
    test.each(rows)("%s", async (kind, expected) => {
      fake.forget();
      const response = await box.post("/v1/chat/completions", { model: kind, messages: [{ role: "user", content: "hi" }], ...feature.asked });
      const answer = objectOf(await response.json());
      if ("refused" in expected) {
        expect([response.status, objectOf(answer["error"])["param"], fake.seen.length]).toEqual([400, expected.refused, 0]);
        return;
      }
      expect([response.status, answer["error"]]).toEqual([200, undefined]);
      expect(objectOf(fake.seen[0]?.json)).toMatchObject(expected.body);
      const warnings = response.headers.get("x-signalbox-warnings");
      if (expected.dropped === undefined) expect(warnings).toBeNull();
      else expect(warnings).toContain(expected.dropped);
    });
  });
}
