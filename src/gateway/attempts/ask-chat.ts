import { chatOutbound } from "../../dialects/index.ts";
import type { UpstreamReply } from "../../upstream/client.ts";
import { type FrameReader, ndjsonReader, sseReader } from "../../upstream/frames.ts";
import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { ChatCall, ChatDecoder, ChatOutbound, Frame, HeaderView, Outgoing } from "../../vocabulary/dialect.ts";
import { type ChatEvent, isContent } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { parseJson } from "../../vocabulary/json.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import type { Attempt } from "./attempt.ts";
import { inlineMedia, mediaToFetch } from "./inline-media.ts";
import { upstreamCall } from "./upstream-call.ts";

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
      readonly headers: HeaderView;
    }
  | {
      readonly type: "stream";
      readonly express: boolean;
      readonly opening: readonly Piece[];
      readonly headers: HeaderView;
      /** The next pieces; `undefined` at the end. */
      next(): Promise<readonly Piece[] | undefined>;
      abort(): void;
    };

/** Before content this many events, or bytes, wait for the commit; past it the answer is committed as it is. */
const WAITING_EVENTS = 64;
const WAITING_BYTES = 256 * 1024;
/** No error needs more words. Bytes. */
const LARGEST_ERROR = 1024 * 1024;

/** Puts a chat call to one target and waits until its answer is committed. Rejects while another target may still do better. */
export async function askChat(call: ChatCall, attempt: Attempt, visit: Visit, box: Signalbox): Promise<ChatAnswer> {
  const { target } = attempt;
  const dialect = chatOutbound(target.route.dialect);
  const express = dialect.name === call.dialect && dialect.express !== undefined && !isWrittenAnew(call, attempt, dialect, box);
  const written = write(call, attempt, dialect, express, visit, box);
  const outgoing = written instanceof Promise ? await written : written;
  for (const warning of outgoing.warnings) if (!visit.warnings.includes(warning)) visit.warnings.push(warning);
  const reply = await box.upstream.send(upstreamCall(target, call.stream, outgoing, attempt));
  if (reply.status < 200 || reply.status > 299)
    throw dialect.readFailure({ status: reply.status, headers: reply.headers, text: await reply.text(LARGEST_ERROR) });
  if (!call.stream || isWhole(reply)) return wholeAnswer(await reply.text(), reply.headers, dialect, express && !call.stream, attempt);
  return openStream(reply, dialect, express, attempt);
}

/** Citations can only be left out of an answer, and media fetched into a request, that is written anew. */
function isWrittenAnew(call: ChatCall, { target }: Attempt, dialect: ChatOutbound, box: Signalbox): boolean {
  if (box.policy().removeSources) return true;
  return !target.deployment.profile.imageUrls && box.media !== undefined && mediaToFetch(call.request(), dialect).length > 0;
}

/** The body to send: at once, except when media have to be fetched for it first. */
function write(call: ChatCall, attempt: Attempt, dialect: ChatOutbound, express: boolean, visit: Visit, box: Signalbox): Outgoing | Promise<Outgoing> {
  const { model, profile } = attempt.target.deployment;
  if (express && dialect.express !== undefined) return dialect.express(call, { model, profile });
  const translated = (request: ChatRequest): Outgoing => {
    const user = visit.caller?.userId ?? visit.caller?.keyId ?? "";
    return dialect.write(profile.family === "" ? request : box.signatures.restore(request, user, profile.family), { model, profile });
  };
  const request = call.request();
  const fetcher = profile.imageUrls ? undefined : box.media;
  const wanted = fetcher === undefined ? [] : mediaToFetch(request, dialect);
  if (fetcher === undefined || wanted.length === 0) return translated(request);
  return inlineMedia(request, wanted, fetcher, callOffOf(visit)).then((inlined) => {
    attempt.alive(); // the upstream's silence is counted from now on: so far it was not asked
    return translated(inlined);
  });
}

/** Aborted, with the reason, when the visit is called off. */
function callOffOf(visit: Visit): AbortSignal {
  const controller = new AbortController();
  visit.onCallOff((reason) => controller.abort(reason));
  return controller.signal;
}

/** Did an upstream that was asked for a stream answer in one piece? */
function isWhole(reply: UpstreamReply): boolean {
  return /^application\/json\b/i.test(reply.headers.get("content-type") ?? "");
}

function wholeAnswer(text: string, headers: HeaderView, dialect: ChatOutbound, express: boolean, attempt: Attempt): ChatAnswer {
  const json = parseJson(text);
  if (json === undefined) throw new Failure("upstream-error", notJson(text, headers));
  const events = dialect.readAnswer(json);
  const failure = events.find((event) => event.type === "failure");
  if (failure !== undefined) throw failure.failure;
  attempt.done();
  return { type: "whole", events, headers, text: express ? text : undefined };
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

async function openStream(reply: UpstreamReply, dialect: ChatOutbound, express: boolean, attempt: Attempt): Promise<ChatAnswer> {
  const source = new PieceSource(reply, dialect.framing === "sse" ? sseReader() : ndjsonReader(), dialect.decoder(), express, attempt);
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
        if (event.type === "failure" && !committed) {
          attempt.abort(event.failure);
          throw event.failure;
        }
        committed ||= isContent(event) || event.type === "end";
      }
    }
    if (!committed && events <= WAITING_EVENTS && bytes <= WAITING_BYTES) continue;
    attempt.content();
    return {
      type: "stream",
      express,
      opening,
      headers: reply.headers,
      next: () => source.next(),
      abort: () => attempt.abort(new Failure("client-left", "The client closed the connection.")),
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
  #closed = false;
  #bytes = 0;
  #frames = 0;

  constructor(reply: UpstreamReply, reader: FrameReader, decoder: ChatDecoder, express: boolean, attempt: Attempt) {
    this.#reply = reply;
    this.#reader = reader;
    this.#decoder = decoder;
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
        this.#attempt.done();
        const last = this.#pieces(this.#reader.flush());
        last.push({ events: this.#frames === 0 ? [this.#nothing()] : this.#decoder.close() });
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

  #nothing(): ChatEvent {
    return { type: "failure", failure: new Failure("upstream-error", notStream(this.#bytes, this.#reply.headers)) };
  }
}
