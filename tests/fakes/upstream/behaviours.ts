import type { Json } from "../../../src/vocabulary/json.ts";
import type { Answer } from "./answers/answer.ts";
import type { FrameKind, FramingQuirks } from "./framing.ts";

/** What the fake does with one request, as plain data. Everything absent is done well and at once. */
export interface Behaviour {
  /** What the model says; absent: an answer made from the request. */
  readonly answer?: Answer;
  /** This reply instead of an answer. */
  readonly reply?: ScriptedReply;
  /** Added to the headers of whatever is replied. */
  readonly headers?: Readonly<Record<string, string>>;

  /** Milliseconds before the status line. */
  readonly delay?: number;
  /** Milliseconds between the headers and the first piece of the body. */
  readonly delayFirst?: number;
  /** Milliseconds between the pieces of the body. */
  readonly delayBetween?: number;
  /** Says nothing more from here on, and keeps the connection open. */
  readonly stall?: "before-headers" | "before-body" | { readonly afterFrames: number } | { readonly afterBytes: number };
  /** Destroys the connection (a reset, not an orderly end) here. */
  readonly cut?: "before-headers" | "before-body" | { readonly afterFrames: number } | { readonly afterBytes: number };
  /** Ends the body in an orderly way after so many frames. */
  readonly endAfterFrames?: number;

  /** How the body is cut into pieces: bytes per piece, one per frame (the default), or all at once. */
  readonly chunks?: number | "frame" | "whole";
  /** An error inside a 200; `data` replaces the dialect's own error. Nothing follows it, unless `goesOn`. */
  readonly errorFrame?: { readonly afterFrames: number; readonly data?: string; readonly event?: string; readonly goesOn?: boolean };
  /** Kinds of frames left out: `["finish"]`, `["end"]` for a missing `[DONE]` or `message_stop`. */
  readonly drop?: readonly FrameKind[];
  readonly framing?: FramingQuirks;
  /** The body ends, in an orderly way, inside the last character of more than one byte. */
  readonly halfCharacter?: boolean;
  /** Compresses the whole body and says so. */
  readonly encoding?: "gzip" | "zstd" | "br" | "deflate";
  /** How the end of the body is known: a number is sent as `content-length`, true or not. */
  readonly length?: "exact" | "chunked" | "until-close" | number;
  /** Header lines without end. */
  readonly endlessHeaders?: boolean;
}

export interface ScriptedReply {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON is serialised; absent without `frames`: the dialect's own error body. */
  readonly body?: string | Uint8Array | Json;
  /** A streamed body instead, one element per frame. */
  readonly frames?: readonly string[];
}

/**
 * One behaviour for every request, a queue of them, or either per model. After a queue's end requests are answered well; GETs
 * (model lists, health checks) take nothing from a queue, as nobody can tell when they come.
 */
export type Script = Behaviour | readonly Behaviour[] | ScriptTable | ScriptFunction;

export interface ScriptTable {
  readonly models: Readonly<Record<string, Behaviour | readonly Behaviour[]>>;
  readonly otherwise?: Behaviour | readonly Behaviour[];
}

/** What a script may decide by. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly text: string;
  readonly json: Json | undefined;
  readonly model: string;
}
export type ScriptFunction = (request: ScriptedRequest) => Behaviour;

/** Plays a script: each call gives the next request's behaviour. */
export function scriptPlayer(script: Script): ScriptFunction {
  if (typeof script === "function") return script;
  const taken = new Map<string, number>();
  const next = (name: string, entry: Behaviour | readonly Behaviour[] | undefined, method: string): Behaviour => {
    if (!isQueue(entry)) return entry ?? {};
    if (method === "GET") return {};
    const at = taken.get(name) ?? 0;
    taken.set(name, at + 1);
    return entry[at] ?? {};
  };
  return (request) => {
    const { model, method } = request;
    if (!isTable(script)) return next("", script, method);
    return model in script.models ? next(`model ${model}`, script.models[model], method) : next("", script.otherwise, method);
  };
}

function isQueue(entry: Behaviour | readonly Behaviour[] | undefined): entry is readonly Behaviour[] {
  return Array.isArray(entry);
}

function isTable(script: Behaviour | readonly Behaviour[] | ScriptTable): script is ScriptTable {
  return "models" in script;
}

/** An HTML page with status 200, as a captive portal or a broken proxy sends. */
export const HTML_200: Behaviour = {
  reply: { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<!doctype html><html><body><h1>Welcome</h1></body></html>" },
};

/** A load balancer's own error page. */
export const HTML_502: Behaviour = {
  reply: { status: 502, headers: { "content-type": "text/html" }, body: "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>" },
};

/** Status 200 and not a single byte. */
export const EMPTY_200: Behaviour = { reply: { status: 200, headers: { "content-type": "application/json" }, body: "" } };

/** This status with the dialect's own error body, and `retry-after` in seconds when given. */
export function failing(status: number, retryAfter?: number): Behaviour {
  return { reply: { status, headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } } };
}

/** A 307 to another server, which must never be followed: it would get our credentials. */
export function redirectingTo(url: string): Behaviour {
  return { reply: { status: 307, headers: { location: url }, body: "" } };
}
