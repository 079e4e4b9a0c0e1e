import { Failure } from "../vocabulary/failure.ts";

/** A connection that could not be made or kept. `code` is the network's word for it: ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED. */
export class NetworkTrouble extends Error {
  readonly code: string;

  constructor(code: string, message: string = code) {
    super(message);
    this.name = "NetworkTrouble";
    this.code = code;
  }
}

/** What an upstream sent breaks the protocol. `what` goes on from "The upstream's answer is not HTTP: ". */
export function notHttp(what: string): Failure {
  return new Failure("upstream-error", `The upstream's answer is not HTTP/1.1: ${what}.`);
}

/** The network's errors carry a code; one of the language's own without it is a mistake in this program. */
export function isOurs(error: unknown): boolean {
  const mistake =
    error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof SyntaxError || error instanceof URIError;
  return mistake && typeof (error as Error & { code?: unknown }).code !== "string";
}
