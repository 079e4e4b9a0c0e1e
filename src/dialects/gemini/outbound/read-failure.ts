import type { FailedReply } from "../../../vocabulary/dialect.ts";
import { Failure, type FailureFacts, type FailureKind } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { saysContextOverflow } from "../../shared/failures/overflow.ts";
import { ABOUT_THE_REQUEST, failureOf, kindOfStatus, saysProofRefused, verbatimOf } from "../../shared/failures/status.ts";

/** What Google's status words mean. https://ai.google.dev/gemini-api/docs/troubleshooting */
const KINDS: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries({
    INVALID_ARGUMENT: "invalid-request",
    OUT_OF_RANGE: "invalid-request",
    // Said of the account: billing not enabled, or no free tier in its country.
    FAILED_PRECONDITION: "upstream-credentials",
    UNAUTHENTICATED: "upstream-credentials",
    PERMISSION_DENIED: "upstream-credentials",
    NOT_FOUND: "upstream-model-missing",
    RESOURCE_EXHAUSTED: "rate-limited",
    UNAVAILABLE: "overloaded",
    DEADLINE_EXCEEDED: "upstream-timeout",
    INTERNAL: "upstream-error",
    UNKNOWN: "upstream-error",
    UNIMPLEMENTED: "upstream-error",
    ABORTED: "upstream-error",
    CANCELLED: "upstream-error",
    DATA_LOSS: "upstream-error",
  }),
);

/** A reply that is not 2xx as a failure. Google's body is `{error}` or, on streams without `alt=sse`, `[{error}]`. */
export function readFailure(reply: FailedReply): Failure {
  const error = errorIn(parseJson(reply.text));
  if (error === undefined) return failureOf(kindOfStatus(reply.status), reply, withoutError(reply));
  const { kind, message, facts } = understood(error, reply.status);
  return failureOf(kind, reply, message, { ...facts, ...(ABOUT_THE_REQUEST.has(kind) ? verbatimOf(reply, "gemini") : {}) });
}

/** The error object of a body or frame, also in a list; `undefined` when it holds none. */
export function errorIn(json: Json | undefined): JsonObject | undefined {
  if (Array.isArray(json)) {
    for (const entry of json) if (isObject(entry) && isObject(entry["error"])) return entry["error"];
    return undefined;
  }
  return isObject(json) && isObject(json["error"]) ? json["error"] : undefined;
}

/** An error that came inside an answer of status 200. */
export function failureInAnswer(error: JsonObject): Failure {
  const { kind, message, facts } = understood(error, numberOf(error["code"]) ?? 500);
  return new Failure(kind, message?.slice(0, 2000) || "The upstream broke off its answer without saying why.", facts);
}

function understood(error: JsonObject, status: number): { kind: FailureKind; message: string | undefined; facts: FailureFacts } {
  const message = stringOf(error["message"]);
  const details = listOf(error["details"]).map(objectOf);
  const retryAfter = retryDelayOf(details, message ?? "");
  const facts: FailureFacts = { upstreamStatus: status, ...(retryAfter === undefined ? {} : { retryAfter }) };
  return { kind: kindOf(stringOf(error["status"]) ?? "", message ?? "", details, status), message, facts };
}

function kindOf(word: string, message: string, details: readonly JsonObject[], status: number): FailureKind {
  // A bad key is a 400 INVALID_ARGUMENT here: only the reason or the words tell.
  if (details.some((detail) => /^API_KEY_/.test(stringOf(detail["reason"]) ?? "")) || /\bapi key (not valid|not found|expired)/i.test(message))
    return "upstream-credentials";
  const kind = KINDS.get(word) ?? kindOfStatus(status);
  if (kind === "invalid-request" && saysContextOverflow(message)) return "context-overflow";
  if (kind === "invalid-request" && saysProofRefused(message)) return "proof-refused";
  // "You do not have permission to access the File abc or it may not exist": the client's file, not our key or model.
  if ((word === "PERMISSION_DENIED" || word === "NOT_FOUND") && /\bfiles?[ /]\S+/i.test(message) && !/\bmodels\//.test(message)) return "invalid-request";
  return kind;
}

/** Seconds: `details[].retryDelay` is a protobuf duration, `27s` or `0.847s`. */
function retryDelayOf(details: readonly JsonObject[], message: string): number | undefined {
  const delay = details.map((detail) => stringOf(detail["retryDelay"])).find((each) => each !== undefined);
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(delay ?? "")?.[1] ?? /retry in (\d+(?:\.\d+)?)s/i.exec(message)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function withoutError(reply: FailedReply): string {
  const text = reply.text.trim();
  if (text === "") return `The upstream answered ${reply.status} with an empty body.`;
  if (/^\s*</.test(text))
    return `The upstream answered ${reply.status} with a web page instead of JSON: something between it and this gateway may have answered for it.`;
  return text;
}
