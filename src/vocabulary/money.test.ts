import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { dividedHalfUp, dollarNumber, dollars, dollarsOf, nanoOf } from "./money.ts";

describe("nanoOf", () => {
  const cases: readonly (readonly [dollars: number | string, nano: bigint | undefined])[] = [
    ["0.0003", 300_000n],
    [12.5, 12_500_000_000n],
    [1e-7, 100n],
    ["1e-9", 1n],
    ["0.0000000005", 1n],
    ["0.00000000049", 0n],
    ["-0.0000000005", -1n],
    ["-2", -2_000_000_000n],
    [".5", 500_000_000n],
    ["5.", 5_000_000_000n],
    ["9007199254740993", 9_007_199_254_740_993_000_000_000n],
    ["1.5e3", 1_500_000_000_000n],
    ["", undefined],
    [".", undefined],
    ["1,5", undefined],
    ["a", undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ];
  test.each(cases)("%p is %p", (given, nano) => expect(nanoOf(given)).toBe(nano));

  test("what is written can be read", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }), (nano) => nanoOf(dollarsOf(nano)) === nano));
  });
});

test("dollarsOf writes no more digits than it needs", () => {
  expect([0n, 1n, -1n, 300_000n, 1_500_000_000n, dollars(20)].map(dollarsOf)).toEqual(["0", "0.000000001", "-0.000000001", "0.0003", "1.5", "20"]);
  expect(dollarNumber(-1_500_000_000n)).toBe(-1.5);
});

test("dollarNumber is the nearest number to what dollarsOf writes", () => {
  const nano = fc.oneof(
    fc.bigInt({ min: -1000n, max: 1000n }),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  );
  fc.assert(
    fc.property(nano, (each) => dollarNumber(each) === Number(dollarsOf(each))),
    { numRuns: 3000 },
  );
});

test("dividedHalfUp rounds the half up", () => {
  expect([4n, 5n, 6n, 14n, 15n].map((amount) => dividedHalfUp(amount, 10n))).toEqual([0n, 1n, 1n, 1n, 2n]);
});
