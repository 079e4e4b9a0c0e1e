import { expect, test } from "bun:test";
import { messagesRateHeaders } from "./rate-headers.ts";

test("what is left, and when it is whole again as a time", () => {
  const now = Date.parse("2026-11-22T10:00:00.250Z");
  expect(messagesRateHeaders({ requests: { limit: 60, remaining: 3, resets: 12_000 }, tokens: { limit: 900, remaining: 0, resets: 0 } }, now)).toEqual({
    "anthropic-ratelimit-requests-limit": "60",
    "anthropic-ratelimit-requests-remaining": "3",
    "anthropic-ratelimit-requests-reset": "2026-11-22T10:00:13Z",
    "anthropic-ratelimit-tokens-limit": "900",
    "anthropic-ratelimit-tokens-remaining": "0",
    "anthropic-ratelimit-tokens-reset": "2026-11-22T10:00:01Z",
  });
  expect(messagesRateHeaders({}, now)).toEqual({});
});
