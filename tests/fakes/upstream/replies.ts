import { type Json, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type AnswerDialect, type Asked, wholeAnswer } from "./answers/answer.ts";
import { anthropicMessages } from "./answers/anthropic-messages.ts";
import { geminiEmbeddings, ollamaEmbeddings, openaiEmbeddings } from "./answers/embeddings.ts";
import { gemini } from "./answers/gemini.ts";
import { anthropicModels, geminiModels, ollamaTags, openaiModels } from "./answers/models.ts";
import { ollama } from "./answers/ollama.ts";
import { openaiChat } from "./answers/openai-chat.ts";
import { openaiCompletions } from "./answers/openai-completions.ts";
import { openaiResponses } from "./answers/openai-responses.ts";
import { type OtherAnswer, otherAnswer } from "./answers/others.ts";
import type { Behaviour, ScriptedReply } from "./behaviours.ts";
import { type AnswerFrame, type Framing, frameBytes } from "./framing.ts";

/** A reply with bytes, before delays, cuts and chunking. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One element per frame; a unary body is one frame. */
  readonly frames: readonly Uint8Array[];
  readonly streamed: boolean;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: Json | undefined;
  readonly model: string;
  readonly index: number;
}

const CONTENT_TYPES: Readonly<Record<Framing, string>> = {
  sse: "text/event-stream; charset=utf-8",
  ndjson: "application/x-ndjson",
  "json-array": "application/json; charset=UTF-8",
};

/** The model a request is about: in the body, or in Gemini's path; empty when in neither. */
export function modelOf(path: string, json: Json | undefined): string {
  const inPath = /\/models\/([^/:?]+)(?::|$)/.exec(path)?.[1];
  return stringOf(objectOf(json).model) ?? (inPath === undefined ? "" : decodeURIComponent(inPath));
}

/** What the fake would reply if it behaved in time and on the wire: the answer or the error, in the dialect of the path. */
export function replyTo(request: FakeRequest, behaviour: Behaviour, models: readonly string[]): Reply {
  const dialect = dialectOf(request.path);
  if (behaviour.reply) return scriptedReply(behaviour.reply, dialect);
  if (request.method === "GET") return listReply(request, models);
  if (request.json === undefined) return jsonReply(400, (dialect ?? openaiChat).error(400, "The body is not JSON."));

  const asked = askedOf(request);
  const answer = wholeAnswer(asked, behaviour.answer);
  const counted = answer.usage?.input ?? 0;
  const path = request.path;
  if (/\/embeddings(\?|$)/.test(path)) return jsonReply(200, openaiEmbeddings(asked, answer));
  if (path.startsWith("/api/embed")) return jsonReply(200, ollamaEmbeddings(asked, answer));
  if (/:(batchEmbedContents|embedContent)/.test(path)) return jsonReply(200, geminiEmbeddings(asked));
  if (path.includes("/messages/count_tokens")) return jsonReply(200, { input_tokens: counted });
  if (path.includes(":countTokens")) return jsonReply(200, { totalTokens: counted });
  if (path.includes("/responses/input_tokens")) return jsonReply(200, { object: "response.input_tokens", input_tokens: counted });
  const other = otherAnswer(asked, answer);
  if (other !== undefined) return otherReply(other, behaviour);
  if (!dialect) return jsonReply(404, openaiChat.error(404, `The fake has nothing at ${path}.`));
  if (!asked.stream) return jsonReply(200, dialect.unary(asked, answer));

  const framing = dialect.framing(asked);
  const frames = scriptedFrames(dialect.frames(asked, answer), dialect, behaviour);
  return { status: 200, headers: { "content-type": CONTENT_TYPES[framing] }, frames: frameBytes(frames, framing, behaviour.framing), streamed: true };
}

function otherReply(other: OtherAnswer, behaviour: Behaviour): Reply {
  if ("json" in other) return jsonReply(200, other.json);
  if ("bytes" in other) return { status: 200, headers: { "content-type": other.contentType }, frames: other.bytes, streamed: true };
  const frames = scriptedFrames(other.frames, openaiChat, behaviour);
  return { status: 200, headers: { "content-type": CONTENT_TYPES.sse }, frames: frameBytes(frames, "sse", behaviour.framing), streamed: true };
}

function dialectOf(path: string): AnswerDialect | undefined {
  if (/\/chat\/completions(\?|$)/.test(path)) return openaiChat;
  if (/\/completions(\?|$)/.test(path)) return openaiCompletions;
  if (/\/responses(\?|\/|$)/.test(path)) return openaiResponses;
  if (/\/messages(\?|\/|$)/.test(path)) return anthropicMessages;
  if (/\/models\/[^/]+:/.test(path) || path.startsWith("/v1beta/")) return gemini;
  if (path.startsWith("/api/")) return ollama;
  return undefined;
}

function askedOf(request: FakeRequest): Asked {
  const json = objectOf(request.json);
  const stream = request.path.startsWith("/api/")
    ? json.stream !== false
    : json.stream === true || json.stream_format === "sse" || request.path.includes(":streamGenerateContent");
  return { model: request.model, json, path: request.path, index: request.index, stream };
}

function listReply(request: FakeRequest, models: readonly string[]): Reply {
  if (request.path.startsWith("/api/tags")) return jsonReply(200, ollamaTags(models));
  if (request.path.startsWith("/api/version")) return jsonReply(200, { version: "0.0.0-fake" });
  if (/^\/v1beta\/models(\?|$)/.test(request.path)) return jsonReply(200, geminiModels(models));
  if (/\/models(\?|$)/.test(request.path)) return jsonReply(200, "anthropic-version" in request.headers ? anthropicModels(models) : openaiModels(models));
  if (/\/health$/.test(request.path)) return jsonReply(200, {});
  return jsonReply(404, openaiChat.error(404, `The fake has nothing at ${request.path}.`));
}

function jsonReply(status: number, body: Json): Reply {
  return { status, headers: { "content-type": "application/json" }, frames: [Buffer.from(JSON.stringify(body))], streamed: false };
}

function scriptedReply(reply: ScriptedReply, dialect: AnswerDialect | undefined): Reply {
  const status = reply.status ?? 200;
  if (reply.frames) return { status, headers: reply.headers ?? {}, frames: reply.frames.map((frame) => Buffer.from(frame)), streamed: true };
  const body = reply.body ?? (dialect ?? openaiChat).error(status, `The fake was told to answer ${status}.`);
  if (!(body instanceof Uint8Array) && typeof body !== "string") {
    const plain = jsonReply(status, body);
    return { ...plain, headers: { ...plain.headers, ...reply.headers } };
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return { status, headers: reply.headers ?? {}, frames: bytes.length > 0 ? [bytes] : [], streamed: false };
}

function scriptedFrames(frames: readonly AnswerFrame[], dialect: AnswerDialect, behaviour: Behaviour): AnswerFrame[] {
  const kept = frames.filter((frame) => !behaviour.drop?.includes(frame.kind));
  const error = behaviour.errorFrame;
  if (!error) return kept;
  const usual = dialect.errorFrame("The fake broke in the middle of its answer.");
  const frame: AnswerFrame = { kind: "error", event: error.event ?? usual.event, data: error.data ?? usual.data };
  return [...kept.slice(0, error.afterFrames), frame, ...(error.goesOn ? kept.slice(error.afterFrames) : [])];
}

/** JSON of a body, or `undefined` when it is none. */
export function jsonOf(body: Uint8Array): Json | undefined {
  return parseJson(new TextDecoder().decode(body));
}
