import type { WrittenFailure } from "../../../../vocabulary/dialect.ts";
import type { Failure, FailureKind } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { retryHeaders } from "../../../shared/failures/retry-headers.ts";

/** Google's word for each kind. https://cloud.google.com/apis/design/errors */
const WORDS: Readonly<Record<FailureKind, string>> = {
  "invalid-request": "INVALID_ARGUMENT",
  "context-overflow": "INVALID_ARGUMENT",
  "proof-refused": "INVALID_ARGUMENT",
  "content-refused": "INVALID_ARGUMENT",
  "invalid-key": "UNAUTHENTICATED",
  "permission-denied": "PERMISSION_DENIED",
  "model-not-found": "NOT_FOUND",
  "not-found": "NOT_FOUND",
  "method-not-allowed": "UNIMPLEMENTED",
  "upgrade-required": "UNIMPLEMENTED",
  "too-large": "INVALID_ARGUMENT",
  "rate-limited": "RESOURCE_EXHAUSTED",
  "quota-exhausted": "RESOURCE_EXHAUSTED",
  "no-healthy-deployment": "UNAVAILABLE",
  "not-scheduled": "UNAVAILABLE",
  "engine-starting": "UNAVAILABLE",
  "engine-failed": "UNAVAILABLE",
  full: "UNAVAILABLE",
  overloaded: "UNAVAILABLE",
  "upstream-model-missing": "INTERNAL",
  "upstream-credentials": "INTERNAL",
  "upstream-error": "INTERNAL",
  "upstream-unreachable": "UNAVAILABLE",
  "not-cached": "NOT_FOUND",
  "upstream-timeout": "DEADLINE_EXCEEDED",
  "client-left": "CANCELLED",
  internal: "INTERNAL",
};

/** A failure as Google's clients expect it: `{error: {code, message, status, details}}`. A Gemini upstream's own words pass unreworded. */
export function writeGeminiFailure(failure: Failure, _requestId: string): WrittenFailure {
  const { verbatim } = failure.facts;
  const headers = { "content-type": "application/json; charset=UTF-8", ...retryHeaders(failure) };
  if (verbatim?.dialect === "gemini") return { status: verbatim.status, headers: { ...headers, "content-type": verbatim.contentType }, body: verbatim.body };
  return { status: failure.row.status, headers, body: JSON.stringify(errorBody(failure)) };
}

/** The body, or the last words of a stream. */
export function errorBody(failure: Failure): JsonObject {
  return { error: { code: failure.row.status, message: failure.message, status: WORDS[failure.kind], details: detailsOf(failure) } };
}

/** What programs read: which of our kinds it is, the field at fault, and how long to wait. */
function detailsOf({ row, message, facts: { param, retryAfter } }: Failure): JsonObject[] {
  const details: JsonObject[] = [{ "@type": `${TYPE}.ErrorInfo`, reason: row.code.toUpperCase(), domain: "signalbox" }];
  if (param) details.push({ "@type": `${TYPE}.BadRequest`, fieldViolations: [{ field: param, description: message }] });
  if (retryAfter !== undefined) details.push({ "@type": `${TYPE}.RetryInfo`, retryDelay: `${retryAfter}s` });
  return details;
}

const TYPE = "type.googleapis.com/google.rpc";
