import { expect, test } from "bun:test";
import { usageOf } from "./usage.ts";

test.each([
  [5, 5],
  [0, 0],
  [1.5, 2],
  [-3, 0],
  [Number.NaN, 0],
  [1e308, 1e12],
  [undefined, 0],
])("an upstream's count of %p is %p tokens", (count, tokens) => {
  expect(usageOf({ input: count, output: count })).toMatchObject({ input: tokens, output: tokens, cacheRead: 0, evidence: "reported" });
});
