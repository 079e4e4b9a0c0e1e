import { expect, test } from "bun:test";
import fc from "fast-check";
import { testRates, testTariff } from "../../vocabulary/price.fixture.ts";
import { type DatedPrice, RATE_NAMES, type Rates, type Tariff } from "../../vocabulary/price.ts";
import { promptTokens, type Units, usageOf, withUnits } from "../../vocabulary/usage.ts";
import { boundOf } from "./bound.ts";
import { costOf } from "./cost.ts";

const MOST = { inputTokens: 1000, outputTokens: 100 };

test("the bound is the dearest that the tokens can be", () => {
  expect(boundOf(MOST, testTariff({ input: 3, output: 15 }), 0)).toBe(4_500_000n);
  expect(boundOf(MOST, testTariff({ input: 3, output: 15, cacheRead: 0.3, cacheWrite1h: 6 }), 0)).toBe(7_500_000n);
  expect(boundOf(MOST, testTariff({ input: 1, audioInput: 9, output: 1, imageOutput: 50, request: 0.01 }), 0)).toBe(24_000_000n);
  expect(boundOf({ ...MOST, milliseconds: 1, images: 2 }, testTariff({ audioHour: 3.6, image: 1 }), 0)).toBe(2_000_001_000n);
});

test("for a prompt of any length up to the longest", () => {
  const tiered = (...dollars: readonly (readonly [over: number, input: number])[]): Tariff => {
    const tiers = dollars.map(([over, input]) => ({ over, rates: testRates({ input, output: 1 }) }));
    return testTariff({}, { prices: [{ version: "v", ...testRates({ input: 10, output: 1 }), tiers }] });
  };
  const bound = (inputTokens: number, tariff: Tariff) => boundOf({ inputTokens, outputTokens: 0 }, tariff, 0);
  expect(bound(200, tiered([200, 20]))).toBe(2_000_000n);
  expect(bound(201, tiered([200, 20]))).toBe(4_020_000n);
  // Long prompts are cheaper: the longest of the short ones is the dearest.
  expect(bound(300, tiered([200, 1]))).toBe(2_000_000n);
  expect(bound(300, tiered([200, 1], [250, 20]))).toBe(6_000_000n);
});

test("what no rate is known for has no bound, and what is free costs nothing", () => {
  expect(boundOf(MOST, testTariff({ audioHour: 1 }), 0)).toBeUndefined();
  expect(boundOf(MOST, testTariff(), 0)).toBe(0n);
  expect(boundOf({ inputTokens: 0, outputTokens: 0 }, testTariff({ input: 1 }), 0)).toBe(0n);
});

// Rates down to a nano-dollar for a million, so that rounding matters, and up to a thousand dollars.
const rate = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_000_000 }), fc.integer({ min: 0, max: 1_000_000_000_000 }));
const rates: fc.Arbitrary<Rates> = fc.record(Object.fromEntries(RATE_NAMES.map((name) => [name, rate])), { requiredKeys: [] });
const tier = fc.record({ over: fc.integer({ min: 1, max: 5000 }), rates });
const price: fc.Arbitrary<DatedPrice> = fc
  .record({
    rates,
    tiers: fc.uniqueArray(tier, { maxLength: 3, selector: ({ over }) => over }),
    leastAudio: fc.option(fc.nat(20_000), { nil: undefined }),
    from: fc.option(fc.nat(1000), { nil: undefined }),
    daily: fc.option(fc.record({ from: fc.nat(1000), to: fc.nat(1000) }), { nil: undefined }),
  })
  .map(({ rates: base, tiers, ...more }) => ({
    version: "random",
    ...base,
    ...more,
    ...(tiers.length === 0 ? {} : { tiers: tiers.toSorted((one, other) => one.over - other.over) }),
  }));
const tariffs: fc.Arbitrary<Tariff> = fc
  .tuple(price, fc.array(price, { maxLength: 2 }))
  .map(([first, rest]) => ({ source: { from: "config" }, version: "random", prices: [first, ...rest] }));

const count = fc.nat(4000);
const UNITS = ["milliseconds", "characters", "images", "searches", "webSearches", "gpuMilliseconds", "citations"] as const;
const units: fc.Arbitrary<Units> = fc.record(Object.fromEntries(UNITS.map((name) => [name, count])), { requiredKeys: [] });
const usages = fc
  .record({
    tokens: fc.record({ input: count, cacheRead: count, cacheWrite5m: count, cacheWrite1h: count, output: count }),
    // Upstreams may say of the parts what they like.
    parts: fc.record({ reasoning: count, audioInput: count, audioOutput: count, imageInput: count }),
    units,
    unitParts: fc.record({ imageOutput: count, cacheAudioRead: count, cacheImageRead: count }, { requiredKeys: [] }),
  })
  .map((each) => withUnits(usageOf({ ...each.tokens, ...each.parts }), { ...each.units, ...each.unitParts }));

test("no usage within the bounds costs more than the bound, whatever the tariff", () => {
  const slack = fc.record({ input: fc.oneof(fc.constant(0), count), output: fc.oneof(fc.constant(0), count), units: fc.oneof(fc.constant<Units>({}), units) });
  let priced = 0;
  fc.assert(
    fc.property(tariffs, usages, slack, fc.nat(1000), (tariff, usage, more, when) => {
      const most = Object.fromEntries(UNITS.map((name) => [name, usage[name] === undefined ? undefined : usage[name] + (more.units[name] ?? 0)]));
      const bound = boundOf({ ...most, inputTokens: promptTokens(usage) + more.input, outputTokens: usage.output + more.output }, tariff, when);
      const cost = costOf(usage, tariff, when);
      if (cost === undefined || cost === 0n) return true;
      priced++;
      return bound !== undefined && cost <= bound;
    }),
    { numRuns: 2000 },
  );
  expect(priced).toBeGreaterThan(1000);
});
