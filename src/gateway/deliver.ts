import type { AnswerFacts, ChatCall, ChatEncoder, ChatInbound } from "../vocabulary/dialect.ts";
import type { ChatEvent } from "../vocabulary/events.ts";
import { asFailure, Failure } from "../vocabulary/failure.ts";
import type { ChatAnswer, Piece } from "./ask-chat.ts";
import type { Reply } from "./exchange.ts";
import { Mailbox } from "./mailbox.ts";
import { meterFor } from "./meter.ts";
import { answerHeaders } from "./replies.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Visit } from "./visit.ts";

/** What a delivery is about. */
interface Delivery {
  readonly call: ChatCall;
  readonly face: ChatInbound;
  readonly visit: Visit;
  readonly box: Signalbox;
  readonly facts: AnswerFacts;
}

/**
 * Hands an answer to the client and settles the visit, on every way it can end. The status line of a stream is held until the answer
 * begins or `holdStatus` has passed; a unary answer waits as long as it takes.
 */
export function deliver(answer: Promise<ChatAnswer>, call: ChatCall, face: ChatInbound, visit: Visit, box: Signalbox): Promise<Reply> {
  const delivery: Delivery = { call, face, visit, box, facts: { model: call.model, requestId: visit.id, created: Math.floor(visit.startedAt / 1000) } };
  if (!call.stream) return answer.then((whole) => wholeReply(whole, delivery));
  return orHeldLongEnough(answer, box.policy().holdStatus).then((begun) => streamReply(begun ?? answer, delivery));
}

/** The answer, or `undefined` when it has not begun within `hold` milliseconds. */
function orHeldLongEnough(answer: Promise<ChatAnswer>, hold: number): Promise<ChatAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), hold);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (reason) => {
        clearTimeout(timer);
        reject(reason);
      },
    );
  });
}

function wholeReply(answer: ChatAnswer, delivery: Delivery): Reply {
  const { call, face, visit, facts } = delivery;
  if (answer.type === "stream") throw new Failure("upstream-error", "The upstream streamed an answer nobody asked to be streamed.");
  watchAll(answer.events, watcherFor(delivery));
  const body = answer.text ?? face.writeAnswer(answer.events, call, facts);
  visit.settle({ status: 200, outcome: visit.left ? "client-left" : "ok" });
  return { status: 200, headers: { "content-type": "application/json", ...answerHeaders(visit, answer.headers) }, body };
}

function streamReply(answer: ChatAnswer | Promise<ChatAnswer>, delivery: Delivery): Reply {
  const headers: Record<string, string> = { "content-type": delivery.face.streamType, "cache-control": "no-cache", "x-accel-buffering": "no" };
  delivery.visit.onDeparture(() => delivery.visit.settle({ status: 200, outcome: "client-left" }));
  const begun = answerHeaders(delivery.visit, answer instanceof Promise ? undefined : answer.headers);
  return { status: 200, headers: { ...headers, ...begun }, body: frames(answer, delivery) };
}

/** What may wake a stream that is being written. */
type Letter =
  | { readonly type: "answer"; readonly answer: ChatAnswer }
  | { readonly type: "pieces"; readonly pieces: readonly Piece[] | undefined }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "quiet" }
  | { readonly type: "left" };

