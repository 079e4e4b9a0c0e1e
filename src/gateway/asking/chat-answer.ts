import type { UpstreamReply } from "../../upstream/client.ts";
import { type FrameReader, ndjsonReader, sseReader } from "../../upstream/frames.ts";
import type { ChatDecoder, ChatOutbound, Frame, HeaderView } from "../../vocabulary/dialect.ts";
import { type ChatEvent, isContent } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { parseJson } from "../../vocabulary/json.ts";
import type { Attempt } from "../attempts/attempt.ts";
import { crossingBack } from "./crossing.ts";

/** A frame and what it says; `raw` only on the express lane, where it is forwarded. */
export interface Piece {
  readonly raw?: Uint8Array;
  readonly events: readonly ChatEvent[];
}

/** An answer that has begun: its first content is here, or all of it. */
export type ChatAnswer =
  | {
      readonly type: "whole";
      readonly events: readonly ChatEvent[];
      /** The upstream's own text, on the express lane. */
      readonly text?: string;
      /** The upstream's that go to the client. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "stream";
      readonly express: boolean;
      readonly opening: readonly Piece[];
      /** The upstream's that go to the client. */
      readonly headers: Readonly<Record<string, string>>;
      /** The next pieces; `undefined` at the end. */
      next(): Promise<readonly Piece[] | undefined>;
      abort(): void;
    };

/** What an answer is read from. */
interface Answering {
  readonly reply: UpstreamReply;
  readonly dialect: ChatOutbound;
  /** Do the upstream's own bytes go to the client? */
  readonly express: boolean;
  readonly attempt: Attempt;
}

/** Before content this many events, or bytes, wait for the commit; past it the answer is committed as it is. */
const WAITING_EVENTS = 64;
const WAITING_BYTES = 256 * 1024;

/** Whatever is sent after the end is for nobody. One for all: an error costs its stack trace. */
const OVER = new Failure("client-left", "The answer is over.");

/** An answer that came in one piece. Throws what failed in it. */
export function wholeAnswer(text: string, { reply: { headers }, dialect, express, attempt }: Answering): ChatAnswer {
  const json = parseJson(text);
  if (json === undefined) throw new Failure("upstream-error", notJson(text, headers));
  const events = dialect.readAnswer(json);
  const failure = events.find((event) => event.type === "failure");
  if (failure !== undefined) throw failure.failure;
  const refusal = events.find(isContent);
  if (refusal !== undefined) refuseElsewhere(refusal, attempt);
  attempt.done();
  return { type: "whole", events, headers: crossingBack(headers, dialect), text: express ? text : undefined };
}

/** An answer that begins with its refusal is no answer where another model is named for what is refused: throws `content-refused` then. */
function refuseElsewhere(first: ChatEvent, attempt: Attempt): void {
  const refused = first.type === "refusal" || (first.type === "finish" && (first.reason === "content-filter" || first.reason === "refusal"));
  if (refused && attempt.refusalsGoElsewhere) throw new Failure("content-refused", `${attempt.target.deployment.id} refuses to answer this.`);
}

function notJson(text: string, headers: HeaderView): string {
  if (text.trim() === "") return "The upstream answered 200 with an empty body.";
  return `The upstream answered 200 with something that is not JSON (${typeOf(headers)}, ${text.length} characters).`;
}

/** What is wrong with a stream of so many bytes in which there was no frame. */
function notStream(bytes: number, headers: HeaderView): string {
  const type = typeOf(headers);
  if (bytes === 0 || /^text\/event-stream\b|ndjson/i.test(type)) return "The upstream closed the stream without a word.";
  return `The upstream answered 200 with something that is not a stream (${type}, ${bytes} bytes).`;
}

function typeOf(headers: HeaderView): string {
  return headers.get("content-type") ?? "no content type";
}

/** A stream whose answer is committed: content came, or so much else that it is taken as it is. Throws what fails before. */
export async function openStream(answering: Answering): Promise<ChatAnswer> {
  const { reply, dialect, express, attempt } = answering;
  const source = new PieceSource(answering);
  const opening: Piece[] = [];
  let events = 0;
  let bytes = 0;
  for (;;) {
    const pieces = await source.next();
    if (pieces === undefined) throw new Failure("upstream-error", "The upstream closed the stream without an answer.");
    let committed = false;
    for (const piece of pieces) {
      opening.push(piece);
      events += piece.events.length;
      bytes += piece.raw?.length ?? 0;
      for (const event of piece.events) {
        if (event.type === "failure" && !committed) throw event.failure;
        if (!committed && isContent(event)) refuseElsewhere(event, attempt);
        committed ||= isContent(event) || event.type === "end";
      }
    }
    if (!committed && events <= WAITING_EVENTS && bytes <= WAITING_BYTES) continue;
    source.committed = true;
    attempt.content();
    return {
      type: "stream",
      express,
      opening,
      headers: crossingBack(reply.headers, dialect),
      next: () => source.next(),
      abort: () => attempt.abort(OVER),
    };
  }
}

/** An upstream's bytes as pieces, in the batches the network delivers. */
class PieceSource {
  readonly #reply: UpstreamReply;
  readonly #reader: FrameReader;
  readonly #decoder: ChatDecoder;
  readonly #express: boolean;
  readonly #attempt: Attempt;
  /** Its first content has come. */
  committed = false;
  #closed = false;
  #bytes = 0;
  #frames = 0;

  constructor({ reply, dialect, express, attempt }: Answering) {
    this.#reply = reply;
    this.#reader = dialect.framing === "sse" ? sseReader() : ndjsonReader();
    this.#decoder = dialect.decoder();
    this.#express = express;
    this.#attempt = attempt;
  }

  async next(): Promise<readonly Piece[] | undefined> {
    this.#attempt.alive();
    while (!this.#closed) {
      const chunk = await this.#reply.next();
      this.#attempt.alive();
      if (chunk === undefined) {
        this.#closed = true;
        const last = this.#pieces(this.#reader.flush());
        last.push({ events: this.#frames === 0 ? [this.#nothing()] : this.#decoder.close() });
        this.#end(last);
        return last;
      }
      this.#bytes += chunk.length;
      const pieces = this.#pieces(this.#reader.feed(chunk));
      if (pieces.length > 0) return pieces;
    }
    return undefined;
  }

  #pieces(frames: readonly Frame[]): Piece[] {
    const pieces: Piece[] = [];
    for (const frame of frames) {
      if (frame.data === "") continue;
      this.#frames++;
      const events = this.#decoder.decode(frame);
      if (this.#express) pieces.push({ raw: frame.raw, events });
      else if (events.length > 0) pieces.push({ events });
    }
    return pieces;
  }

  /** The upstream is done with it. While it has no content it may still fail, and its seat is not to be left before that is known. */
  #end(last: readonly Piece[]): void {
    const failure = last.flatMap(({ events }) => events).find((event) => event.type === "failure")?.failure;
    if (failure !== undefined) this.#attempt.fail(failure);
    else if (this.committed) this.#attempt.done();
  }

  #nothing(): ChatEvent {
    return { type: "failure", failure: new Failure("upstream-error", notStream(this.#bytes, this.#reply.headers)) };
  }
}
