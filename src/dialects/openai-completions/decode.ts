import type { ChatDecoder, Frame } from "../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import { readOpenaiErrorObject } from "../shared/openai-failure.ts";
import { usageFromOpenai } from "../shared/openai-usage.ts";
import { logprobsFromLists } from "./logprobs.ts";

/** Reads `text_completion` frames, and whole completions as if they were one frame, into events. */
export function completionDecoder(): ChatDecoder {
  const reader = new CompletionReader();
  let ended = false;
  let frames = 0;
  const fail = (failure: Failure): ChatEvent[] => {
    ended = true;
    return [{ type: "failure", failure }];
  };
  return {
    decode(frame: Frame): ChatEvent[] {
      if (ended || frame.data === "") return [];
      if (frame.data === "[DONE]") {
        ended = true;
        return [{ type: "end" }];
      }
      frames++;
      const json = parseJson(frame.data);
      if (!isObject(json)) return fail(new Failure("upstream-error", "The upstream sent a frame that is not JSON."));
      const failure = failureIn(json);
      return failure === undefined ? reader.read(json) : fail(failure);
    },
    close(): ChatEvent[] {
      if (ended) return [];
      ended = true;
      if (reader.finished()) return [{ type: "end" }];
      const message = frames === 0 ? "The upstream closed the stream without a word." : "The upstream closed the stream before the answer was finished.";
      return fail(new Failure("upstream-error", message));
    },
  };
}

/** A whole completion as events. */
export function readCompletionAnswer(json: Json): ChatEvent[] {
  const broken = (message: string): ChatEvent[] => [{ type: "failure", failure: new Failure("upstream-error", message) }];
  if (!isObject(json)) return broken("The upstream answered 200 with something that is not a completion.");
  const failure = failureIn(json);
  if (failure !== undefined) return [{ type: "failure", failure }];
  if (!Array.isArray(json["choices"])) return broken("The upstream answered 200 without choices.");
  return [...new CompletionReader().read(json), { type: "end" }];
}

function failureIn(json: JsonObject): Failure | undefined {
  if (json["error"]) return readOpenaiErrorObject(json["error"]);
  return json["object"] === "error" ? readOpenaiErrorObject(json) : undefined;
}

class CompletionReader {
  #started = false;
  readonly #choices = new Set<number>();
  readonly #finished = new Set<number>();

  finished(): boolean {
    return this.#choices.size > 0 && this.#finished.size === this.#choices.size;
  }

  read(json: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      events.push({ type: "start", id: stringOf(json["id"]), model: stringOf(json["model"]), created: numberOf(json["created"]) });
    }
    for (const choice of listOf(json["choices"])) this.#readChoice(objectOf(choice), events);
    const usage = usageFromOpenai(json["usage"]);
    if (usage !== undefined) events.push({ type: "usage", usage });
    return events;
  }

  #readChoice(json: JsonObject, events: ChatEvent[]): void {
    const choice = numberOf(json["index"]) ?? 0;
    this.#choices.add(choice);
    const text = stringOf(json["text"]);
    if (text) events.push({ type: "text", choice, text });
    if (isObject(json["logprobs"])) events.push({ type: "logprobs", choice, logprobs: logprobsFromLists(json["logprobs"]) });
    const reason = stringOf(json["finish_reason"]);
    if (!reason || this.#finished.has(choice)) return;
    this.#finished.add(choice);
    // vLLM names the stop sequence; a number there is a stop token.
    const stopSequence = stringOf(json["stop_reason"]);
    events.push({ type: "finish", choice, reason: finishOf(reason), ...(stopSequence === undefined ? {} : { stopSequence }) });
  }
}

function finishOf(reason: string): FinishReason {
  if (reason === "length" || reason === "max_tokens") return "length";
  return reason === "content_filter" ? "content-filter" : "stop";
}
