import { failureIn, isFinal } from "../../dialects/openai-relay/answer.ts";
import { readOpenaiErrorObject } from "../../dialects/shared/openai/failure.ts";
import type { UpstreamReply } from "../../upstream/client.ts";
import { sseReader } from "../../upstream/frames.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { type Json, parseJson } from "../../vocabulary/json.ts";
import type { Attempt } from "../attempts/attempt.ts";

/** Bytes for the client, and what they say. */
export interface RelayPiece {
  readonly bytes: Uint8Array;
  /** What is in them as JSON. */
  readonly said: readonly Json[];
  /** Is the answer whole with them? */
  readonly final: boolean;
  /** The upstream told a failure after them. */
  readonly failure?: Failure;
}

/** An answer that has begun: all of it, or its first bytes. */
export type RelayAnswer =
  | { readonly type: "whole"; readonly text: string; readonly json: Json; readonly headers: Readonly<Record<string, string>> }
  | {
      readonly type: "stream";
      /** Are they server-sent events, rather than audio or text? */
      readonly events: boolean;
      readonly contentType: string;
      readonly opening: RelayPiece;
      /** The upstream's that go to the client. */
      readonly headers: Readonly<Record<string, string>>;
      /** The next bytes; `undefined` at the end. */
      next(): Promise<RelayPiece | undefined>;
      abort(): void;
    };

/** Bytes of an upstream, in the pieces in which they are passed on. The attempt is done at the end, unless it is empty: then it has failed. */
export interface PieceSource {
  next(): Promise<RelayPiece | undefined>;
}

/** Events pass whole, in the batches the network delivers; comments are left out, we send our own. */
export function eventSource(reply: UpstreamReply, attempt: Attempt): PieceSource {
  const reader = sseReader();
  let over = false;
  let begun = false;
  return {
    async next() {
      attempt.alive();
      while (!over) {
        const chunk = await reply.next();
        attempt.alive();
        if (chunk === undefined) over = true;
        const piece = pieceOf(chunk === undefined ? reader.flush() : reader.feed(chunk));
        if (piece === undefined) continue;
        begun = true;
        return piece;
      }
      if (begun) attempt.done();
      return undefined;
    },
  };
}

/** Shorter ones are read in any case. Characters. */
const SHORT = 4096;

function pieceOf(frames: readonly { readonly event: string; readonly data: string; readonly raw: Uint8Array }[]): RelayPiece | undefined {
  const raws: Uint8Array[] = [];
  const said: Json[] = [];
  let final = false;
  let failure: Failure | undefined;
  for (const { event, data, raw } of frames) {
    if (data === "") continue;
    // A picture in base64 is megabytes long, and seldom says anything else.
    const json = data.length < SHORT || data.includes('"usage"') || data.includes('"error"') ? parseJson(data) : undefined;
    failure = json === undefined ? undefined : event === "error" ? readOpenaiErrorObject(json) : failureIn(json);
    if (failure !== undefined) break;
    raws.push(raw);
    if (json !== undefined) said.push(json);
    final ||= data === "[DONE]" || (json !== undefined && isFinal(json));
  }
  if (raws.length === 0 && failure === undefined) return undefined;
  return { bytes: Buffer.concat(raws), said, final, ...(failure === undefined ? {} : { failure }) };
}

/** Anything else passes as it comes. */
export function byteSource(reply: UpstreamReply, attempt: Attempt): PieceSource {
  let begun = false;
  return {
    async next() {
      attempt.alive();
      const bytes = await reply.next();
      attempt.alive();
      if (bytes === undefined && begun) attempt.done();
      if (bytes === undefined) return undefined;
      begun = true;
      return { bytes, said: [], final: false };
    },
  };
}

/** The first bytes of an answer. Throws when there are none, and what failed before them. */
export async function openingOf(source: PieceSource, attempt: Attempt): Promise<RelayPiece> {
  const opening = await source.next();
  if (opening === undefined) throw new Failure("upstream-error", "The upstream answered 200 with an empty body.");
  if (opening.failure !== undefined && opening.bytes.length === 0) throw opening.failure;
  attempt.content();
  return opening;
}
