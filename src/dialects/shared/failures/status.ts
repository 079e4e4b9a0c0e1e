import type { DialectName, FailedReply, HeaderView } from "../../../vocabulary/dialect.ts";
import { Failure, type FailureFacts, type FailureKind } from "../../../vocabulary/failure.ts";

/** The kind of failure an upstream's status tells, when its body says nothing more precise. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403 || status === 407) return "upstream-credentials";
  if (status === 402) return "quota-exhausted";
  if (status === 404) return "upstream-model-missing";
  if (status === 408 || status === 504) return "upstream-timeout";
  if (status === 413) return "too-large";
  if (status === 429) return "rate-limited";
  if (status === 503 || status === 529) return "overloaded";
  if (status >= 400 && status < 500) return "invalid-request";
  return "upstream-error";
}

/** Failures that are about the client's own request, and so worth its reading them unreworded. */
export const ABOUT_THE_REQUEST: ReadonlySet<FailureKind> = new Set(["invalid-request", "context-overflow", "proof-refused", "content-refused", "too-large"]);

/** Seconds from `retry-after-ms` or `retry-after` (seconds or an HTTP date); `undefined` when neither is usable. */
export function retryAfterOf(headers: HeaderView, now: number = Date.now()): number | undefined {
  const milliseconds = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds / 1000;
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  // `Date.parse` takes `-5` for a year: an HTTP date begins with a day's name.
  const date = /^\s*[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** A failed reply as a failure of the given kind. `message` is the upstream's own, shortened; never HTML. */
export function failureOf(kind: FailureKind, reply: FailedReply, message: string | undefined, facts: FailureFacts = {}): Failure {
  const said = message?.trim().slice(0, 2000) || `The upstream answered ${reply.status} without saying why.`;
  const retryAfter = facts.retryAfter ?? retryAfterOf(reply.headers);
  return new Failure(kind, said, { ...facts, upstreamStatus: reply.status, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

/** The upstream's own words about the client's request, with its status: only one that says so, 4xx, may reach the client. */
export function verbatimOf(reply: FailedReply, dialect: DialectName): Pick<FailureFacts, "verbatim"> {
  if (reply.status < 400 || reply.status > 499) return {};
  return { verbatim: { dialect, status: reply.status, body: reply.text, contentType: reply.headers.get("content-type") ?? "application/json" } };
}

/** Do these words of an upstream mean that a proof of thinking in the conversation is not its own: of another account, model or platform? */
export function saysProofRefused(message: string): boolean {
  return /invalid_encrypted_content|encrypted content .*could not be (verified|decrypted)|invalid `?signature`? in `?thinking|thought signature is not valid|corrupted thought signature/i.test(
    message,
  );
}
