import { describe, expect, test } from "bun:test";
import { FAILURES, Failure, type FailureFacts, type FailureKind } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { writeMessagesFailure } from "./failure.ts";
import { overflowWords } from "./overflow.ts";

const written = (kind: FailureKind, facts: FailureFacts = {}, message = "said") => {
  const { status, headers, body } = writeMessagesFailure(new Failure(kind, message, facts), "req_1");
  return { status, headers, body: JSON.parse(body) as JsonObject };
};

describe("every kind in Anthropic's words", () => {
  const expected: Readonly<Record<FailureKind, [status: number, type: string, retry: boolean]>> = {
    "invalid-request": [400, "invalid_request_error", false],
    "context-overflow": [400, "invalid_request_error", false],
    "proof-refused": [400, "invalid_request_error", false],
    "content-refused": [400, "invalid_request_error", false],
    "invalid-key": [401, "authentication_error", false],
    "permission-denied": [403, "permission_error", false],
    "model-not-found": [404, "not_found_error", false],
    "not-found": [404, "not_found_error", false],
    "method-not-allowed": [405, "invalid_request_error", false],
    "too-large": [413, "request_too_large", false],
    "rate-limited": [429, "rate_limit_error", true],
    "quota-exhausted": [402, "billing_error", false],
    "no-healthy-deployment": [529, "overloaded_error", true],
    "not-scheduled": [529, "overloaded_error", true],
    "engine-starting": [529, "overloaded_error", true],
    "engine-failed": [529, "overloaded_error", false],
    full: [529, "overloaded_error", true],
    overloaded: [529, "overloaded_error", true],
    "upstream-model-missing": [404, "not_found_error", true],
    "upstream-credentials": [502, "api_error", true],
    "upstream-error": [502, "api_error", true],
    "upstream-unreachable": [502, "api_error", true],
    "not-cached": [504, "timeout_error", false],
    "upstream-timeout": [504, "timeout_error", true],
    "upgrade-required": [426, "invalid_request_error", false],
    "client-left": [499, "invalid_request_error", false],
    internal: [500, "api_error", true],
  };
  test.each(Object.keys(FAILURES) as FailureKind[])("%s", (kind) => {
    const [status, type, retry] = expected[kind];
    expect(written(kind)).toEqual({
      status,
      headers: { "content-type": "application/json", ...(retry ? {} : { "x-should-retry": "false" }) },
      body: { type: "error", error: { type, message: kind === "context-overflow" ? "prompt is too long: said" : "said" }, request_id: "req_1" },
    });
  });
});

describe("when to try again", () => {
  const rows: [number, Record<string, string>][] = [
    [3, { "retry-after": "3" }],
    [0.2, { "retry-after": "1", "retry-after-ms": "200" }],
    [3600, { "retry-after": "3600", "x-should-retry": "false" }],
  ];
  test.each(rows)("in %d seconds", (retryAfter, headers) => {
    expect(written("rate-limited", { retryAfter }).headers).toEqual({ "content-type": "application/json", ...headers });
  });
});

describe("an upstream's own words", () => {
  const body = '{ "type":"error","error":{"type":"invalid_request_error","message":"tools.0: odd"} }';
  test("pass unreworded when it is Anthropic's", () => {
    const verbatim = { dialect: "anthropic-messages", status: 422, body, contentType: "application/json; charset=utf-8" };
    expect(writeMessagesFailure(new Failure("invalid-request", "odd", { verbatim }), "req_1")).toEqual({
      status: 422,
      headers: { "content-type": "application/json; charset=utf-8", "x-should-retry": "false" },
      body,
    });
  });
  test("are told in ours when it is another's", () => {
    const verbatim = { dialect: "openai-chat", status: 422, body: "{}", contentType: "text/plain" };
    expect(written("invalid-request", { verbatim }, "odd").body["error"]).toEqual({ type: "invalid_request_error", message: "odd" });
  });
});

describe("a context overflow in Anthropic's words", () => {
  const rows: [string, string][] = [
    ["prompt is too long: 210000 tokens > 200000 maximum", "prompt is too long: 210000 tokens > 200000 maximum"],
    [
      "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. Please reduce the length of the messages.",
      "prompt is too long: 130000 tokens > 128000 maximum",
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.",
      "input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192, decrease input length or `max_tokens` and try again",
    ],
    [
      "This model's maximum context length is 8192 tokens. However, you requested 13000 tokens (9000 in the messages, 4000 in the completion).",
      "prompt is too long: 9000 tokens > 8192 maximum",
    ],
    [
      "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 8192 tokens and your request has 10 input tokens (32000 > 8192 - 10).",
      "input length and `max_tokens` exceed context limit: 10 + 32000 > 8192, decrease input length or `max_tokens` and try again",
    ],
    ["The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "prompt is too long: 1200000 tokens > 1048576 maximum"],
    ["request (24071 tokens) exceeds the available context size (8192 tokens), try increasing it", "prompt is too long: 24071 tokens > 8192 maximum"],
    ["The input (345516 tokens) is longer than the model's context length (262144 tokens).", "prompt is too long: 345516 tokens > 262144 maximum"],
    ["the context window is full", "prompt is too long: the context window is full"],
  ];
  test.each(rows)("%s", (message, expected) => {
    expect(overflowWords(message)).toBe(expected);
  });
});
