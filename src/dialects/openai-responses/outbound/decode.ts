import type { ChatDecoder, Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { broken, startOf } from "../../shared/openai/answer.ts";
import { failureIn, failureOfEvent } from "./read-failure.ts";
import { ItemReader } from "./read-items.ts";
import { usageFromResponses } from "./usage.ts";

/** Events that end an answer, each with the whole of it and called like its status. */
const LAST = /^response\.(completed|incomplete|failed|cancelled)$/;

/** Reads the events of a streamed Response. It gives one failure at most, and nothing after it. */
export function responsesDecoder(): ChatDecoder {
  const reader = new ResponseReader();
  let ended = false;
  const end = (events: ChatEvent[]): ChatEvent[] => {
    ended = true;
    return events;
  };
  return {
    decode(frame: Frame): ChatEvent[] {
      if (ended || frame.data === "") return [];
      if (frame.data === "[DONE]") return end([broken("The upstream ended the stream before the answer was finished.")]);
      const json = parseJson(frame.data);
      if (!isObject(json)) return end([broken("The upstream sent a frame that is not JSON.")]);
      const events = reader.read(json);
      const last = events.at(-1)?.type;
      return last === "end" || last === "failure" ? end(events) : events;
    },
    close(): ChatEvent[] {
      return ended ? [] : end([broken("The upstream closed the stream before the answer was finished.")]);
    },
  };
}

/** A whole Response as events: read as the last event of a stream that told nothing before. */
export function readResponse(json: Json): ChatEvent[] {
  if (!isObject(json)) return [broken("The upstream answered 200 with something that is not a Response.")];
  if (json["error"]) return [{ type: "failure", failure: failureIn(json["error"]) }];
  if (!Array.isArray(json["output"])) return [broken("The upstream answered 200 without output.")];
  return new ResponseReader().readLast(json);
}

class ResponseReader {
  readonly #items = new ItemReader();
  #started = false;

  /** The events of one of the stream's. What is of no interest to anybody here is a sign of life. */
  read(json: JsonObject): ChatEvent[] {
    const { type, response } = json;
    const [, status] = LAST.exec(stringOf(type) ?? "") ?? [];
    if (status !== undefined) return this.readLast({ ...objectOf(response), status });
    if (type === "error" || json["error"]) return [{ type: "failure", failure: failureOfEvent(json) }];
    const said = this.#items.read(json) ?? [];
    if (said.length === 0 && !isObject(response)) return [{ type: "alive" }];
    return this.#started ? (said.length === 0 ? [{ type: "alive" }] : said) : [this.#start(objectOf(response)), ...said];
  }

  /** The whole answer: what has not been told of it, why it ended, and what it used. */
  readLast(response: JsonObject): ChatEvent[] {
    const { status } = response;
    const begun = this.#started ? [] : [this.#start(response)];
    if (status === "failed" || response["error"]) return [...begun, { type: "failure", failure: failureIn(response["error"]) }];
    if (status === "cancelled") return [...begun, broken("The upstream's answer was cancelled.")];
    const rest = this.#items.readOutput(listOf(response["output"]));
    const usage = usageFromResponses(response["usage"]);
    return [
      ...begun,
      ...rest,
      { type: "finish", choice: 0, reason: this.#reasonOf(response) },
      ...(usage === undefined ? [] : [{ type: "usage", usage } as const]),
      { type: "end" },
    ];
  }

  #start(response: JsonObject): ChatEvent {
    this.#started = true;
    const { id, model, created_at: created } = response;
    return startOf({ id, model, created });
  }

  #reasonOf({ status, incomplete_details }: JsonObject): FinishReason {
    switch (status) {
      case "incomplete":
        return objectOf(incomplete_details)["reason"] === "content_filter" ? "content-filter" : "length";
      case "queued":
      case "in_progress":
        // Asked for in the background: it goes on without us.
        return "pause";
      default:
        return this.#items.called ? "tool-calls" : "stop";
    }
  }
}
