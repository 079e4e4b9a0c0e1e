import type { AnswerFacts, ChatCall, ChatEncoder } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { type Json, type JsonObject, objectOf } from "../../vocabulary/json.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import { type CollectedCall, type CollectedChoice, type CollectedImage, collect } from "../shared/collect.ts";
import { answerId, FINISH_WORDS } from "../shared/openai-answer.ts";
import { writeOpenaiFailureFrames } from "../shared/openai-failure.ts";
import { usageToOpenai } from "../shared/openai-usage.ts";
import { signatureField } from "./google-signature.ts";

/** Events as chat completion chunks: the role first, `index` on every tool delta, usage in a chunk of its own just before `[DONE]`. */
export function chatEncoder(call: ChatCall, facts: AnswerFacts): ChatEncoder {
  let id = answerId("chatcmpl-", undefined, facts);
  let model = facts.model;
  let created = facts.created;
  let usage: Usage | undefined;
  const begun = new Set<number>();
  /** Tool calls that have not had a word of arguments yet. */
  const silent = new Map<string, { choice: number; call: number }>();

  const chunk = (choices: Json[], more: JsonObject = {}) =>
    `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices, ...more })}\n\n`;
  const delta = (index: number, fields: JsonObject, more: JsonObject = {}) => {
    const role: JsonObject = begun.has(index) ? {} : { role: "assistant", ...("content" in fields ? {} : { content: null }) };
    begun.add(index);
    return chunk([{ index, delta: { ...role, ...fields }, logprobs: null, finish_reason: null, ...more }]);
  };

  const encode = (event: ChatEvent): string => {
    switch (event.type) {
      case "start":
        id = answerId("chatcmpl-", event.id, facts);
        model = event.model ?? model;
        created = event.created ?? created;
        return "";
      case "text":
        return event.text === "" && event.signature === undefined ? "" : delta(event.choice, { content: event.text, ...signatureField(event.signature) });
      case "thinking":
        return event.text === "" ? "" : delta(event.choice, { reasoning_content: event.text, reasoning: event.text });
      case "refusal":
        return delta(event.choice, { refusal: event.text });
      case "tool-call":
        silent.set(`${event.choice}/${event.call}`, { choice: event.choice, call: event.call });
        return delta(event.choice, {
          tool_calls: [
            { index: event.call, id: event.id, type: "function", function: { name: event.name, arguments: "" }, ...signatureField(event.signature) },
          ],
        });
      case "tool-call-arguments":
        if (event.text === "") return "";
        silent.delete(`${event.choice}/${event.call}`);
        return delta(event.choice, { tool_calls: [{ index: event.call, function: { arguments: event.text } }] });
      case "annotation":
        return delta(event.choice, { annotations: [event.annotation] });
      case "image":
        return delta(event.choice, { images: [imageOf(event)] });
      case "audio":
        return delta(event.choice, { audio: event.audio });
      case "logprobs":
        return delta(event.choice, { content: "" }, { logprobs: event.logprobs });
      case "finish": {
        let out = "";
        for (const [key, owed] of silent) {
          if (owed.choice !== event.choice) continue;
          silent.delete(key);
          out += delta(owed.choice, { tool_calls: [{ index: owed.call, function: { arguments: "{}" } }] });
        }
        const role: JsonObject = begun.has(event.choice) ? {} : { role: "assistant", content: "" };
        begun.add(event.choice);
        return out + chunk([{ index: event.choice, delta: role, logprobs: null, finish_reason: FINISH_WORDS[event.reason] }]);
      }
      case "usage":
        usage = event.usage;
        return "";
      case "end":
        return `${call.wantsUsage && usage !== undefined ? chunk([], { usage: usageToOpenai(usage) }) : ""}data: [DONE]\n\n`;
      case "thinking-signature":
      case "thinking-redacted":
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

/** A whole answer as a chat completion. */
export function writeChatAnswer(events: readonly ChatEvent[], _call: ChatCall, facts: AnswerFacts): string {
  const answer = collect(events);
  return JSON.stringify({
    id: answerId("chatcmpl-", answer.id, facts),
    object: "chat.completion",
    created: answer.created ?? facts.created,
    model: answer.model ?? facts.model,
    choices: answer.choices.map((choice, index) => ({
      index,
      message: messageOf(choice),
      logprobs: logprobsOf(choice.logprobs),
      finish_reason: FINISH_WORDS[choice.finish ?? "stop"],
    })),
    ...(answer.usage === undefined ? {} : { usage: usageToOpenai(answer.usage) }),
  });
}

function messageOf(choice: CollectedChoice): JsonObject {
  const calls = choice.calls.filter((call) => call !== undefined);
  const empty = choice.text === "" && (calls.length > 0 || choice.refusal !== "");
  return {
    role: "assistant",
    content: empty ? null : choice.text,
    refusal: choice.refusal === "" ? null : choice.refusal,
    ...(choice.thinking === "" ? {} : { reasoning_content: choice.thinking, reasoning: choice.thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCallOf) }),
    ...(choice.annotations.length === 0 ? {} : { annotations: choice.annotations }),
    ...(choice.images.length === 0 ? {} : { images: choice.images.map(imageOf) }),
    ...(choice.audio === undefined ? {} : { audio: choice.audio }),
    ...signatureField(choice.signature),
  };
}

function toolCallOf(call: CollectedCall): JsonObject {
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments }, ...signatureField(call.signature) };
}

function imageOf(image: CollectedImage): JsonObject {
  return { type: "image_url", image_url: { url: `data:${image.mime};base64,${image.base64}` }, ...signatureField(image.signature) };
}

/** The pieces of a choice's log probabilities as one: their lists joined. */
function logprobsOf(pieces: readonly Json[]): Json {
  if (pieces.length === 0) return null;
  const joined = new Map<string, Json[]>();
  for (const piece of pieces) {
    for (const [name, list] of Object.entries(objectOf(piece))) if (Array.isArray(list)) joined.set(name, [...(joined.get(name) ?? []), ...list]);
  }
  return Object.fromEntries(joined);
}
