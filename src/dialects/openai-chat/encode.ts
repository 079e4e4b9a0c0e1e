import type { AnswerFacts, ChatCall, ChatEncoder } from "../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../vocabulary/events.ts";
import { type Json, type JsonObject, objectOf } from "../../vocabulary/json.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import { type CollectedCall, type CollectedChoice, type CollectedImage, collect } from "../shared/collect.ts";
import { answerId, FINISH_WORDS } from "../shared/openai/answer.ts";
import { writeOpenaiFailureFrames } from "../shared/openai/failure.ts";
import { usageToOpenai } from "../shared/openai/usage.ts";
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
  const functions = speaksFunctions(call);

  const chunk = (choices: Json[], more: JsonObject = {}) =>
    `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices, ...more })}\n\n`;
  const delta = (index: number, fields: JsonObject, more: JsonObject = {}) => {
    const role: JsonObject = begun.has(index) ? {} : { role: "assistant", ...("content" in fields ? {} : { content: null }) };
    begun.add(index);
    return chunk([{ index, delta: { ...role, ...fields }, logprobs: null, finish_reason: null, ...more }]);
  };
  const callDelta = (at: { choice: number; call: number }, said: JsonObject, more: JsonObject = {}) => {
    if (functions) return at.call === 0 ? delta(at.choice, { function_call: said }) : "";
    return delta(at.choice, { tool_calls: [{ index: at.call, ...more, function: said }] });
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
        return callDelta(event, { name: event.name, arguments: "" }, { id: event.id, type: "function", ...signatureField(event.signature) });
      case "tool-call-arguments":
        if (event.text === "") return "";
        silent.delete(`${event.choice}/${event.call}`);
        return callDelta(event, { arguments: event.text });
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
          out += callDelta(owed, { arguments: "{}" });
        }
        const role: JsonObject = begun.has(event.choice) ? {} : { role: "assistant", content: "" };
        begun.add(event.choice);
        return out + chunk([{ index: event.choice, delta: role, logprobs: null, finish_reason: finishWord(event.reason, functions) }]);
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
export function writeChatAnswer(events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts): string {
  const answer = collect(events);
  const functions = speaksFunctions(call);
  return JSON.stringify({
    id: answerId("chatcmpl-", answer.id, facts),
    object: "chat.completion",
    created: answer.created ?? facts.created,
    model: answer.model ?? facts.model,
    choices: answer.choices.map((choice, index) => ({
      index,
      message: messageOf(choice, functions),
      logprobs: logprobsOf(choice.logprobs),
      finish_reason: finishWord(choice.finish ?? "stop", functions),
    })),
    ...(answer.usage === undefined ? {} : { usage: usageToOpenai(answer.usage) }),
  });
}

/** Does the client know functions as they were before tools? Then it reads one call a turn, in `function_call`, without an id. */
function speaksFunctions({ json }: ChatCall): boolean {
  return Array.isArray(json["functions"]) && !Array.isArray(json["tools"]);
}

function finishWord(reason: FinishReason, functions: boolean): string {
  return functions && reason === "tool-calls" ? "function_call" : FINISH_WORDS[reason];
}

function messageOf(choice: CollectedChoice, functions: boolean): JsonObject {
  const calls = choice.calls.filter((call) => call !== undefined);
  const [first] = calls;
  const empty = choice.text === "" && (calls.length > 0 || choice.refusal !== "");
  return {
    role: "assistant",
    content: empty ? null : choice.text,
    refusal: choice.refusal === "" ? null : choice.refusal,
    ...(choice.thinking === "" ? {} : { reasoning_content: choice.thinking, reasoning: choice.thinking }),
    ...(first === undefined ? {} : functions ? { function_call: functionOf(first) } : { tool_calls: calls.map(toolCallOf) }),
    ...(choice.annotations.length === 0 ? {} : { annotations: choice.annotations }),
    ...(choice.images.length === 0 ? {} : { images: choice.images.map(imageOf) }),
    ...(choice.audio === undefined ? {} : { audio: choice.audio }),
    ...signatureField(choice.signature),
  };
}

function toolCallOf(call: CollectedCall): JsonObject {
  return { id: call.id, type: "function", function: functionOf(call), ...signatureField(call.signature) };
}

function functionOf(call: CollectedCall): JsonObject {
  return { name: call.name, arguments: call.arguments };
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
