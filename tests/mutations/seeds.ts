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
import { CHAT, COMPLETIONS, EMBEDDINGS, GEMINI, GEMINI_EMBED, GENERATE, MESSAGES, OLLAMA, OLLAMA_EMBED, RESPONSES } from "./documents.ts";

/** What is mutated: sound documents of every dialect. */
export interface Seeds {
  /** By the name of the dialect that they are said in. */
  readonly requests: Readonly<Record<string, readonly JsonObject[]>>;
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

/** Made by hand and by the fake upstream; always there. */
export function madeSeeds(): Seeds {
  const asked: Asked = { model: "m", json: CHAT, path: "/models/m:streamGenerateContent?alt=sse", index: 0, stream: true };
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
    requests: {
      "openai-chat": [CHAT],
      "openai-completions": [COMPLETIONS],
      "openai-responses": [RESPONSES],
      "anthropic-messages": [MESSAGES],
      gemini: [GEMINI],
      ollama: [OLLAMA],
      "ollama-generate": [GENERATE],
      "openai-embeddings": [EMBEDDINGS],
      "gemini-embeddings": [GEMINI_EMBED],
      "ollama-embeddings": [OLLAMA_EMBED],
    },
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
  ollama_generate: "ollama-generate",
  embeddings: "openai-embeddings",
  gemini_embed: "gemini-embeddings",
  ollama_embed: "ollama-embeddings",
};
const EMBEDDINGS_IN: ReadonlySet<DialectName | undefined> = new Set(["openai-embeddings", "gemini-embeddings", "ollama-embeddings"]);

/** Of real traffic; empty where the recordings are not beside the repository. */
export function recordedSeeds(): Seeds {
  const answered = recordings({ ok: true });
  return {
    requests: Object.fromEntries(Object.entries(RECORDED).map(([api, dialect]) => [dialect, asked(api)])),
    answers: answered.flatMap((recording): SeedAnswer[] => {
      const dialect = RECORDED[recording.api];
      if (dialect === undefined || EMBEDDINGS_IN.has(dialect)) return [];
      if (isDocument(recording.response.body)) return [{ dialect, whole: recording.response.body }];
      if (recording.stream !== "sse" && recording.stream !== "ndjson") return [];
      const reader = recording.stream === "sse" ? sseReader() : ndjsonReader();
      return [{ dialect, frames: [...reader.feed(responseBytes(recording.response)), ...reader.flush()].filter(({ data }) => data !== "") }];
    }),
    refusals: recordings({ ok: false }).flatMap(({ response: { body } }) => (isDocument(body) ? [body] : [])),
    embeddings: answered.flatMap(({ api, response: { body } }) => {
      const dialect = RECORDED[api];
      return dialect !== undefined && EMBEDDINGS_IN.has(dialect) && isDocument(body) ? [{ dialect, json: body }] : [];
    }),
  };
}

/** The requests of such recordings. */
function asked(api: string): JsonObject[] {
  return recordings({ api }).flatMap(({ request: { body } }) => (isDocument(body) ? [body] : []));
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
