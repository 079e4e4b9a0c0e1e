import { expect, test } from "bun:test";
import { millisecondsOf, summed, usageOf, withUnits } from "./usage.ts";

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

test("units stand beside the tokens, whole, and only where something was counted", () => {
  const tokens = usageOf({ input: 3 });
  expect(withUnits(tokens, {})).toEqual(tokens);
  expect(withUnits(tokens, { milliseconds: 0, characters: 1.2, images: undefined, searches: Number.NaN, imageOutput: -1 })).toEqual({
    ...tokens,
    characters: 2,
  });
  expect(withUnits(tokens, { milliseconds: 3700, images: 1e15, searches: 1, imageOutput: 120 })).toEqual({
    ...tokens,
    milliseconds: 3700,
    images: 1e12,
    searches: 1,
    imageOutput: 120,
  });
});

test.each([
  [7, 7000],
  [1.1, 1100],
  [3.7, 3700],
  [0.0011, 2],
  [8.470000267028809, 8470],
  [0, 0],
])("%p seconds are %p milliseconds", (seconds, milliseconds) => {
  expect(millisecondsOf(seconds)).toBe(milliseconds);
});

test("usages of parts add up, and are reported only when all of them are", () => {
  const all = { input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 6, audioInput: 7, audioOutput: 8, imageInput: 9 };
  const twice = Object.fromEntries(Object.entries(all).map(([name, count]) => [name, 2 * count]));
  expect(summed([usageOf(all), usageOf(all)])).toEqual({ ...usageOf(twice), evidence: "reported" });
  expect(summed([usageOf(all), usageOf({ evidence: "estimated" })]).evidence).toBe("estimated");
});
