import type { AnswerFacts, ChatDecoder, Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, numberOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { readOpenaiErrorObject } from "./failure.ts";

/** OpenAI's `finish_reason` for each of ours. */
export const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  refusal: "content_filter",
  pause: "stop",
};

/** The answer's id with the prefix its clients know, made from the upstream's or, where it gave none, from the request's. */
export function answerId(prefix: "chatcmpl-" | "cmpl-" | "msg_", upstream: string | undefined, facts: AnswerFacts): string {
  const id = upstream ?? facts.requestId;
  return id.startsWith(prefix) ? id : prefix + id.replace(/^(chatcmpl-|cmpl-|msg_|req_)/, "");
}

/** Which choices of an answer have begun and which are finished. */
export class ChoiceBook {
  // Lists: there is one choice, or a handful.
  readonly #begun: number[] = [];
  readonly #finished: number[] = [];

  begin(choice: number): void {
    if (!this.#begun.includes(choice)) this.#begun.push(choice);
  }

  /** `false` when it was finished before. */
  finish(choice: number): boolean {
    if (this.#finished.includes(choice)) return false;
    this.#finished.push(choice);
    return true;
  }

  hasBegun(): boolean {
    return this.#begun.length > 0;
  }

  unfinished(): number[] {
    return this.#begun.filter((choice) => !this.#finished.includes(choice));
  }
}

/** Reads one answer's JSON, a frame at a time or all at once. */
export interface AnswerReader {
  readonly choices: ChoiceBook;
  /** The events of one object that holds no error. */
  read(json: JsonObject): ChatEvent[];
  /** Why a choice ended whose upstream forgot to say so. */
  owedReason(choice: number): FinishReason;
}

/** A stream of JSON frames that ends with `[DONE]`. It gives one failure at most, and nothing after it. */
export function streamDecoder(reader: AnswerReader): ChatDecoder {
  let ended = false;
  const end = (events: ChatEvent[]): ChatEvent[] => {
    ended = true;
    return events;
  };
  return {
    decode(frame: Frame): ChatEvent[] {
      if (ended || frame.data === "") return [];
      if (frame.data === "[DONE]") {
        if (!reader.choices.hasBegun()) return end([broken("The upstream ended the stream without an answer.")]);
        return end([...owedBy(reader), { type: "end" }]);
      }
      const json = parseJson(frame.data);
      if (!isObject(json)) return end([broken("The upstream sent a frame that is not JSON.")]);
      const events = eventsOf(json, reader);
      return events.at(-1)?.type === "failure" ? end(events) : events;
    },
    close(): ChatEvent[] {
      if (ended) return [];
      if (reader.choices.hasBegun() && reader.choices.unfinished().length === 0) return end([{ type: "end" }]);
      return end([broken("The upstream closed the stream before the answer was finished.")]);
    },
  };
}

/** A whole answer as events; `what` it should have been, for the message when it is not. */
export function wholeAnswer(json: Json, reader: AnswerReader, what: string): ChatEvent[] {
  if (!isObject(json)) return [broken(`The upstream answered 200 with something that is not a ${what}.`)];
  const events = eventsOf(json, reader);
  if (events.at(-1)?.type === "failure") return events;
  if (!reader.choices.hasBegun()) return [broken("The upstream answered 200 without choices.")];
  events.push(...owedBy(reader), { type: "end" });
  return events;
}

/** The finish of every choice whose upstream forgot it. */
function owedBy(reader: AnswerReader): ChatEvent[] {
  return reader.choices.unfinished().map((choice) => ({ type: "finish", choice, reason: reader.owedReason(choice) }));
}

/** The first thing an answer says of itself. Azure's first frame has these fields with nothing in them. */
export function startOf(json: JsonObject): ChatEvent {
  const created = Math.trunc(numberOf(json["created"]) ?? 0);
  return { type: "start", id: stringOf(json["id"]) || undefined, model: stringOf(json["model"]) || undefined, created: created > 0 ? created : undefined };
}

/** What an object says, up to and with the first failure in it. */
function eventsOf(json: JsonObject, reader: AnswerReader): ChatEvent[] {
  if (json["error"]) return [{ type: "failure", failure: readOpenaiErrorObject(json["error"]) }];
  if (json["object"] === "error") return [{ type: "failure", failure: readOpenaiErrorObject(json) }];
  const events = reader.read(json);
  const failed = events.findIndex((event) => event.type === "failure");
  return failed < 0 ? events : events.slice(0, failed + 1);
}

/** The failure of an upstream whose answer makes no sense. */
export function broken(message: string): ChatEvent {
  return { type: "failure", failure: new Failure("upstream-error", message) };
}
