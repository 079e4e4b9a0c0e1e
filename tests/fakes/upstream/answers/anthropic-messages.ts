import type { FinishReason } from "../../../../src/vocabulary/events.ts";
import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import type { Usage } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, argumentPieces, argumentsObject, type WholeAnswer } from "./answer.ts";

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
};

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

/** Anthropic's `usage`: `input_tokens` excludes what was read from or written to the cache. */
function anthropicUsage(usage: Usage, output: number): JsonObject {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite5m, ephemeral_1h_input_tokens: usage.cacheWrite1h },
    output_tokens: output,
    service_tier: "standard",
  };
}

function textOf(answer: WholeAnswer): readonly string[] {
  return answer.refusal === undefined ? answer.text : [...answer.text, answer.refusal];
}

export const anthropicMessages: AnswerDialect = {
  unary(asked, answer) {
    const content: Json[] = [];
    if (answer.thinking.length > 0) content.push({ type: "thinking", thinking: answer.thinking.join(""), signature: answer.signature ?? "c2lnbmF0dXJl" });
    if (textOf(answer).length > 0) content.push({ type: "text", text: textOf(answer).join("") });
    for (const call of answer.toolCalls) content.push({ type: "tool_use", id: call.id, name: call.name, input: argumentsObject(call) });
    const body: JsonObject = { id: `msg_fake_${asked.index}`, type: "message", role: "assistant", model: asked.model, content };
    Object.assign(body, { stop_reason: FINISH[answer.finish], stop_sequence: null });
    if (answer.usage) body.usage = anthropicUsage(answer.usage, answer.usage.output);
    return body;
  },

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    const push = (kind: AnswerFrame["kind"], body: JsonObject & { type: string }) => frames.push({ kind, event: body.type, data: JSON.stringify(body) });
    let blocks = 0;
    const open = (block: JsonObject): number => {
      push("content", { type: "content_block_start", index: blocks, content_block: block });
      return blocks++;
    };
    const change = (index: number, delta: JsonObject) => push("content", { type: "content_block_delta", index, delta });
    const close = (index: number) => push("content", { type: "content_block_stop", index });

    const message: JsonObject = { id: `msg_fake_${asked.index}`, type: "message", role: "assistant", model: asked.model, content: [], stop_reason: null };
    message.stop_sequence = null;
    if (answer.usage) message.usage = anthropicUsage(answer.usage, 1);
    push("start", { type: "message_start", message });
    push("start", { type: "ping" });

    if (answer.thinking.length > 0) {
      const index = open({ type: "thinking", thinking: "", signature: "" });
      for (const text of answer.thinking) change(index, { type: "thinking_delta", thinking: text });
      change(index, { type: "signature_delta", signature: answer.signature ?? "c2lnbmF0dXJl" });
      close(index);
    }
    if (textOf(answer).length > 0) {
      const index = open({ type: "text", text: "" });
      for (const text of textOf(answer)) change(index, { type: "text_delta", text });
      close(index);
    }
    const indexes = new Map<number, number>();
    const left = answer.toolCalls.map((call) => call.arguments.length);
    for (const piece of argumentPieces(answer)) {
      const call = answer.toolCalls[piece.call];
      if (!call) continue;
      const index = indexes.get(piece.call) ?? open({ type: "tool_use", id: call.id, name: call.name, input: {} });
      indexes.set(piece.call, index);
      change(index, { type: "input_json_delta", partial_json: piece.text });
      const rest = (left[piece.call] ?? 0) - piece.text.length;
      left[piece.call] = rest;
      if (rest <= 0) close(index);
    }

    const usage = answer.usage && { ...anthropicUsage(answer.usage, answer.usage.output) };
    push("finish", { type: "message_delta", delta: { stop_reason: FINISH[answer.finish], stop_sequence: null }, ...(usage ? { usage } : {}) });
    push("end", { type: "message_stop" });
    return frames;
  },

  framing: () => "sse",
  error: anthropicError,
  errorFrame: (message) => ({ kind: "error", event: "error", data: JSON.stringify(anthropicError(529, message)) }),
};

function anthropicError(status: number, message: string): Json {
  return { type: "error", error: { type: ERROR_TYPES[status] ?? "api_error", message }, request_id: "req_fake" };
}
