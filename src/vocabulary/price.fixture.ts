import type { RateName, Rates, Tariff } from "./price.ts";

/** Rates from US dollars. */
export function testRates(usd: { readonly [Name in RateName]?: number }): Rates {
  return Object.fromEntries(Object.entries(usd).map(([name, dollars]) => [name, Math.round(dollars * 1e9)]));
}

/** A tariff of one price, in US dollars. */
export function testTariff(usd: { readonly [Name in RateName]?: number } = {}, more: Partial<Tariff> = {}): Tariff {
  return { source: { from: "config" }, version: "config test", prices: [{ version: "config test", ...testRates(usd) }], ...more };
}
