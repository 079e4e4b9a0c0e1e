import type { FinishReason } from "../../../../src/vocabulary/events.ts";
import { type Json, type JsonObject, objectOf } from "../../../../src/vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, type Asked, argumentPieces, CREATED, numberIn, type WholeAnswer } from "./answer.ts";

/** OpenAI's `usage`: the prompt count includes what was cached. */
export function openaiUsage(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, audio_tokens: usage.audioInput },
    completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: usage.audioOutput },
  };
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "stop",
  pause: "stop",
};

/** OpenAI's `finish_reason`. */
export function openaiFinish(reason: FinishReason): string {
  return FINISH[reason];
}

/** OpenAI's error body. */
export function openaiError(status: number, message: string): Json {
  return {
    error: { message, type: status === 429 ? "rate_limit_exceeded" : status >= 500 ? "server_error" : "invalid_request_error", param: null, code: null },
  };
}

function logprobsOf(tokens: readonly string[]): Json {
  return { content: tokens.map((token) => ({ token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [] })), refusal: null };
}

function wantsUsage(asked: Asked): boolean {
  return objectOf(asked.json.stream_options).include_usage === true;
}

export const openaiChat: AnswerDialect = {
  unary(asked, answer) {
    const message: JsonObject = { role: "assistant", content: answer.text.length > 0 ? answer.text.join("") : null, refusal: answer.refusal ?? null };
    if (answer.thinking.length > 0) message.reasoning_content = answer.thinking.join("");
    if (answer.toolCalls.length > 0)
      message.tool_calls = answer.toolCalls.map(({ id, name, arguments: text }) => ({ id, type: "function", function: { name, arguments: text } }));
    const choices = Array.from({ length: numberIn(asked.json, "n", 1) }, (_, index) => ({
      index,
      message,
      logprobs: asked.json.logprobs === true ? logprobsOf(answer.text) : null,
      finish_reason: openaiFinish(answer.finish),
    }));
    const body: JsonObject = { id: `chatcmpl-fake-${asked.index}`, object: "chat.completion", created: CREATED, model: asked.model, choices };
    if (answer.usage) body.usage = openaiUsage(answer.usage);
    return { ...body, system_fingerprint: "fp_fake" };
  },

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    const many = numberIn(asked.json, "n", 1);
    const push = (kind: AnswerFrame["kind"], rest: JsonObject) => {
      const body: JsonObject = { id: `chatcmpl-fake-${asked.index}`, object: "chat.completion.chunk", created: CREATED, model: asked.model, ...rest };
      if (wantsUsage(asked) && rest.usage === undefined) body.usage = null;
      frames.push({ kind, data: JSON.stringify(body) });
    };
    const say = (kind: AnswerFrame["kind"], delta: JsonObject, more: JsonObject = {}) => {
      for (let index = 0; index < many; index++) push(kind, { choices: [{ index, delta, logprobs: null, finish_reason: null, ...more }] });
    };
    say("start", { role: "assistant", content: "", refusal: null });
    for (const text of answer.thinking) say("content", { reasoning_content: text });
    for (const text of answer.text) say("content", { content: text }, asked.json.logprobs === true ? { logprobs: logprobsOf([text]) } : {});
    if (answer.refusal !== undefined) say("content", { refusal: answer.refusal });
    pushToolCalls(answer, (delta) => say("content", delta));
    say("finish", {}, { finish_reason: openaiFinish(answer.finish) });
    if (answer.usage && wantsUsage(asked)) push("usage", { choices: [], usage: openaiUsage(answer.usage) });
    frames.push({ kind: "end", data: "[DONE]" });
    return frames;
  },

  framing: () => "sse",
  error: openaiError,
  errorFrame: (message) => ({ kind: "error", data: JSON.stringify(openaiError(500, message)) }),
};

/** A call opens with id and name just before its first arguments, so interleaved calls open early. */
function pushToolCalls(answer: WholeAnswer, say: (delta: JsonObject) => void): void {
  const opened = new Set<number>();
  for (const piece of argumentPieces(answer)) {
    const call = answer.toolCalls[piece.call];
    if (!opened.has(piece.call) && call) {
      say({ tool_calls: [{ index: piece.call, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] });
      opened.add(piece.call);
    }
    say({ tool_calls: [{ index: piece.call, function: { arguments: piece.text } }] });
  }
}
