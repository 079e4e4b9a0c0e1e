import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../vocabulary/failure.ts";
import { failureOf, kindOfStatus, retryAfterOf, saysProofRefused } from "./status.ts";

test.each<[number, FailureKind]>([
  [400, "invalid-request"],
  [401, "upstream-credentials"],
  [402, "quota-exhausted"],
  [403, "upstream-credentials"],
  [404, "upstream-model-missing"],
  [408, "upstream-timeout"],
  [413, "too-large"],
  [422, "invalid-request"],
  [429, "rate-limited"],
  [500, "upstream-error"],
  [502, "upstream-error"],
  [503, "overloaded"],
  [504, "upstream-timeout"],
  [529, "overloaded"],
  [301, "upstream-error"],
  [307, "upstream-error"],
  [599, "upstream-error"],
])("%d is %s", (status, kind) => {
  expect(kindOfStatus(status)).toBe(kind);
});

test.each<[Record<string, string>, number | undefined]>([
  [{}, undefined],
  [{ "retry-after": "3" }, 3],
  [{ "retry-after": " 1.5 " }, 1.5],
  [{ "retry-after-ms": "250" }, 0.25],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 0.25],
  [{ "retry-after-ms": "soon", "retry-after": "9" }, 9],
  [{ "retry-after": "Thu, 01 Jan 1970 00:01:40 GMT" }, 40],
  [{ "retry-after": "Thu, 01 Jan 1970 00:00:10 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-5" }, undefined],
])("%j is %p seconds", (headers, seconds) => {
  expect(retryAfterOf(new Headers(headers), 60_000)).toBe(seconds);
});

describe("a failure", () => {
  const reply = { status: 503, headers: new Headers({ "retry-after": "7" }), text: "" };
  test("has the upstream's words, its status and its wait", () => {
    expect(failureOf("overloaded", reply, " busy ")).toMatchObject({ kind: "overloaded", message: "busy", facts: { upstreamStatus: 503, retryAfter: 7 } });
  });
  test.each([undefined, "", "  "])("says so when the upstream said %j", (message) => {
    expect(failureOf("overloaded", reply, message).message).toBe("The upstream answered 503 without saying why.");
  });
  test("is not longer than a page", () => {
    expect(failureOf("overloaded", reply, "x".repeat(1e6)).message.length).toBe(2000);
  });
});

test.each([
  ["invalid_encrypted_content", true],
  ["The encrypted content gAAA could not be verified. Reason: Encrypted content could not be decrypted or parsed.", true],
  ["messages.1.content.0: Invalid `signature` in `thinking` block", true],
  ["Thought signature is not valid", true],
  ["Corrupted thought signature.", true],
  ["Function call is missing a thought_signature in functionCall parts", false],
  ["Invalid signature on the request", false],
])("%s is about a proof: %p", (message, is) => {
  expect(saysProofRefused(message)).toBe(is);
});
