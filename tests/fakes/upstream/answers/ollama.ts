import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { promptTokens } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, type Asked, argumentsObject, type WholeAnswer } from "./answer.ts";

const CREATED_AT = "2023-11-14T22:13:20Z";

/** Where a line keeps the message: `/api/generate` has none and spreads it. */
type Shape = (message: JsonObject) => JsonObject;

const chat: Shape = (message) => ({ message: { role: "assistant", content: "", ...message } });

const generate: Shape = ({ content = "", ...rest }) => ({ response: content, ...rest });

function line(asked: Asked, message: JsonObject, rest: JsonObject): JsonObject {
  const shape = asked.path.startsWith("/api/generate") ? generate : chat;
  return { model: asked.model, created_at: CREATED_AT, ...shape(message), ...rest };
}

/** The last line: durations in nanoseconds, counts, and why it stopped (tool calls stop with `stop` too). */
function lastFields(answer: WholeAnswer): JsonObject {
  const fields: JsonObject = { done: true, done_reason: answer.finish === "length" ? "length" : "stop", total_duration: 5_000_000, load_duration: 1_000_000 };
  if (answer.usage) Object.assign(fields, { prompt_eval_count: promptTokens(answer.usage), eval_count: answer.usage.output });
  return fields;
}

function toolCallsOf(answer: WholeAnswer): Json[] {
  return answer.toolCalls.map((call) => ({ function: { name: call.name, arguments: argumentsObject(call) } }));
}

export const ollama: AnswerDialect = {
  unary(asked, answer) {
    const message: JsonObject = { content: [...answer.text, answer.refusal ?? ""].join("") };
    if (answer.thinking.length > 0) message.thinking = answer.thinking.join("");
    if (answer.toolCalls.length > 0) message.tool_calls = toolCallsOf(answer);
    return line(asked, message, lastFields(answer));
  },

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    const push = (kind: AnswerFrame["kind"], message: JsonObject, rest: JsonObject = { done: false }) =>
      frames.push({ kind, data: JSON.stringify(line(asked, message, rest)) });
    for (const thinking of answer.thinking) push("content", { thinking });
    for (const content of answer.text) push("content", { content });
    if (answer.refusal !== undefined) push("content", { content: answer.refusal });
    for (const call of toolCallsOf(answer)) push("content", { tool_calls: [call] });
    push("finish", {}, lastFields(answer));
    return frames;
  },

  framing: () => "ndjson",
  error: (_status, message) => ({ error: message }),
  errorFrame: (message) => ({ kind: "error", data: JSON.stringify({ error: message }) }),
};
