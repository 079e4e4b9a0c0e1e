import type { ChatDecoder, Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { type Usage, usageOf } from "../../../vocabulary/usage.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import { readOllamaError } from "./failure.ts";

/** Where a line keeps what the model says: `/api/chat` in a message, `/api/generate` among its other fields. */
export type MessageOf = (line: JsonObject) => JsonObject;

export const chatMessage: MessageOf = (line) => objectOf(line["message"]);

export const generateMessage: MessageOf = (line) => ({ ...line, content: line["response"] });

/** Reads lines into events. The line with `done: true` ends the answer; a connection that closes before it cut the answer short. */
export function ollamaDecoder(messageOf: MessageOf): ChatDecoder {
  const reader = new LineReader(messageOf);
  return {
    decode(frame: Frame): ChatEvent[] {
      if (frame.data.trim() === "") return [];
      const json = parseJson(frame.data);
      return reader.read(json ?? null);
    },
    close: () => reader.close(),
  };
}

/** A whole answer as events. */
export function readOllamaAnswer(json: Json, messageOf: MessageOf): ChatEvent[] {
  const reader = new LineReader(messageOf);
  return [...reader.read(json), ...reader.close()];
}

class LineReader {
  readonly #messageOf: MessageOf;
  #started = false;
  #over = false;
  #calls = 0;

  constructor(messageOf: MessageOf) {
    this.#messageOf = messageOf;
  }

  read(json: Json): ChatEvent[] {
    if (this.#over) return [];
    if (!isObject(json)) return this.#fail(new Failure("upstream-error", "The upstream sent a line that is not a JSON object."));
    if (json["error"]) return this.#fail(readOllamaError(json["error"]));
    const events: ChatEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      events.push({ type: "start", model: stringOf(json["model"]) || undefined, created: secondsOf(json["created_at"]) });
    }
    this.#readMessage(this.#messageOf(json), stringOf(json["created_at"]) ?? "", events);
    const logprobs = listOf(json["logprobs"]);
    if (logprobs.length > 0) events.push({ type: "logprobs", choice: 0, logprobs: { content: logprobs.map(completeToken), refusal: null } });
    if (json["done"] !== true) return events;
    this.#over = true;
    events.push({ type: "finish", choice: 0, reason: this.#finishOf(json["done_reason"]) });
    const usage = usageIn(json);
    if (usage !== undefined) events.push({ type: "usage", usage });
    events.push({ type: "end" });
    return events;
  }

  close(): ChatEvent[] {
    if (this.#over) return [];
    return this.#fail(new Failure("upstream-error", "The upstream closed the connection before the answer was finished."));
  }

  #fail(failure: Failure): ChatEvent[] {
    this.#over = true;
    return [{ type: "failure", failure }];
  }

  #readMessage(message: JsonObject, stamp: string, events: ChatEvent[]): void {
    const thinking = stringOf(message["thinking"]);
    if (thinking) events.push({ type: "thinking", choice: 0, text: thinking });
    const text = stringOf(message["content"]);
    if (text) events.push({ type: "text", choice: 0, text });
    for (const value of listOf(message["tool_calls"])) {
      const called = objectOf(objectOf(value)["function"]);
      const name = stringOf(called["name"]) ?? "";
      const given = called["arguments"];
      const written = typeof given === "string" ? given : JSON.stringify(given ?? {});
      const call = this.#calls++;
      const id = stringOf(objectOf(value)["id"]) || mintedId(`${stamp} ${call} ${name} ${written}`);
      events.push({ type: "tool-call", choice: 0, call, id, name }, { type: "tool-call-arguments", choice: 0, call, text: written });
    }
  }

  /** `load` and `unload` answer requests without messages; older servers give no reason at all. */
  #finishOf(reason: Json | undefined): FinishReason {
    if (reason === "length") return "length";
    return this.#calls > 0 ? "tool-calls" : "stop";
  }
}

/** A token's log probability with every member OpenAI's clients expect. */
function completeToken(token: Json): JsonObject {
  return { bytes: null, top_logprobs: [], ...objectOf(token) };
}

/** Older servers name no ids. Made from the line's own time and words, so that reading the same answer twice gives the same id. */
function mintedId(seed: string): string {
  return fittingId(seed, /^(?!)/);
}

function secondsOf(stamp: Json | undefined): number | undefined {
  const milliseconds = Date.parse(stringOf(stamp) ?? "");
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** Older servers leave `prompt_eval_count` out when the whole prompt was still in their cache. */
function usageIn(json: JsonObject): Usage | undefined {
  const input = numberOf(json["prompt_eval_count"]);
  const output = numberOf(json["eval_count"]);
  if (input === undefined && output === undefined) return undefined;
  return usageOf({ input: input ?? 0, output: output ?? 0 });
}
