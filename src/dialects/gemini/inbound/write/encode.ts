import type { AnswerFacts, ChatCall, ChatEncoder } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import type { Usage } from "../../../../vocabulary/usage.ts";
import { usageToGemini } from "../../usage.ts";
import { asksForThoughts } from "../read/config.ts";
import { Candidate, type ChoiceEvent } from "./candidate.ts";
import { errorBody } from "./failure.ts";

/** An answer as it comes to be, in Gemini's shape. */
class Answer {
  readonly #thoughts: boolean;
  readonly #candidates = new Map<number, Candidate>();
  #id: string;
  #model: string;
  #usage: Usage | undefined;

  constructor(call: ChatCall, facts: AnswerFacts) {
    this.#thoughts = asksForThoughts(call.json);
    this.#id = facts.requestId;
    this.#model = facts.model;
  }

  start({ id, model }: Extract<ChatEvent, { type: "start" }>): void {
    this.#id = id ?? this.#id;
    this.#model = model ?? this.#model;
  }

  use(usage: Usage): void {
    this.#usage = usage;
  }

  /** The part that an event of a choice makes, if it makes one now. */
  hear(event: ChoiceEvent): JsonObject | undefined {
    let candidate = this.#candidates.get(event.choice);
    if (candidate === undefined) this.#candidates.set(event.choice, (candidate = new Candidate(this.#thoughts)));
    return candidate.hear(event);
  }

  /** A response of one part. */
  piece(index: number, part: JsonObject): JsonObject {
    return this.#response([{ content: { parts: [part], role: "model" }, index }]);
  }

  /** The response that ends it: every candidate with the parts said of it before, if they are told here, its calls, and why it ended. */
  last(said?: ReadonlyMap<number, readonly JsonObject[]>): JsonObject {
    const ended = [...this.#candidates].sort(([one], [other]) => one - other);
    const candidates = ended.map(([index, candidate]): JsonObject => {
      const parts = [...(said?.get(index) ?? []), ...candidate.calls()];
      // Some clients take a content without parts for a broken answer, and forget the whole turn.
      return { content: { parts: parts.length === 0 ? [{ text: "" }] : parts, role: "model" }, ...candidate.ending(), index };
    });
    return this.#response(candidates, this.#usage === undefined ? {} : { usageMetadata: usageToGemini(this.#usage) });
  }

  #response(candidates: JsonObject[], more: JsonObject = {}): JsonObject {
    return { candidates, ...more, modelVersion: this.#model, responseId: this.#id };
  }
}

/** How a stream's responses are put one after the other. */
export interface StreamShape {
  /** One response's JSON on its way. */
  element(json: string): string;
  /** What follows the last one. */
  end(): string;
}

/** Events as a stream of `GenerateContentResponse`s: a part each, then one that says how each candidate ended and what all of it cost. */
export function encodeInto(shape: StreamShape, call: ChatCall, facts: AnswerFacts): ChatEncoder {
  const answer = new Answer(call, facts);
  const element = (json: JsonObject) => shape.element(JSON.stringify(json));
  const encode = (event: ChatEvent): string => {
    switch (event.type) {
      case "start":
        answer.start(event);
        return "";
      case "usage":
        answer.use(event.usage);
        return "";
      case "alive":
        return "";
      case "end":
        return element(answer.last()) + shape.end();
      case "failure":
        return element(errorBody(event.failure)) + shape.end();
      default: {
        const part = answer.hear(event);
        return part === undefined ? "" : element(answer.piece(event.choice, part));
      }
    }
  };
  return { encode };
}

/** A whole answer as one `GenerateContentResponse`. */
export function writeAnswer(events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts): string {
  const answer = new Answer(call, facts);
  const said = new Map<number, JsonObject[]>();
  for (const event of events) {
    if (event.type === "start") answer.start(event);
    else if (event.type === "usage") answer.use(event.usage);
    else if ("choice" in event) add(answer.hear(event), event.choice, said);
  }
  return JSON.stringify(answer.last(said));
}

/** Pieces of one text, or of one thought, are one part in a whole answer. */
function add(part: JsonObject | undefined, choice: number, said: Map<number, JsonObject[]>): void {
  if (part === undefined) return;
  const parts = said.get(choice);
  const last = parts?.at(-1);
  if (parts === undefined) said.set(choice, [part]);
  else if (last !== undefined && continues(last, part)) parts[parts.length - 1] = { ...last, ...part, text: `${last["text"]}${part["text"]}` };
  else parts.push(part);
}

function continues(last: JsonObject, next: JsonObject): boolean {
  const texts = typeof last["text"] === "string" && typeof next["text"] === "string";
  return texts && last["thought"] === next["thought"] && last["thoughtSignature"] === undefined;
}
