import type { AnswerFacts, ChatCall, ChatEncoder } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../../vocabulary/events.ts";
import { type Json, type JsonObject, listOf, objectOf, parseJson } from "../../../../vocabulary/json.ts";
import type { Usage } from "../../../../vocabulary/usage.ts";
import { collect } from "../../../shared/collect.ts";
import { ending, lineOf, type Saying, type Shape } from "./lines.ts";

/** Calls end an answer like any other; for what a provider held back Ollama has no word, so it gets the field's. */
const REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  "tool-calls": "stop",
  pause: "stop",
  length: "length",
  "content-filter": "content_filter",
  refusal: "content_filter",
};

interface Call {
  readonly id: string;
  readonly name: string;
  arguments: string;
}

/** Events as lines of JSON. Tool calls are said whole, once all of them are, before the last line. */
export function lineEncoder(shape: Shape): (call: ChatCall, facts: AnswerFacts) => ChatEncoder {
  return (_call, facts) => {
    let heading = { model: facts.model, created: facts.created };
    let usage: Usage | undefined;
    let reason: FinishReason = "stop";
    let firstWord: number | undefined;
    const calls = new Map<number, Call>();
    const line = (saying: Saying, more?: JsonObject): string => {
      firstWord ??= elapsed(facts);
      return `${JSON.stringify(lineOf(heading, shape, saying, more))}\n`;
    };
    const sayCalls = (): string => {
      if (calls.size === 0) return "";
      const said = line({ calls: [...calls.values()].map(writeCall) });
      calls.clear();
      return said;
    };
    const encode = (event: ChatEvent): string => {
      // An answer has one choice only: nobody asked for more.
      if ("choice" in event && event.choice !== 0) return "";
      switch (event.type) {
        case "start":
          heading = { model: event.model ?? facts.model, created: event.created ?? facts.created };
          return "";
        case "text":
        case "refusal":
          return event.text === "" ? "" : line({ text: event.text });
        case "thinking":
          return event.text === "" ? "" : line({ thinking: event.text });
        case "image":
          return line({ images: [event.base64] });
        case "logprobs": {
          const tokens = tokensOf([event.logprobs]);
          return tokens.length === 0 ? "" : line({}, { done: false, logprobs: tokens });
        }
        case "tool-call":
          calls.set(event.call, { id: event.id, name: event.name, arguments: "" });
          return "";
        case "tool-call-arguments": {
          const call = calls.get(event.call);
          if (call !== undefined) call.arguments += event.text;
          return "";
        }
        case "finish":
          reason = event.reason;
          return sayCalls();
        case "usage":
          usage = event.usage;
          return "";
        case "end": {
          const owed = sayCalls();
          const total = elapsed(facts);
          return owed + line({}, ending(REASONS[reason], usage, { total, firstWord: firstWord ?? total }));
        }
        case "thinking-signature":
        case "thinking-redacted":
        case "annotation":
        case "audio":
        case "alive":
          return "";
        case "failure":
          return `${JSON.stringify({ error: event.failure.message })}\n`;
        default:
          return event satisfies never;
      }
    };
    return { encode };
  };
}

/** A whole answer as one object. When its first word was said nobody knows, so all its time counts as writing. */
export function writeWhole(shape: Shape): (events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts) => string {
  return (events, _call, facts) => {
    const answer = collect(events);
    const choice = answer.choices[0];
    const calls = choice?.calls.filter((call) => call !== undefined) ?? [];
    const saying: Saying = {
      text: `${choice?.text ?? ""}${choice?.refusal ?? ""}`,
      thinking: choice?.thinking || undefined,
      images: choice === undefined || choice.images.length === 0 ? undefined : choice.images.map((image) => image.base64),
      calls: calls.length === 0 ? undefined : calls.map(writeCall),
    };
    const tokens = tokensOf(choice?.logprobs ?? []);
    const heading = { model: answer.model ?? facts.model, created: answer.created ?? facts.created };
    const last = ending(REASONS[choice?.finish ?? "stop"], answer.usage, { total: elapsed(facts), firstWord: 0 });
    return JSON.stringify(lineOf(heading, shape, saying, { ...last, ...(tokens.length === 0 ? {} : { logprobs: tokens }) }));
  };
}

/** Arguments are an object; a model's broken JSON says nothing that could be one. */
function writeCall(call: Call, index: number): JsonObject {
  return { id: call.id, function: { index, name: call.name, arguments: objectOf(parseJson(call.arguments)) } };
}

/** OpenAI's log probabilities are Ollama's too, in a list of their own. */
function tokensOf(logprobs: readonly Json[]): Json[] {
  return logprobs.flatMap((each) => listOf(objectOf(each)["content"]));
}

function elapsed({ clock }: AnswerFacts): number {
  return clock?.elapsed() ?? 0;
}
