import type { ChatRequest } from "./chat.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest } from "./embeddings.ts";
import type { ChatEvent } from "./events.ts";
import type { Failure } from "./failure.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Profile } from "./profile.ts";
import type { RatesLeft } from "./rates.ts";
import type { Usage } from "./usage.ts";

/**
 * A wire format. `openai-chat` is spoken by everything OpenAI-compatible. `openai-rerank` is what compatible servers answer beside it:
 * OpenAI has no such operation, Jina and Cohere made the shape.
 */
export type DialectName =
  | "openai-chat"
  | "openai-responses"
  | "openai-completions"
  | "openai-embeddings"
  | "openai-moderations"
  | "openai-images"
  | "openai-audio"
  | "openai-rerank"
  | "anthropic-messages"
  | "gemini"
  | "gemini-embeddings"
  | "ollama"
  | "ollama-generate"
  | "ollama-embeddings";

/** One frame of a streamed answer: an SSE event, or a line of NDJSON (then `event` is empty). */
export interface Frame {
  readonly event: string;
  readonly data: string;
  /** Its exact bytes, blank line included: what the express lane forwards. */
  readonly raw: Uint8Array;
}

/** The model as the upstream calls it, and its quirks. */
export interface Destination {
  readonly model: string;
  readonly profile: Profile;
}

/** A request body ready to send. */
export interface Outgoing {
  readonly body: string;
  /** Tuning knobs that were dropped or clamped, one sentence each, for `x-signalbox-warnings`. */
  readonly warnings: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers as far as anybody here reads them: by name in lower case, `null` when absent; or all of them, names in lower case. */
export interface HeaderView extends Iterable<[name: string, value: string]> {
  get(name: string): string | null;
}

/** An answer that is not 2xx, as the upstream wrote it. */
export interface FailedReply {
  readonly status: number;
  readonly headers: HeaderView;
  readonly text: string;
}

/** A request as it came in. */
export interface Incoming {
  /** The body. */
  readonly text: string;
  readonly headers: HeaderView;
  /** What the route's pattern matched, still URL-encoded: `gemini-2.5-pro:generateContent`. */
  readonly rest: string;
}

/** What a client asked for, read as far as routing needs it. */
export interface Call<Request> {
  readonly dialect: DialectName;
  readonly model: string;
  /** The exact JSON text the client sent. */
  readonly text: string;
  readonly json: JsonObject;
  /** The whole request in neutral words, read once when first needed. Throws `invalid-request` with the JSON path. */
  request(): Request;
}

export interface ChatCall extends Call<ChatRequest> {
  readonly stream: boolean;
  /** Did the client ask for a usage frame in its stream? We always ask upstream, and strip it when not. */
  readonly wantsUsage: boolean;
  readonly headers: HeaderView;
  /** The text is not what its dialect says, or not all that is meant: no upstream may get it as it is. */
  readonly anew?: boolean;
}

export interface EmbeddingsCall extends Call<EmbeddingsRequest> {
  readonly encoding: "float" | "base64";
}

/** Facts the gateway adds to an answer it writes. */
export interface AnswerFacts {
  /** The model's public name, for upstreams that do not name one. */
  readonly model: string;
  /** Our request id: an answer's id is made from it when the upstream gave none. */
  readonly requestId: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Milliseconds since the request began, for dialects whose answers say how long they took. */
  readonly clock?: { elapsed(): number };
}

/** Frames in, events out: synchronous, stateful, one per answer. */
export interface ChatDecoder {
  decode(frame: Frame): ChatEvent[];
  /** The upstream closed the connection: a `failure` when the answer was not whole, else what was still owed (at least `end` when not yet given). */
  close(): ChatEvent[];
}

/** Events in, frames out, for one client. */
export interface ChatEncoder {
  /** The frames to write for this event: empty when there is nothing to say. A `failure` ends the stream with a typed error, even before anything began. */
  encode(event: ChatEvent): string;
  /** A frame of the upstream's own, on the express lane, as this client's streams have frames; empty when it says nothing. Absent: as it is. */
  forward?(frame: Uint8Array): Uint8Array;
}

/** A failure as one HTTP answer of this dialect. */
export interface WrittenFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How clients of a dialect are told of failures. */
export interface FailureFace {
  readonly name?: string;
  /** The header in which its clients look for the request's id, besides `x-request-id`. */
  readonly idHeader?: string;
  writeFailure(failure: Failure, requestId: string): WrittenFailure;
  /** The headers that tell what is left of limits; absent: as OpenAI does. `now` is milliseconds since 1970. */
  rateHeaders?(left: RatesLeft, now: number): Record<string, string>;
}

/** We are the server: a client of this dialect asks for a chat. */
export interface ChatInbound extends FailureFace {
  readonly name: DialectName;
  readonly streamType: string;
  /** A frame that means nothing and keeps the connection alive; where the dialect has such, with a word on how it stands. */
  comment(facts: AnswerFacts, news?: string): string;
  /** The frame that ends a stream whose upstream closed without one; empty where none is needed. */
  readonly terminator: string;
  /** Throws `invalid-request` with the JSON path. */
  readCall(incoming: Incoming): ChatCall;
  encoder(call: ChatCall, facts: AnswerFacts): ChatEncoder;
  /** The whole answer as one JSON body. */
  writeAnswer(events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts): string;
}

/** We are the server: a client of this dialect asks how many tokens a chat would take. */
export interface CountInbound extends FailureFace {
  readonly name: DialectName;
  /** Throws `invalid-request` with the JSON path. */
  readCall(incoming: Incoming): ChatCall;
  /** The answer when we count ourselves; an upstream of the same dialect answers in its own words. */
  writeCount(tokens: number): string;
}

/** Headers that mean something to both ends when client and upstream speak the same dialect. Never credentials. */
export interface Crossing {
  /** The client's, by name in lower case. */
  readonly asked: RegExp;
  /** The upstream's. */
  readonly answered: RegExp;
}

/** We are the client: an upstream of this dialect answers a chat. */
export interface ChatOutbound {
  readonly name: DialectName;
  readonly framing: "sse" | "ndjson";
  readonly crossing?: Crossing;
  /** Same dialect on both sides: the client's own bytes with only the fields edited that are ours. Absent: always translate. */
  express?(call: ChatCall, destination: Destination): Outgoing;
  write(request: ChatRequest, destination: Destination): Outgoing;
  /** Is this URL one that the service reads itself, whatever its profile says of URLs: its own files, a bucket beside it? */
  readsAddress?(url: string): boolean;
  decoder(): ChatDecoder;
  /** A whole answer as events, by the same reading as a stream's. */
  readAnswer(json: Json): ChatEvent[];
  readFailure(reply: FailedReply): Failure;
}

export interface EmbeddingsInbound extends FailureFace {
  readonly name: DialectName;
  readCall(incoming: Incoming): EmbeddingsCall;
  writeAnswer(answer: EmbeddingsAnswer, call: EmbeddingsCall, facts: AnswerFacts): string;
}

export interface EmbeddingsOutbound {
  readonly name: DialectName;
  express?(call: EmbeddingsCall, destination: Destination): Outgoing;
  write(request: EmbeddingsRequest, destination: Destination): Outgoing;
  readAnswer(json: Json): EmbeddingsAnswer;
  readFailure(reply: FailedReply): Failure;
}

/** The usage an answer's events reported last, or `undefined` when none did. */
export function reportedUsage(events: readonly ChatEvent[]): Usage | undefined {
  let usage: Usage | undefined;
  for (const event of events) if (event.type === "usage") usage = event.usage;
  return usage;
}
