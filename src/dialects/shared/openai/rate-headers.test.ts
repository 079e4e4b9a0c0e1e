import { expect, test } from "bun:test";
import { openaiRateHeaders } from "./rate-headers.ts";

const RESETS: readonly [milliseconds: number, text: string][] = [
  [0, "0s"],
  [0.2, "1ms"],
  [20, "20ms"],
  [1000, "1s"],
  [8640, "8.64s"],
  [60_000, "1m0s"],
  [360_000, "6m0s"],
  [3_600_000, "1h0m0s"],
  [3_661_001, "1h1m1.001s"],
];

test.each(RESETS)("%d ms are %s", (resets, text) => {
  expect(openaiRateHeaders({ requests: { limit: 60, remaining: 59, resets } })).toEqual({
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": text,
  });
});

test("tokens are told beside requests, and nothing of what is not limited", () => {
  expect(Object.keys(openaiRateHeaders({ tokens: { limit: 10, remaining: 0, resets: 5 } }))).toEqual([
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
  ]);
  expect(openaiRateHeaders({})).toEqual({});
});
