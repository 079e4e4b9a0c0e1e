import { asFailure, Failure } from "../vocabulary/failure.ts";
import { type ConnectWatch, connectWatch } from "./connect-watch.ts";

/** One HTTP call to an upstream. */
export interface UpstreamCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborted, with a `Failure` as its reason, when the client leaves or a deadline passes. */
  readonly signal: AbortSignal;
  /** Milliseconds until a connection must stand. */
  readonly connectWithin: number;
}

export interface UpstreamClient {
  /** Rejects, as reading the answer's body may, with what `explain` understands. */
  send(call: UpstreamCall): Promise<Response>;
  /** What really went wrong with a call: the reason it was aborted for, or a connection that could not be made or kept. */
  explain(error: unknown, signal: AbortSignal, url: string): Failure;
}

/**
 * The one HTTP client: no redirects followed (they would carry our credentials along), connections kept and pooled per origin.
 * `send` is deliberately one promise deep: every layer of `async` here is paid on every request.
 */
export function upstreamClient(watch: ConnectWatch = connectWatch()): UpstreamClient {
  return {
    send({ url, headers, body, signal, connectWithin }) {
      const put = (until: AbortSignal) => fetch(url, { method: "POST", headers, body, redirect: "manual", signal: until });
      return watch.known(url) ? put(signal) : watch.firstTo(url, connectWithin, signal, put);
    },
    explain(error, signal, url) {
      if (error instanceof Failure) return error;
      if (signal.aborted && signal.reason instanceof Failure) return signal.reason;
      if (isOurs(error)) return asFailure(error);
      watch.forget(url);
      return new Failure("upstream-unreachable", `The connection to ${new URL(url).origin} failed: ${wordsOf(error)}.`, { cause: error });
    },
  };
}

/** The network's errors carry a code; one of the language's own without it is a mistake in this program. */
export function isOurs(error: unknown): boolean {
  const mistake =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError || error instanceof URIError;
  return mistake && typeof (error as Error & { code?: unknown }).code !== "string";
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === "string" ? code : error.message.slice(0, 200);
}
