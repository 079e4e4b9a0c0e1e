import type { ChatEvent } from "../../vocabulary/events.ts";

/** What an answer must be like to be kept. */
export interface Fitness {
  /** Most characters of it. */
  readonly most: number;
  /** May it end for its length? */
  readonly mayBeCut: boolean;
  /** For an answer without an id or a time of its own: those its first client saw. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/** Roughly what an event takes besides its text. */
const EVENT = 60;

/**
 * Listens to an answer on its way and puts together what is kept of it: neighbouring pieces of one text as one. It costs a few
 * comparisons an event, and stops listening as soon as the answer cannot be kept.
 */
export class Listener {
  readonly #fitness: Fitness;
  #events: ChatEvent[] | undefined = [];
  /** The last event, while the pieces that follow may still belong to it, and those pieces. */
  #open: Piece | undefined;
  #texts: string[] = [];
  #size = 0;
  #choices = 0;
  readonly #finished = new Set<number>();
  /** Some upstreams tell it with every frame; the last one counts. */
  #usage: ChatEvent | undefined;
  #content = false;
  #ended = false;

  constructor(fitness: Fitness) {
    this.#fitness = fitness;
  }

  hear(event: ChatEvent): void {
    if (this.#events === undefined || event.type === "alive") return;
    if (this.#size > this.#fitness.most || this.#isUnfit(event)) {
      this.#events = undefined;
      return;
    }
    if (event.type === "usage") {
      this.#usage = event;
      return;
    }
    if (isPiece(event)) {
      this.#size += event.text.length;
      this.#content ||= event.text !== "";
      if (this.#open !== undefined && continues(this.#open, event)) {
        this.#texts.push(event.text);
        return;
      }
      this.#close();
      this.#open = event;
      this.#texts.push(event.text);
      this.#size += EVENT;
      return;
    }
    this.#close();
    this.#size += sizeOf(event);
    this.#events.push(event);
    this.#content ||= event.type === "tool-call" || event.type === "image";
    if (event.type === "finish") this.#finished.add(event.choice);
    if (event.type === "end") this.#ended = true;
  }

  /** What is kept; `undefined` for an answer that is not whole, is not worth it, or must not be. */
  heard(): readonly ChatEvent[] | undefined {
    const events = this.#events;
    const whole = this.#ended && this.#finished.size > 0 && this.#finished.size >= this.#choices;
    if (events === undefined || !whole || !this.#content || this.#size > this.#fitness.most) return undefined;
    const { id, created } = this.#fitness;
    const start = events.find((event) => event.type === "start");
    const said = events.filter((event) => event.type !== "start" && event.type !== "end");
    // Given again, it says the same of itself as it did at first.
    const begin: ChatEvent = { type: "start", id: start?.id ?? id, model: start?.model, created: start?.created ?? created };
    return [begin, ...said, ...(this.#usage === undefined ? [] : [this.#usage]), { type: "end" }];
  }

  /** A failure, a refusal, a cut; and speech, which its provider refers to by an id that expires. */
  #isUnfit(event: ChatEvent): boolean {
    if ("choice" in event) this.#choices = Math.max(this.#choices, event.choice + 1);
    switch (event.type) {
      case "failure":
      case "refusal":
      case "audio":
        return true;
      case "finish":
        return !(event.reason === "stop" || event.reason === "tool-calls" || (event.reason === "length" && this.#fitness.mayBeCut));
      default:
        return false;
    }
  }

  #close(): void {
    if (this.#open !== undefined) this.#events?.push(this.#texts.length === 1 ? this.#open : { ...this.#open, text: this.#texts.join("") });
    this.#open = undefined;
    this.#texts = [];
  }
}

type Piece = Extract<ChatEvent, { type: "text" | "thinking" | "tool-call-arguments" }>;

function isPiece(event: ChatEvent): event is Piece {
  return event.type === "text" || event.type === "thinking" || event.type === "tool-call-arguments";
}

/** A signature belongs to the piece it came with. */
function continues(before: Piece, piece: Piece): boolean {
  if (before.type !== piece.type || before.choice !== piece.choice) return false;
  if (piece.type === "tool-call-arguments") return before.type === "tool-call-arguments" && before.call === piece.call;
  return !("signature" in before && before.signature !== undefined) && !("signature" in piece && piece.signature !== undefined);
}

function sizeOf(event: ChatEvent): number {
  switch (event.type) {
    case "image":
      return EVENT + event.base64.length;
    case "thinking-signature":
      return EVENT + event.signature.length;
    case "thinking-redacted":
      return EVENT + event.data.length;
    case "annotation":
    case "logprobs":
      return JSON.stringify(event).length;
    default:
      return 2 * EVENT;
  }
}
