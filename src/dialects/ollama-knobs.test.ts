import { describe, expect, test } from "bun:test";
import { profileFor } from "../providers/index.ts";
import type { DialectName } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { JsonObject } from "../vocabulary/json.ts";
import { chatOutbound, embeddingsOutbound } from "./index.ts";
import { ollamaEmbedInbound } from "./ollama/inbound/embeddings.ts";
import { type OllamaInbound, ollamaChatInbound, ollamaGenerateInbound } from "./ollama/inbound.ts";
import { incoming } from "./shared/incoming.fixture.ts";

/** What becomes of what Ollama's clients ask, where it is not Ollama who is asked: what is sent, or what its warning or its 400 names. */
type Fate = JsonObject | `warned: ${string}` | `refused: ${string}`;

const UPSTREAMS: readonly [DialectName, kind: string, model: string][] = [
  ["openai-chat", "vllm", "m"],
  ["anthropic-messages", "anthropic", "claude-sonnet-4-5"],
  ["gemini", "gemini", "gemini-2.5-flash"],
  ["openai-completions", "vllm", "m"],
];

function fateAt([dialect, kind, model]: (typeof UPSTREAMS)[number], face: OllamaInbound, body: JsonObject): JsonObject | string {
  try {
    const request = face.readCall(incoming({ model: "public", ...body })).request();
    const outgoing = chatOutbound(dialect).write(request, { model, profile: profileFor(kind, model) });
    return outgoing.warnings.length > 0 ? `warned: ${outgoing.warnings.join(" ")}` : (JSON.parse(outgoing.body) as JsonObject);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return `refused: ${thrown.facts.param}`;
    throw thrown;
  }
}

function check(face: OllamaInbound, body: JsonObject, fates: readonly Fate[]): void {
  UPSTREAMS.forEach((upstream, index) => {
    const [fate, found] = [fates[index], fateAt(upstream, face, body)];
    if (typeof fate === "string") expect(found).toContain(fate);
    else expect(found).toMatchObject(fate ?? {});
  });
}

const everywhere = (fate: Fate): Fate[] => UPSTREAMS.map(() => fate);
const SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };

describe("chats", () => {
  const rows: [JsonObject, Fate[]][] = [
    [{ options: { num_predict: 9 } }, [{ max_tokens: 9 }, { max_tokens: 9 }, { generationConfig: { maxOutputTokens: 9 } }, { max_tokens: 9 }]],
    [{ options: { num_predict: -1 } }, [{ model: "m" }, { max_tokens: expect.any(Number) }, { contents: [{}] }, { max_tokens: expect.any(Number) }]],
    [{ options: { top_k: 5 } }, [{ top_k: 5 }, { top_k: 5 }, { generationConfig: { topK: 5 } }, { top_k: 5 }]],
    [{ options: { num_ctx: 8192, repeat_penalty: 1.1 } }, everywhere("warned: options.num_ctx, options.repeat_penalty were dropped")],
    [{ keep_alive: "5m" }, everywhere("warned: keep_alive was dropped")],
    [
      { format: SCHEMA },
      [
        { response_format: { type: "json_schema", json_schema: { name: "answer", schema: SCHEMA } } },
        { output_config: { format: { type: "json_schema" } } },
        { generationConfig: { responseJsonSchema: SCHEMA } },
        "refused: response_format",
      ],
    ],
    [
      { think: "low" },
      [{ reasoning_effort: "low" }, { thinking: { type: "enabled" } }, { generationConfig: { thinkingConfig: {} } }, "warned: reasoning was dropped"],
    ],
    [{ think: false }, [{ reasoning_effort: "none" }, {}, { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }, { prompt: "hi" }]],
  ];
  test.each(rows)("%j", (asked, fates) => check(ollamaChatInbound, { messages: [{ role: "user", content: "hi" }], ...asked }, fates));
});

describe("prompts", () => {
  const rows: [JsonObject, Fate[]][] = [
    [{}, [{ messages: [{ role: "user" }] }, { messages: [{}] }, { contents: [{}] }, { prompt: "hi" }]],
    [{ system: "be brief" }, [{ messages: [{ role: "system" }, { role: "user" }] }, { system: "be brief" }, { systemInstruction: {} }, "refused: messages"]],
    [{ template: "t", context: [1] }, everywhere("warned: template, context were dropped")],
    [{ raw: true }, ["refused: raw", "refused: raw", "refused: raw", { prompt: "hi" }]],
    [{ suffix: "}" }, ["refused: suffix", "refused: suffix", "refused: suffix", { prompt: "hi", suffix: "}" }]],
  ];
  test.each(rows)("%j", (asked, fates) => check(ollamaGenerateInbound, { prompt: "hi", ...asked }, fates));
});

test("a prompt may not be continued by a chat of Ollama's either", () => {
  expect(fateAt(["ollama", "ollama", "m"], ollamaGenerateInbound, { prompt: "hi", raw: true })).toBe("refused: raw");
});

test.each([
  [{}, [], []],
  [{ truncate: true }, ["truncate was dropped"], []],
  [{ truncate: false, keep_alive: null }, [], []],
  [{ options: { num_ctx: 512 }, keep_alive: "5m" }, ["options.num_ctx, keep_alive were dropped"], []],
] as [JsonObject, string[], string[]][])("embeddings %j", (asked, openai, ollama) => {
  const request = ollamaEmbedInbound.readCall(incoming({ model: "m", input: "hi", ...asked })).request();
  const warnings = (dialect: DialectName, kind: string) =>
    embeddingsOutbound(dialect)
      .write(request, { model: "m", profile: profileFor(kind, "m") })
      .warnings.map((warning) => warning.split(":", 1)[0]);
  expect([warnings("openai-embeddings", "openai"), warnings("ollama-embeddings", "ollama")]).toEqual([openai, ollama]);
});