/** The bytes of a stream: comments while nothing comes, the opening, the rest, and a clean end whatever happens. */
async function* frames(given: ChatAnswer | Promise<ChatAnswer>, delivery: Delivery): AsyncGenerator<Uint8Array> {
  const { visit, box, face } = delivery;
  const mailbox = new Mailbox<Letter>();
  let written = performance.now();
  const comment = box.policy().comment;
  const stopComments = box.pulse.join((now) => {
    if (now - written < comment) return;
    written = now;
    mailbox.put({ type: "quiet" });
  });
  visit.onDeparture(() => mailbox.put({ type: "left" }));
  const failed = (reason: unknown) => mailbox.put({ type: "failed", failure: reason instanceof Failure ? reason : brokenOff(reason) });
  let writer: StreamWriter | undefined;
  let source: ChatAnswer | undefined;
  const begin = (answer: ChatAnswer) => {
    source = answer;
    writer = new StreamWriter(answer.type === "stream" && answer.express, delivery);
    mailbox.put({ type: "pieces", pieces: answer.type === "stream" ? answer.opening : [{ events: answer.events }] });
  };
  const readOn = () => {
    if (source?.type === "stream") source.next().then((pieces) => mailbox.put({ type: "pieces", pieces }), failed);
    else mailbox.put({ type: "pieces", pieces: undefined });
  };

  if (given instanceof Promise) given.then((answer) => mailbox.put({ type: "answer", answer }), failed);
  else begin(given);
  try {
    for (;;) {
      const letter = await mailbox.take();
      switch (letter.type) {
        case "left":
          return;
        case "quiet":
          yield Buffer.from(face.comment);
          continue;
        case "answer":
          begin(letter.answer);
          continue;
        case "failed":
          visit.settle({ status: 200, outcome: letter.failure.kind === "client-left" ? "client-left" : "failed", failure: letter.failure });
          yield Buffer.from(face.writeFailureFrames(letter.failure, visit.id));
          return;
        case "pieces": {
          const out = writer?.write(letter.pieces ?? []);
          // What the last frame promises must be true before it leaves: settle first.
          if (writer?.failure !== undefined) visit.settle({ status: 200, outcome: "failed", failure: writer.failure });
          else if (letter.pieces === undefined || writer?.ended) visit.settle({ status: 200, outcome: "ok" });
          if (out !== undefined && out.length > 0) {
            yield out;
            written = performance.now();
          }
          if (letter.pieces === undefined || writer?.ended || writer?.failure !== undefined) return;
          readOn();
        }
      }
    }
  } catch (thrown) {
    // Only a mistake of our own comes here: the client is told, and so is the log.
    const failure = asFailure(thrown);
    visit.settle({ status: 200, outcome: "failed", failure });
    yield Buffer.from(face.writeFailureFrames(failure, visit.id));
  } finally {
    stopComments();
    if (source?.type === "stream") source.abort();
    visit.settle({ status: 200, outcome: "client-left" });
  }
}

/** An upstream that broke off after its content had begun. */
function brokenOff(reason: unknown): Failure {
  return new Failure("upstream-error", "The connection to the upstream broke before the answer was finished.", { cause: reason });
}

/** Pieces to bytes for one client: forwarded whole on the express lane, written anew on any other. */
class StreamWriter {
  readonly #express: boolean;
  readonly #delivery: Delivery;
  readonly #encoder: ChatEncoder;
  readonly #watch: (event: ChatEvent) => void;
  ended = false;
  failure: Failure | undefined;

  constructor(express: boolean, delivery: Delivery) {
    this.#express = express;
    this.#delivery = delivery;
    this.#encoder = delivery.face.encoder(delivery.call, delivery.facts);
    this.#watch = watcherFor(delivery);
  }

  write(pieces: readonly Piece[]): Uint8Array {
    const out: Uint8Array[] = [];
    for (const piece of pieces) {
      if (this.ended || this.failure !== undefined) break;
      watchAll(piece.events, this.#watch);
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
    if (!(usageOnly && !call.wantsUsage)) out.push(piece.raw);
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
      text += this.#encoder.encode(event);
    }
    if (text !== "") out.push(Buffer.from(text));
  }

  #fail(failure: Failure, out: Uint8Array[]): void {
    this.failure = failure;
    out.push(Buffer.from(this.#delivery.face.writeFailureFrames(failure, this.#delivery.visit.id)));
  }
}

/** Keeps what the visit must remember of an answer: what it used, and what its model signed. */
function watcherFor({ visit, box, call }: Delivery): (event: ChatEvent) => void {
  const family = visit.served?.deployment.profile.family ?? "";
  const keep = family === "" ? undefined : box.signatures.keeper(visit.caller?.userId ?? visit.caller?.keyId ?? "", family);
  const meter = meterFor(visit, call);
  return (event) => {
    meter(event);
    keep?.(event);
  };
}

function watchAll(events: readonly ChatEvent[], watch: (event: ChatEvent) => void): void {
  for (const event of events) watch(event);
}
