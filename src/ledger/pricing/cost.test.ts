import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { testRates, testTariff } from "../../vocabulary/price.fixture.ts";
import type { RateName, Tariff } from "../../vocabulary/price.ts";
import { type Units, type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";
import { costOf } from "./cost.ts";

type Usd = { readonly [Name in RateName]?: number };
const usage = (counts: Partial<Usage>, units: Units = {}) => withUnits(usageOf(counts), units);
const cost = (used: Usage, usd: Usd) => costOf(used, testTariff(usd), 0);

describe("what is billed at its own rate, or as the wider kind it is part of", () => {
  // A token of a rate of so many dollars for a million costs so many thousands of nano-dollars.
  test.each<[string, Usd, Usage, bigint]>([
    ["plain", { input: 3, output: 15 }, usage({ input: 1000, output: 100 }), 4_500_000n],
    ["cached as prompts", { input: 3 }, usage({ cacheRead: 10, cacheWrite5m: 10, cacheWrite1h: 10 }), 90_000n],
    [
      "cached at their own",
      { input: 3, cacheRead: 1, cacheWrite5m: 4, cacheWrite1h: 6 },
      usage({ input: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1 }),
      14_000n,
    ],
    ["written for an hour as for five minutes", { input: 3, cacheWrite5m: 4 }, usage({ cacheWrite1h: 1 }), 4_000n],
    ["audio and images as text", { input: 3 }, usage({ input: 10, audioInput: 3, imageInput: 4 }), 30_000n],
    ["audio and images at their own", { input: 1, audioInput: 10, imageInput: 5 }, usage({ input: 10, audioInput: 3, imageInput: 4 }), 53_000n],
    ["more parts than there is of the whole", { input: 1, audioInput: 10, imageInput: 5 }, usage({ input: 3, audioInput: 2, imageInput: 9 }), 25_000n],
    ["cached audio as cached", { input: 3, cacheRead: 1, audioInput: 9 }, usage({ cacheRead: 5 }, { cacheAudioRead: 2 }), 5_000n],
    ["cached audio at its own", { input: 3, cacheRead: 1, cacheAudioRead: 2 }, usage({ cacheRead: 5 }, { cacheAudioRead: 2 }), 7_000n],
    ["cached audio as audio, where nothing cached is cheaper", { input: 3, audioInput: 9 }, usage({ cacheRead: 5 }, { cacheAudioRead: 2 }), 27_000n],
    ["cached images likewise", { input: 3, cacheRead: 1, cacheImageRead: 2 }, usage({ cacheRead: 5 }, { cacheImageRead: 2 }), 7_000n],
    ["reasoning as output", { output: 8 }, usage({ output: 10, reasoning: 6 }), 80_000n],
    ["reasoning at its own", { output: 8, reasoning: 3 }, usage({ output: 10, reasoning: 6 }), 50_000n],
    [
      "pictures and audio among the output",
      { output: 1, audioOutput: 10, imageOutput: 100 },
      usage({ output: 10, audioOutput: 2 }, { imageOutput: 3 }),
      325_000n,
    ],
    ["citations beside the output", { output: 1, citation: 2 }, usage({ output: 10 }, { citations: 5 }), 20_000n],
  ])("%s", (_case, usd, used, nano) => {
    expect(cost(used, usd)).toBe(nano);
  });
});

describe("what is not counted in tokens", () => {
  test.each<[string, Usd, Usage, bigint]>([
    ["each request", { input: 1, request: 0.01 }, usage({ input: 1 }), 10_001_000n],
    ["a request that used nothing", { input: 1, request: 0.01 }, usage({}), 10_000_000n],
    ["pictures", { image: 0.04 }, usage({}, { images: 2 }), 80_000_000n],
    ["characters", { character: 15 }, usage({}, { characters: 11 }), 165_000n],
    ["searches", { search: 0.002 }, usage({}, { searches: 3 }), 6_000_000n],
    ["searches of the web", { input: 1, webSearch: 0.01 }, usage({ input: 1 }, { webSearches: 10 }), 100_001_000n],
    ["an hour of audio", { audioHour: 0.36 }, usage({}, { milliseconds: 3_600_000 }), 360_000_000n],
    ["a second of it", { audioHour: 0.36 }, usage({}, { milliseconds: 1000 }), 100_000n],
    ["seconds of GPUs", { gpuSecond: 0.001 }, usage({}, { gpuMilliseconds: 1500 }), 1_500_000n],
  ])("%s", (_case, usd, used, nano) => {
    expect(cost(used, usd)).toBe(nano);
  });

  test("audio shorter than the least is billed as the least, and none is not", () => {
    const tariff: Tariff = testTariff({}, { prices: [{ version: "v", ...testRates({ audioHour: 0.36 }), leastAudio: 10_000 }] });
    expect([0, 1, 10_000, 20_000].map((milliseconds) => costOf(usage({}, { milliseconds }), tariff, 0))).toEqual([0n, 1_000_000n, 1_000_000n, 2_000_000n]);
  });
});

describe("unknown is never nothing", () => {
  test.each<[string, Usd, Usage, bigint | undefined]>([
    ["nothing of it has a rate", { audioHour: 1 }, usage({ input: 5, output: 3 }), undefined],
    ["some of it has: the rest is not billed", { input: 1 }, usage({ input: 5, output: 3 }), 5_000n],
    ["a rate of zero is a rate", { input: 0, audioHour: 1 }, usage({ input: 5 }), 0n],
    ["free, whatever it is", {}, usage({ input: 5 }, { images: 3 }), 0n],
    ["free in all it names", { input: 0, output: 0 }, usage({}, { milliseconds: 3 }), 0n],
    ["nothing was used", { audioHour: 1 }, usage({}), 0n],
  ])("%s", (_case, usd, used, nano) => {
    expect(cost(used, usd)).toBe(nano);
  });
});

test("one rounding, half-up, over the whole sum", () => {
  // Tenths of a nano-dollar for a token.
  const tenths = { input: 0.0001, output: 0.0003, audioHour: 0.36 };
  expect([4, 5, 14, 15].map((input) => cost(usage({ input }), tenths))).toEqual([0n, 1n, 1n, 2n]);
  expect(cost(usage({ input: 2, output: 1 }), tenths)).toBe(1n);
});

test("tiers go by the whole prompt, cached or not, and count for all of the request", () => {
  const tiers = [{ over: 200_000, rates: testRates({ input: 6, output: 22.5, cacheRead: 0.6 }) }];
  const tariff = testTariff({}, { prices: [{ version: "v", ...testRates({ input: 3, output: 15, cacheRead: 0.3 }), tiers }] });
  expect(costOf(usage({ input: 1000, cacheRead: 199_000, output: 10 }), tariff, 0)).toBe(62_850_000n);
  expect(costOf(usage({ input: 1001, cacheRead: 199_000, output: 10 }), tariff, 0)).toBe(125_631_000n);
});

test("the price is that of its time", () => {
  const tariff = testTariff(
    {},
    {
      prices: [
        { version: "a", input: 1e9 },
        { version: "b", from: 100, input: 2e9 },
      ],
    },
  );
  expect([99, 100].map((when) => costOf(usage({ input: 1 }), tariff, when))).toEqual([1000n, 2000n]);
});

test("products are exact where numbers are not", () => {
  expect(cost(usage({ input: 999_999_999_999 }), { input: 9_000_000 })).toBe(8_999_999_999_991_000_000_000n);
});

test("however large or small the numbers are, and in whatever order they come", () => {
  const count = fc.oneof(fc.nat(1000), fc.nat(2_000_000_000), fc.nat(1_000_000_000_000));
  const rate = fc.oneof(fc.nat(1000), fc.nat(2_000_000_000), fc.nat(Number.MAX_SAFE_INTEGER));
  fc.assert(
    fc.property(count, count, rate, rate, (input, output, inputRate, outputRate) => {
      const tariff = testTariff({}, { prices: [{ version: "v", input: inputRate, output: outputRate }] });
      const millionths = BigInt(input) * BigInt(inputRate) + BigInt(output) * BigInt(outputRate);
      expect(costOf(usage({ input, output }), tariff, 0)).toBe((millionths + 500_000n) / 1_000_000n);
    }),
    { numRuns: 2000 },
  );
});
