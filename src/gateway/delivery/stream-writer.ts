import type { ChatEncoder } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Piece } from "../asking/chat-answer.ts";
import { discreet } from "../attempts/discreet.ts";
import { meterFor } from "../visit/meter.ts";
import type { Delivery } from "./deliver.ts";

/** Pieces to bytes for one client: forwarded whole on the express lane, written anew on any other. */
export class StreamWriter {
  readonly #express: boolean;
  readonly #delivery: Delivery;
  readonly #encoder: ChatEncoder;
  readonly #watch: (event: ChatEvent) => void;
  readonly #removeSources: boolean;
  ended = false;
  failure: Failure | undefined;

  constructor(express: boolean, delivery: Delivery) {
    this.#express = express;
    this.#delivery = delivery;
    this.#encoder = delivery.face.encoder(delivery.call, delivery.facts);
    this.#removeSources = delivery.box.policy().removeSources;
    this.#watch = watcherFor(delivery, express);
  }

  write(pieces: readonly Piece[]): Uint8Array {
    const out: Uint8Array[] = [];
    for (const piece of pieces) {
      if (this.ended || this.failure !== undefined) break;
      for (const event of piece.events) this.#watch(event);
      if (this.#express) this.#forward(piece, out);
      else this.#encode(piece.events, out);
    }
    const only = out[0];
    return out.length === 1 && only !== undefined ? only : Buffer.concat(out);
  }

  #forward(piece: Piece, out: Uint8Array[]): void {
    const { call, face } = this.#delivery;
    for (const event of piece.events) {
      if (event.type === "failure") {
        this.#fail(event.failure, out);
        return;
      }
      if (event.type === "end") this.ended = true;
    }
    if (piece.raw === undefined) {
      // The upstream closed without its end mark after a finished answer: the client still gets one.
      if (this.ended) out.push(Buffer.from(face.terminator));
      return;
    }
    const usageOnly = piece.events.length === 1 && piece.events[0]?.type === "usage";
    if (usageOnly && !call.wantsUsage) return;
    out.push(this.#encoder.forward?.(piece.raw) ?? piece.raw);
  }

  #encode(events: readonly ChatEvent[], out: Uint8Array[]): void {
    let text = "";
    for (const event of events) {
      if (event.type === "failure") {
        if (text !== "") out.push(Buffer.from(text));
        this.#fail(event.failure, out);
        return;
      }
      if (event.type === "end") this.ended = true;
      if (!this.#removeSources || isNoSource(event)) text += this.#encoder.encode(event);
    }
    if (text !== "") out.push(Buffer.from(text));
  }

  #fail(failure: Failure, out: Uint8Array[]): void {
    const { visit } = this.#delivery;
    this.failure = visit.served === undefined ? failure : discreet(failure, visit.served.deployment.service);
    out.push(this.lastWords(this.failure));
  }

  /** The frames that end the stream with this failure. */
  lastWords(failure: Failure): Uint8Array {
    return Buffer.from(this.#encoder.encode({ type: "failure", failure }));
  }
}

/**
 * Keeps what the visit must remember of an answer: what it used and, where it is translated, what its model signed. (A client of the
 * same dialect gets the signatures themselves.)
 */
export function watcherFor({ visit, box, call }: Delivery, express: boolean): (event: ChatEvent) => void {
  const family = visit.served?.deployment.profile.family ?? "";
  const meter = meterFor(visit, call);
  if (express || family === "") return meter;
  const keep = box.signatures.keeper(visit.caller?.userId ?? visit.caller?.keyId ?? "", family);
  return (event) => {
    meter(event);
    keep(event);
  };
}

/** False for a citation, which `server.remove_sources` leaves out. */
export function isNoSource(event: ChatEvent): boolean {
  return event.type !== "annotation";
}
