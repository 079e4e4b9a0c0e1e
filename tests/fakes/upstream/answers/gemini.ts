import type { FinishReason } from "../../../../src/vocabulary/events.ts";
import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, type Asked, argumentsObject, type WholeAnswer } from "./answer.ts";

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  length: "MAX_TOKENS",
  "tool-calls": "STOP",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
  pause: "STOP",
};

const ERROR_STATUS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
  529: "UNAVAILABLE",
};

/** Gemini's counts: the prompt includes what was cached, the candidates exclude the thoughts. */
function usageMetadata(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const metadata: JsonObject = { promptTokenCount: prompt, candidatesTokenCount: usage.output - usage.reasoning, totalTokenCount: prompt + usage.output };
  if (usage.cacheRead > 0) metadata.cachedContentTokenCount = usage.cacheRead;
  if (usage.reasoning > 0) metadata.thoughtsTokenCount = usage.reasoning;
  return metadata;
}

function partsOf(answer: WholeAnswer, join: boolean): JsonObject[] {
  const gather = (pieces: readonly string[]) => (join && pieces.length > 0 ? [pieces.join("")] : pieces);
  const parts: JsonObject[] = gather(answer.thinking).map((text) => ({ text, thought: true }));
  for (const text of gather(answer.text)) parts.push({ text });
  if (answer.refusal !== undefined) parts.push({ text: answer.refusal });
  for (const call of answer.toolCalls) parts.push({ functionCall: { name: call.name, args: argumentsObject(call) } });
  const signed = answer.signature === undefined ? undefined : (parts.find((part) => part.functionCall !== undefined) ?? parts.at(-1));
  if (signed) signed.thoughtSignature = answer.signature;
  return parts;
}

function body(asked: Asked, answer: WholeAnswer, candidates: Json[]): JsonObject {
  const whole: JsonObject = { candidates, modelVersion: asked.model, responseId: `fake-${asked.index}` };
  if (answer.usage) whole.usageMetadata = usageMetadata(answer.usage);
  return whole;
}

function choicesOf(asked: Asked): number {
  const config = asked.json.generationConfig;
  const count = typeof config === "object" && config !== null && !Array.isArray(config) ? config.candidateCount : undefined;
  return typeof count === "number" ? count : 1;
}

export const gemini: AnswerDialect = {
  unary(asked, answer) {
    const content = { parts: partsOf(answer, true), role: "model" };
    const candidates = Array.from({ length: choicesOf(asked) }, (_, index) => ({ content, finishReason: FINISH[answer.finish], index }));
    return body(asked, answer, candidates);
  },

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    for (const part of partsOf(answer, false)) {
      for (let index = 0; index < choicesOf(asked); index++) {
        frames.push({ kind: "content", data: JSON.stringify(body(asked, answer, [{ content: { parts: [part], role: "model" }, index }])) });
      }
    }
    for (let index = 0; index < choicesOf(asked); index++) {
      const candidate = { content: { parts: [{ text: "" }], role: "model" }, finishReason: FINISH[answer.finish], index };
      frames.push({ kind: "finish", data: JSON.stringify(body(asked, answer, [candidate])) });
    }
    return frames;
  },

  /** Without `alt=sse` the stream is one JSON array that grows. */
  framing: (asked) => (/[?&]alt=sse\b/.test(asked.path) ? "sse" : "json-array"),
  error: geminiError,
  errorFrame: (message) => ({ kind: "error", data: JSON.stringify(geminiError(503, message)) }),
};

function geminiError(status: number, message: string): Json {
  return { error: { code: status, message, status: ERROR_STATUS[status] ?? "UNKNOWN" } };
}
