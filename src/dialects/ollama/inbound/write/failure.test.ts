import { expect, test } from "bun:test";
import { Failure, type FailureFacts, type FailureKind } from "../../../../vocabulary/failure.ts";
import { writeOllamaFailure } from "./failure.ts";

const verbatim = (dialect: string) => ({ verbatim: { dialect, status: 422, body: '{"error":"theirs"}', contentType: "application/json; charset=utf-8" } });
const FINAL = { "x-should-retry": "false" };
const OURS = '{"error":"ours"}';

test.each([
  ["invalid-request", {}, 400, FINAL, OURS],
  ["invalid-key", {}, 401, FINAL, OURS],
  ["model-not-found", {}, 404, FINAL, OURS],
  ["quota-exhausted", {}, 429, FINAL, OURS],
  ["rate-limited", { retryAfter: 1.2 }, 429, { "retry-after": "2", "retry-after-ms": "1200" }, OURS],
  ["rate-limited", { retryAfter: 61 }, 429, { "retry-after": "61", ...FINAL }, OURS],
  ["no-healthy-deployment", {}, 503, {}, OURS],
  ["invalid-request", verbatim("ollama"), 422, { ...FINAL, "content-type": "application/json; charset=utf-8" }, '{"error":"theirs"}'],
  ["invalid-request", verbatim("openai-chat"), 400, FINAL, OURS],
] as [FailureKind, FailureFacts, number, Record<string, string>, string][])("%s %j", (kind, facts, status, headers, body) => {
  const written = writeOllamaFailure(new Failure(kind, "ours", facts));
  expect(written).toEqual({ status, headers: { "content-type": "application/json", ...headers }, body });
});
