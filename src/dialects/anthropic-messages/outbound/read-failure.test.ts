import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../vocabulary/failure.ts";
import { readErrorEvent, readMessagesFailure } from "./read-failure.ts";

const said = (type: string, message: string) => JSON.stringify({ type: "error", error: { type, message }, request_id: "req_1" });
const read = (status: number, text: string, headers: Record<string, string> = {}) =>
  readMessagesFailure({ status, text, headers: new Headers({ "content-type": "application/json", ...headers }) });

const rows: [string, number, string, FailureKind, boolean][] = [
  ["a wrong field", 400, said("invalid_request_error", "temperature: range: 0..1"), "invalid-request", true],
  ["a prompt too long", 400, said("invalid_request_error", "prompt is too long: 215000 tokens > 200000 maximum"), "context-overflow", true],
  [
    "an answer that would not fit",
    400,
    said("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
    "context-overflow",
    true,
  ],
  ["our account is empty", 400, said("invalid_request_error", "Your credit balance is too low to access the Anthropic API."), "upstream-credentials", false],
  ["our account's own limit", 400, said("invalid_request_error", "You have reached your specified API usage limits."), "upstream-credentials", false],
  ["our account is closed", 400, said("invalid_request_error", "This organization has been disabled."), "upstream-credentials", false],
  ["our bill", 402, said("billing_error", "Payment is due."), "upstream-credentials", false],
  ["our bill, without words", 402, "{}", "upstream-credentials", false],
  ["our key", 401, said("authentication_error", "invalid x-api-key"), "upstream-credentials", false],
  ["our permissions", 403, said("permission_error", "Your API key does not have permission"), "upstream-credentials", false],
  ["a model that is gone", 404, said("not_found_error", "model: claude-1"), "upstream-model-missing", false],
  ["too many bytes", 413, said("request_too_large", "Request exceeds the maximum size"), "too-large", true],
  ["a filter", 400, said("invalid_request_error", "Output blocked by content filtering policy"), "content-refused", true],
  ["too fast", 429, said("rate_limit_error", "This request would exceed your organization's rate limit"), "rate-limited", false],
  ["broken", 500, said("api_error", "Internal server error"), "upstream-error", false],
  ["slow", 504, said("timeout_error", "Request timed out"), "upstream-timeout", false],
  ["busy", 529, said("overloaded_error", "Overloaded"), "overloaded", false],
  ["busy, by its type alone", 500, said("overloaded_error", "Overloaded"), "overloaded", false],
  ["a type nobody knows", 503, said("new_error", "?"), "overloaded", false],
  ["an empty body", 500, "", "upstream-error", false],
  ["a web page", 502, "<!DOCTYPE html><html><h1>Bad gateway</h1></html>", "upstream-error", false],
  ["a line of text", 503, "upstream connect error", "overloaded", false],
  ["another kind of JSON", 400, '"no"', "invalid-request", false],
];

describe("a failed reply", () => {
  test.each(rows)("%s", (_, status, text, kind, verbatim) => {
    const failure = read(status, text);
    expect(failure.kind).toBe(kind);
    expect(failure.facts.upstreamStatus).toBe(status);
    expect(failure.facts.verbatim).toEqual(verbatim ? { dialect: "anthropic-messages", status, body: text, contentType: "application/json" } : undefined);
    expect(failure.message).not.toBe("");
    expect(failure.message).not.toContain("<");
  });

  test("speaks plainly where the upstream did not", () => {
    expect(read(500, "").message).toBe("The upstream answered 500 with an empty body.");
    expect(read(502, "<html>").message).toStartWith("The upstream answered 502 with a web page");
    expect(read(503, "upstream connect error").message).toBe("upstream connect error");
    expect(read(500, "{}").message).toBe("The upstream answered 500 without saying why.");
  });

  test("keeps how long to wait", () => {
    expect(read(429, said("rate_limit_error", "slow down"), { "retry-after": "12" }).facts.retryAfter).toBe(12);
  });
});

test("an error event inside a stream is read by the same table", () => {
  const event = (type: string, message: string) => readErrorEvent({ type: "error", error: { type, message } });
  expect(event("overloaded_error", "Overloaded")).toMatchObject({ kind: "overloaded", message: "Overloaded", facts: { upstreamStatus: 200 } });
  expect(event("api_error", "?").kind).toBe("upstream-error");
  expect(event("what_error", "?").kind).toBe("upstream-error");
  expect(readErrorEvent({ type: "error" }).message).toBe("The upstream reported an error without a message.");
});
