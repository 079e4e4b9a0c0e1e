import type { AnswerFacts, ChatCall, ChatEncoder } from "../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../vocabulary/events.ts";
import type { Json, JsonObject } from "../../vocabulary/json.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import { collect } from "../shared/collect.ts";
import { answerId, FINISH_WORDS } from "../shared/openai/answer.ts";
import { writeOpenaiFailureFrames } from "../shared/openai/failure.ts";
import { usageToOpenai } from "../shared/openai/usage.ts";
import { logprobsToLists } from "./logprobs.ts";

/** Completions call no tools. */
const FINISH: Readonly<Record<FinishReason, string>> = { ...FINISH_WORDS, "tool-calls": "stop" };

/** Events as `text_completion` chunks; usage in a chunk of its own just before `[DONE]`. Thinking has no place in this old format. */
export function completionEncoder(call: ChatCall, facts: AnswerFacts): ChatEncoder {
  let id = answerId("cmpl-", undefined, facts);
  let model = facts.model;
  let created = facts.created;
  let usage: Usage | undefined;
  /** Where the next token with a log probability stands in each choice's text. */
  const offsets = new Map<number, number>();

  const chunk = (choices: Json[], used: JsonObject | null) =>
    `data: ${JSON.stringify({ id, object: "text_completion", created, model, choices, ...(call.wantsUsage ? { usage: used } : {}) })}\n\n`;
  const piece = (index: number, text: string, logprobs: Json = null, finish: string | null = null) =>
    chunk([{ text, index, logprobs, finish_reason: finish }], null);

  const encode = (event: ChatEvent): string => {
    switch (event.type) {
      case "start":
        id = answerId("cmpl-", event.id, facts);
        model = event.model ?? model;
        created = event.created ?? created;
        return "";
      case "text":
      case "refusal":
        return event.text === "" ? "" : piece(event.choice, event.text);
      case "logprobs": {
        const offset = offsets.get(event.choice) ?? 0;
        const lists = logprobsToLists([event.logprobs], offset);
        offsets.set(event.choice, offset + (lists["tokens"] as string[]).join("").length);
        return piece(event.choice, "", lists);
      }
      case "finish":
        return piece(event.choice, "", null, FINISH[event.reason]);
      case "usage":
        usage = event.usage;
        return "";
      case "end":
        return `${call.wantsUsage && usage !== undefined ? chunk([], usageToOpenai(usage)) : ""}data: [DONE]\n\n`;
      case "thinking":
      case "thinking-signature":
      case "thinking-redacted":
      case "tool-call":
      case "tool-call-arguments":
      case "annotation":
      case "image":
      case "audio":
      case "alive":
        return "";
      case "failure":
        return writeOpenaiFailureFrames(event.failure);
      default:
        return event satisfies never;
    }
  };
  return { encode };
}

/** A whole answer as a `text_completion`. */
export function writeCompletionAnswer(events: readonly ChatEvent[], _call: ChatCall, facts: AnswerFacts): string {
  const answer = collect(events);
  return JSON.stringify({
    id: answerId("cmpl-", answer.id, facts),
    object: "text_completion",
    created: answer.created ?? facts.created,
    model: answer.model ?? facts.model,
    choices: answer.choices.map((choice, index) => ({
      text: choice.text + choice.refusal,
      index,
      logprobs: choice.logprobs.length === 0 ? null : logprobsToLists(choice.logprobs, 0),
      finish_reason: FINISH[choice.finish ?? "stop"],
    })),
    ...(answer.usage === undefined ? {} : { usage: usageToOpenai(answer.usage) }),
  });
}
