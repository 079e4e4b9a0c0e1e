import type { WrittenFailure } from "../../../../vocabulary/dialect.ts";
import type { Failure } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { retryHeaders } from "../../../shared/failures/retry-headers.ts";
import { overflowWords } from "./overflow.ts";

/** Anthropic's type, and its status where that is another, for each status of the one table: https://platform.claude.com/docs/en/api/errors */
const TYPES: ReadonlyMap<number, { readonly type: string; readonly status?: number }> = new Map([
  [401, { type: "authentication_error" }],
  [403, { type: "permission_error" }],
  [404, { type: "not_found_error" }],
  [413, { type: "request_too_large" }],
  [429, { type: "rate_limit_error" }],
  [503, { type: "overloaded_error", status: 529 }],
  [504, { type: "timeout_error" }],
]);

/** A failure as Anthropic's clients expect it: `{type: "error", error: {type, message}, request_id}`. An Anthropic upstream's own words pass unreworded. */
export function writeMessagesFailure(failure: Failure, requestId: string): WrittenFailure {
  const { verbatim } = failure.facts;
  const headers = retryHeaders(failure);
  if (verbatim?.dialect === "anthropic-messages")
    return { status: verbatim.status, headers: { ...headers, "content-type": verbatim.contentType }, body: verbatim.body };
  return {
    status: errorOf(failure).status,
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(errorBody(failure, requestId)),
  };
}

/** The body of such an answer, and the data of the event that ends a stream with it. */
export function errorBody(failure: Failure, requestId: string): JsonObject {
  const message = failure.kind === "context-overflow" ? overflowWords(failure.message) : failure.message;
  return { type: "error", error: { type: errorOf(failure).type, message }, request_id: requestId };
}

function errorOf({ kind, row: { status } }: Failure): { readonly type: string; readonly status: number } {
  // A spent budget is no rate that one could wait for.
  if (kind === "quota-exhausted") return { type: "billing_error", status: 402 };
  // Claude Code asks for another model then, and would ask a broken upstream ten times.
  if (kind === "upstream-model-missing") return { type: "not_found_error", status: 404 };
  const known = TYPES.get(status);
  return { status, ...(known ?? { type: status < 500 ? "invalid_request_error" : "api_error" }) };
}
