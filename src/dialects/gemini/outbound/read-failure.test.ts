import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../vocabulary/failure.ts";
import type { Json } from "../../../vocabulary/json.ts";
import { readFailure } from "./read-failure.ts";

interface Case {
  readonly name: string;
  readonly status: number;
  readonly body: Json;
  readonly kind: FailureKind;
  readonly retryAfter?: number;
  readonly verbatim?: boolean;
  readonly says?: string;
}

const error = (status: string, message: string, details?: Json): Json => ({
  error: { code: 0, message, status, ...(details === undefined ? {} : { details }) },
});

const CASES: readonly Case[] = [
  {
    name: "a malformed request",
    status: 400,
    body: error("INVALID_ARGUMENT", 'Unknown name "x"'),
    kind: "invalid-request",
    verbatim: true,
    says: "Unknown name",
  },
  {
    name: "a bad key, by reason",
    status: 400,
    body: error("INVALID_ARGUMENT", "Bad.", [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }]),
    kind: "upstream-credentials",
  },
  {
    name: "a bad key, by words",
    status: 400,
    body: error("INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    kind: "upstream-credentials",
  },
  { name: "no billing account", status: 400, body: error("FAILED_PRECONDITION", "Please enable billing."), kind: "upstream-credentials" },
  { name: "not allowed", status: 403, body: error("PERMISSION_DENIED", "Requests from this referer are blocked."), kind: "upstream-credentials" },
  {
    name: "somebody's file",
    status: 403,
    body: error("PERMISSION_DENIED", "You do not have permission to access the File abc or it may not exist."),
    kind: "invalid-request",
    verbatim: true,
  },
  {
    name: "no such model",
    status: 404,
    body: error("NOT_FOUND", "models/x is not found for API version v1beta, or is not supported for generateContent."),
    kind: "upstream-model-missing",
  },
  {
    name: "the prompt is too long",
    status: 400,
    body: error("INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
    kind: "context-overflow",
    verbatim: true,
  },
  {
    name: "too many requests, with a delay",
    status: 429,
    body: error("RESOURCE_EXHAUSTED", "Slow down.", [
      { "@type": "type.googleapis.com/google.rpc.Help" },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "27.5s" },
    ]),
    kind: "rate-limited",
    retryAfter: 27.5,
  },
  {
    name: "too many requests, the delay in words",
    status: 429,
    body: error("RESOURCE_EXHAUSTED", "Please retry in 3.25s."),
    kind: "rate-limited",
    retryAfter: 3.25,
  },
  { name: "overloaded", status: 503, body: error("UNAVAILABLE", "The model is overloaded."), kind: "overloaded" },
  { name: "its deadline", status: 504, body: error("DEADLINE_EXCEEDED", "Deadline expired."), kind: "upstream-timeout" },
  { name: "its own fault", status: 500, body: error("INTERNAL", "An internal error has occurred."), kind: "upstream-error" },
  { name: "an error in a list", status: 429, body: [error("RESOURCE_EXHAUSTED", "Exhausted.")], kind: "rate-limited", says: "Exhausted." },
  { name: "a status word nobody knows", status: 503, body: error("NEW_WORD", "Hm."), kind: "overloaded" },
  { name: "a web page", status: 502, body: "<html><body>Bad gateway</body></html>", kind: "upstream-error", says: "web page" },
  { name: "nothing at all", status: 500, body: "", kind: "upstream-error", says: "empty body" },
  { name: "plain text", status: 404, body: "no route", kind: "upstream-model-missing", says: "no route" },
  { name: "JSON without an error", status: 401, body: { detail: "x" }, kind: "upstream-credentials" },
];

describe("readFailure", () => {
  test.each(CASES.map((each) => [each.name, each] as const))("%s", (_name, { status, body, kind, retryAfter, verbatim, says }) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const failure = readFailure({ status, headers: new Headers({ "content-type": "application/json" }), text });
    expect(failure.kind).toBe(kind);
    expect(failure.facts.upstreamStatus).toBe(status);
    expect(failure.facts.retryAfter).toBe(retryAfter as number);
    expect(failure.facts.verbatim).toEqual(verbatim === true ? { dialect: "gemini", status, body: text, contentType: "application/json" } : undefined);
    expect(failure.message).toContain(says ?? "");
    expect(failure.message).not.toContain("<html");
  });
});
