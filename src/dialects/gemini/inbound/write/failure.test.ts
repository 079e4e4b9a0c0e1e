import { describe, expect, test } from "bun:test";
import { FAILURES, Failure, type FailureFacts, type FailureKind } from "../../../../vocabulary/failure.ts";
import { writeGeminiFailure } from "./failure.ts";

const written = (kind: FailureKind, facts: FailureFacts = {}) => {
  const { status, headers, body } = writeGeminiFailure(new Failure(kind, "It broke.", facts), "req_1");
  return { status, headers, error: JSON.parse(body).error };
};

describe("writeGeminiFailure", () => {
  test.each<[FailureKind, number, string]>([
    ["invalid-request", 400, "INVALID_ARGUMENT"],
    ["context-overflow", 400, "INVALID_ARGUMENT"],
    ["invalid-key", 401, "UNAUTHENTICATED"],
    ["permission-denied", 403, "PERMISSION_DENIED"],
    ["model-not-found", 404, "NOT_FOUND"],
    ["too-large", 413, "INVALID_ARGUMENT"],
    ["rate-limited", 429, "RESOURCE_EXHAUSTED"],
    ["quota-exhausted", 429, "RESOURCE_EXHAUSTED"],
    ["internal", 500, "INTERNAL"],
    ["upstream-credentials", 502, "INTERNAL"],
    ["overloaded", 503, "UNAVAILABLE"],
    ["upstream-timeout", 504, "DEADLINE_EXCEEDED"],
  ])("%s", (kind, status, word) => {
    const { error, ...rest } = written(kind);
    expect([rest.status, error.code, error.status, error.message]).toEqual([status, status, word, "It broke."]);
    expect(error.details).toEqual([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: FAILURES[kind].code.toUpperCase(), domain: "signalbox" }]);
    expect(rest.headers["x-should-retry"]).toBe(FAILURES[kind].retry ? undefined : "false");
  });

  test("the field at fault, and the wait", () => {
    const { headers, error } = written("rate-limited", { param: "contents[0].role", retryAfter: 7.5 });
    expect(headers).toEqual({ "content-type": "application/json; charset=UTF-8", "retry-after": "8", "retry-after-ms": "7500" });
    expect(error.details.slice(1)).toEqual([
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [{ field: "contents[0].role", description: "It broke." }] },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7.5s" },
    ]);
    expect(written("rate-limited", { retryAfter: 120 }).headers).toMatchObject({ "retry-after": "120", "x-should-retry": "false" });
  });

  test("Gemini's own words pass as they are, nobody else's do", () => {
    const verbatim = { status: 400, body: '{"error":{"code":400,"message":"own","status":"INVALID_ARGUMENT"}}', contentType: "application/json" };
    const of = (dialect: string) => writeGeminiFailure(new Failure("invalid-request", "It broke.", { verbatim: { ...verbatim, dialect } }), "req_1");
    expect(of("gemini")).toEqual({ status: 400, headers: { "content-type": "application/json", "x-should-retry": "false" }, body: verbatim.body });
    expect(JSON.parse(of("openai-chat").body).error.message).toBe("It broke.");
  });
});
