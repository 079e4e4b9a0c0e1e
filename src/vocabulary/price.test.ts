import { describe, expect, test } from "bun:test";
import { testDeployment, testModel } from "./model.fixture.ts";
import { testRates, testTariff } from "./price.fixture.ts";
import { type DatedPrice, type PriceState, priceAt, priceState, ratesFor, type Tariff } from "./price.ts";
import { chargeTariff, costTariff } from "./tariffs.ts";

const at = (text: string) => Date.parse(text);
const hour = 3_600_000;
const price = (input: number, more: Partial<DatedPrice> = {}): DatedPrice => ({ version: "v", ...testRates({ input }), ...more });

describe("priceAt", () => {
  const tariff = testTariff({}, { prices: [price(1), price(2, { from: at("2026-08-17") }), price(3, { daily: { from: hour, to: 4 * hour } })] });
  const overnight = testTariff({}, { prices: [price(1), price(3, { daily: { from: 22 * hour, to: 2 * hour } })] });
  test.each<[string, string, Tariff, number]>([
    ["before the first change the first price", "2025-01-01T12:00Z", tariff, 1],
    ["a moment before a change", "2026-08-16T23:59:59.999Z", tariff, 1],
    ["from the beginning of the day", "2026-08-17T00:00Z", tariff, 2],
    ["at the hours of the last", "2026-08-18T01:00Z", tariff, 3],
    ["their end is outside", "2026-08-18T04:00Z", tariff, 2],
    ["hours that end the next day, before midnight", "2026-08-18T23:00Z", overnight, 3],
    ["and after it", "2026-08-18T01:59Z", overnight, 3],
    ["and not at their end", "2026-08-18T02:00Z", overnight, 1],
  ])("%s", (_case, when, given, input) => {
    expect(priceAt(given, at(when)).input).toBe(input * 1e9);
  });
});

test.each<[string, Tariff | undefined, PriceState]>([
  ["no tariff", undefined, "unpriced"],
  ["no rates", testTariff(), "free"],
  ["rates of zero", testTariff({ input: 0, output: 0 }), "free"],
  ["one that is not", testTariff({ input: 0, output: 0.1 }), "known"],
  ["free for short prompts only", testTariff({}, { prices: [price(0, { tiers: [{ over: 9, rates: testRates({ input: 1 }) }] })] }), "known"],
  ["from another day on", testTariff({}, { prices: [price(0), price(1, { from: at("2030-01-01") })] }), "free"],
])("%s is %s", (_case, tariff, state) => {
  expect(priceState(tariff, at("2026-11-22"))).toBe(state);
});

test.each([
  [200, 1],
  [201, 2],
  [400, 2],
  [401, 3],
])("of a prompt of %p tokens the rate is %p: past a length, not at it", (tokens, input) => {
  const tiers = [
    { over: 200, rates: testRates({ input: 2 }) },
    { over: 400, rates: testRates({ input: 3 }) },
  ];
  expect(ratesFor(price(1, { tiers }), tokens).input).toBe(input * 1e9);
});

test("the charge is the model's, the cost the deployment's; each is the other's where it has none", () => {
  const [public_, own] = [testTariff({ input: 1 }), testTariff({ input: 2 })];
  const both = [testModel("m", [], { price: public_ }), testDeployment("d", { price: own })] as const;
  const none = [testModel("m", []), testDeployment("d")] as const;
  expect([chargeTariff(...both), costTariff(both[1], both[0])]).toEqual([public_, own]);
  expect([chargeTariff(none[0], both[1]), costTariff(none[1], both[0])]).toEqual([own, public_]);
  expect([chargeTariff(...none), costTariff(none[1], none[0])]).toEqual([undefined, undefined]);
});
