import { ndjsonReader, sseReader } from "../../src/upstream/frames.ts";
import type { DialectName, Frame } from "../../src/vocabulary/dialect.ts";
import { type Json, type JsonObject, parseJson } from "../../src/vocabulary/json.ts";
import { type AnswerDialect, type Asked, wholeAnswer } from "../fakes/upstream/answers/answer.ts";
import { anthropicMessages } from "../fakes/upstream/answers/anthropic-messages.ts";
import { geminiEmbeddings, ollamaEmbeddings, openaiEmbeddings } from "../fakes/upstream/answers/embeddings.ts";
import { gemini } from "../fakes/upstream/answers/gemini.ts";
import { ollama } from "../fakes/upstream/answers/ollama.ts";
import { openaiChat } from "../fakes/upstream/answers/openai-chat.ts";
import { openaiCompletions } from "../fakes/upstream/answers/openai-completions.ts";
import { openaiResponses } from "../fakes/upstream/answers/openai-responses.ts";
import { recordings, responseBytes } from "../recordings/recordings.ts";

/** What is mutated: sound documents of every dialect. */
export interface Seeds {
  readonly requests: readonly JsonObject[];
  /** The same for `/v1/messages`. */
  readonly messages: readonly JsonObject[];
  readonly answers: readonly SeedAnswer[];
  readonly refusals: readonly Json[];
  readonly embeddings: readonly { readonly dialect: DialectName; readonly json: Json }[];
}

/** An answer of an upstream: one document, or the frames of a stream. */
export interface SeedAnswer {
  readonly dialect: DialectName;
  readonly whole?: Json;
  readonly frames?: readonly Frame[];
}

const FAKES: readonly (readonly [DialectName, AnswerDialect])[] = [
  ["openai-chat", openaiChat],
  ["openai-responses", openaiResponses],
  ["openai-completions", openaiCompletions],
  ["anthropic-messages", anthropicMessages],
  ["gemini", gemini],
  ["ollama", ollama],
];

const REQUEST: JsonObject = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
      ],
    },
    { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }] },
    { role: "tool", tool_call_id: "call_1", content: "found" },
  ],
  tools: [
    { type: "function", function: { name: "f", description: "d", strict: true, parameters: { type: "object", properties: { a: { type: "integer" } } } } },
  ],
  tool_choice: { type: "function", function: { name: "f" } },
  response_format: { type: "json_schema", json_schema: { name: "s", schema: { type: "object", properties: { a: { enum: ["b"] } } } } },
  max_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ["END"],
  seed: 1,
  n: 1,
  logprobs: true,
  top_logprobs: 2,
  reasoning_effort: "low",
  parallel_tool_calls: false,
  stream: true,
  stream_options: { include_usage: true },
  metadata: { user: "ann" },
};

const MESSAGES: JsonObject = {
  model: "m",
  max_tokens: 2000,
  system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        { type: "document", title: "T", context: "C", source: { type: "text", media_type: "text/plain", data: "words" }, citations: { enabled: true } },
      ],
    },
    { role: "system", content: [{ type: "tool_addition", tool: { type: "tool_reference", name: "g" } }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "sig" },
        { type: "redacted_thinking", data: "xx" },
        { type: "text", text: "see", citations: [{ type: "web_search_result_location", url: "https://a", encrypted_index: "" }] },
        { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "g" }], is_error: true }] },
  ],
  tools: [
    { name: "f", description: "d", strict: true, input_schema: { type: "object", properties: { a: { type: "integer" } } } },
    { name: "g", defer_loading: true, input_schema: { type: "object" } },
    { type: "bash_20250124", name: "bash" },
  ],
  tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
  thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" },
  output_config: { effort: "high", format: { type: "json_schema", schema: { type: "object", properties: { a: { enum: ["b"] } } } } },
  stop_sequences: ["END"],
  temperature: 0.5,
  top_k: 5,
  metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
  service_tier: "standard_only",
  context_management: { edits: [] },
  stream: true,
};

/** Made by hand and by the fake upstream; always there. */
export function madeSeeds(): Seeds {
  const asked: Asked = { model: "m", json: REQUEST, path: "/models/m:streamGenerateContent?alt=sse", index: 0, stream: true };
  const said = wholeAnswer(asked, {
    text: "one two three",
    thinking: "let me see",
    signature: "c2ln",
    toolCalls: [
      { name: "f", arguments: { a: 1 } },
      { name: "f", arguments: { a: 2 } },
    ],
  });
  return {
    requests: [REQUEST],
    messages: [MESSAGES],
    answers: FAKES.flatMap(([dialect, fake]) => [
      { dialect, whole: fake.unary({ ...asked, stream: false }, said) },
      { dialect, frames: fake.frames(asked, said).map(({ event = "", data }) => frame(event, data)) },
    ]),
    refusals: FAKES.map(([, fake]) => fake.error(429, "Too many tokens, slow down.")),
    embeddings: [
      { dialect: "openai-embeddings", json: openaiEmbeddings({ ...asked, json: { input: ["a", "b"] } }, said) },
      { dialect: "ollama-embeddings", json: ollamaEmbeddings({ ...asked, json: { input: ["a", "b"] } }, said) },
      {
        dialect: "gemini-embeddings",
        json: geminiEmbeddings({ ...asked, path: "/models/m:batchEmbedContents", json: { requests: [{ content: { parts: [{ text: "a" }] } }] } }),
      },
    ],
  };
}

const RECORDED: Readonly<Record<string, DialectName>> = {
  chat_completions: "openai-chat",
  responses: "openai-responses",
  completions: "openai-completions",
  anthropic_messages: "anthropic-messages",
  gemini_generate: "gemini",
  ollama_chat: "ollama",
};

/** Of real traffic; empty where the recordings are not beside the repository. */
export function recordedSeeds(): Seeds {
  const answered = recordings({ ok: true });
  return {
    requests: recordings({ api: "chat_completions" }).flatMap(({ request: { body } }) => (isDocument(body) ? [body] : [])),
    messages: recordings({ api: "anthropic_messages" }).flatMap(({ request: { body } }) => (isDocument(body) ? [body] : [])),
    answers: answered.flatMap((recording): SeedAnswer[] => {
      const dialect = RECORDED[recording.api];
      if (dialect === undefined) return [];
      if (isDocument(recording.response.body)) return [{ dialect, whole: recording.response.body }];
      if (recording.stream !== "sse" && recording.stream !== "ndjson") return [];
      const reader = recording.stream === "sse" ? sseReader() : ndjsonReader();
      return [{ dialect, frames: [...reader.feed(responseBytes(recording.response)), ...reader.flush()].filter(({ data }) => data !== "") }];
    }),
    refusals: recordings({ ok: false }).flatMap(({ response: { body } }) => (isDocument(body) ? [body] : [])),
    embeddings: answered.flatMap(({ api, response: { body } }) => {
      const dialect = ({ embeddings: "openai-embeddings", gemini_embed: "gemini-embeddings", ollama_embed: "ollama-embeddings" } as const)[api];
      return dialect !== undefined && isDocument(body) ? [{ dialect, json: body }] : [];
    }),
  };
}

/** The frame with other data. */
export function frame(event: string, data: string): Frame {
  return { event, data, raw: Buffer.from(`data: ${data}\n\n`) };
}

/** The frame's data as JSON; `undefined` for `[DONE]`. */
export function jsonIn({ data }: Frame): Json | undefined {
  return parseJson(data);
}

function isDocument(body: Json): body is JsonObject {
  return typeof body === "object" && body !== null;
}
