import { type JsonObject, objectOf } from "../../../../src/vocabulary/json.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, CREATED, numberIn } from "./answer.ts";
import { openaiError, openaiFinish, openaiUsage } from "./openai-chat.ts";

/** Legacy text completions; a list of prompts gives `n` choices for each. */
export const openaiCompletions: AnswerDialect = {
  unary(asked, answer) {
    const body: JsonObject = { id: `cmpl-fake-${asked.index}`, object: "text_completion", created: CREATED, model: asked.model };
    body.choices = Array.from({ length: choicesOf(asked.json) }, (_, index) => ({
      index,
      text: answer.text.join(""),
      logprobs: null,
      finish_reason: openaiFinish(answer.finish),
    }));
    if (answer.usage) body.usage = openaiUsage(answer.usage);
    return body;
  },

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    const push = (kind: AnswerFrame["kind"], rest: JsonObject) =>
      frames.push({ kind, data: JSON.stringify({ id: `cmpl-fake-${asked.index}`, object: "text_completion", created: CREATED, model: asked.model, ...rest }) });
    const say = (kind: AnswerFrame["kind"], text: string, finish: string | null) => {
      for (let index = 0; index < choicesOf(asked.json); index++) push(kind, { choices: [{ index, text, logprobs: null, finish_reason: finish }] });
    };
    for (const text of answer.text) say("content", text, null);
    say("finish", "", openaiFinish(answer.finish));
    if (answer.usage && objectOf(asked.json.stream_options).include_usage === true) push("usage", { choices: [], usage: openaiUsage(answer.usage) });
    frames.push({ kind: "end", data: "[DONE]" });
    return frames;
  },

  framing: () => "sse",
  error: openaiError,
  errorFrame: (message) => ({ kind: "error", data: JSON.stringify(openaiError(500, message)) }),
};

function choicesOf(json: JsonObject): number {
  const prompts = Array.isArray(json.prompt) && json.prompt.every((prompt) => typeof prompt === "string") ? json.prompt.length : 1;
  return prompts * numberIn(json, "n", 1);
}
