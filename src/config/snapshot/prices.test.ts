import { describe, expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import { testTariff } from "../../vocabulary/price.fixture.ts";
import { type DatedPrice, type PriceSource, priceState } from "../../vocabulary/price.ts";
import { loadConfig } from "../file/load.ts";
import type { ProviderBook } from "../provider-book.ts";
import { initialSnapshot } from "./snapshot.ts";

/** What is built in, by kind and model. */
const BUILT_IN = testTariff({ input: 7 }, { source: { from: "built-in", provider: "openai", model: "known" } });
const BOOK: ProviderBook = {
  kinds: PROVIDERS,
  serviceFor,
  profileFor,
  tariffFor: (kind, model) => (kind === "openai" && model === "known" ? BUILT_IN : undefined),
};

function modelOf(model: string, variables: Record<string, string> = {}) {
  const text = `providers: { openai: { api_key: k } }\nmodels:\n  m: ${model}\n`;
  const kinds = PROVIDERS.map(({ kind }) => kind);
  const loaded = loadConfig({ variables, kinds, readFile: () => text, exists: (path) => path === "signalbox.yaml" });
  return initialSnapshot(loaded, BOOK).snapshot.models.get("m");
}
const tariff = (price: string, variables?: Record<string, string>) =>
  modelOf(`{ deployments: [{ provider: openai, model: x, price: ${price} }] }`, variables)?.deployments[0]?.price;

/** Prices without their versions. */
const prices = (price: string) => tariff(price)?.prices.map(({ version: _, ...rest }) => rest);

describe("a price of the config", () => {
  test.each<[string, readonly Omit<DatedPrice, "version">[]]>([
    ["free", [{}]],
    ["{ input: 0, output: 0 }", [{ input: 0, output: 0 }]],
    ["{ input: 0.1, output: 0.0028 }", [{ input: 100_000_000, output: 2_800_000 }]],
    ["{ input: '2.50', output: 1e-3 }", [{ input: 2_500_000_000, output: 1_000_000 }]],
    [
      "{ input: 3, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6 }",
      [{ input: 3_000_000_000, cacheRead: 300_000_000, cacheWrite5m: 3_750_000_000, cacheWrite1h: 6_000_000_000 }],
    ],
    ["{ per_minute_audio: 0.006, per_request: 0.01, per_gpu_second: 0.0005 }", [{ audioHour: 360_000_000, request: 10_000_000, gpuSecond: 500_000 }]],
    [
      "{ input: 1, output: 2, tiers: [{ over: 100, input: 3 }, { over: 200, output: 4 }] }",
      [
        {
          input: 1e9,
          output: 2e9,
          tiers: [
            { over: 100, rates: { input: 3e9, output: 2e9 } },
            { over: 200, rates: { input: 3e9, output: 4e9 } },
          ],
        },
      ],
    ],
    [
      "{ input: 1, output: 2, changes: [{ from: 2027-01-01, input: 3 }, { from: 2028-01-01, output: 4 }] }",
      [
        { input: 1e9, output: 2e9 },
        { input: 3e9, output: 2e9, from: Date.parse("2027-01-01") },
        { input: 3e9, output: 4e9, from: Date.parse("2028-01-01") },
      ],
    ],
  ])("%s", (written, expected) => {
    expect(prices(written)).toEqual([...expected]);
  });

  test("may come from the environment", () => {
    expect(tariff('{ input: "${COST}" }', { COST: "0.15" })?.prices[0].input).toBe(150_000_000);
  });

  test("has a version that changes with it, and with the day", () => {
    const versions = (price: string) => tariff(price)?.prices.map(({ version }) => version) ?? [];
    const [first, later] = versions("{ input: 1, changes: [{ from: 2027-01-01, input: 3 }] }");
    expect(first).toMatch(/^config [0-9a-f]{12}$/);
    expect(later).toBe(`${first} from 2027-01-01`);
    expect(versions("{ input: 1 }")).toEqual(versions("{ input: 1 }"));
    expect(versions("{ input: 1 }")).not.toEqual(versions("{ input: 2 }"));
  });

  test("is another in a batch, tiers too", () => {
    const whole = tariff("{ input: 3, output: 0.000000001, batch: 0.5, tiers: [{ over: 9, input: 5 }] }");
    expect(whole?.prices[0]).toMatchObject({ input: 3e9, output: 1 });
    expect(whole?.batch?.prices[0]).toMatchObject({ input: 1.5e9, output: 1, tiers: [{ over: 9, rates: { input: 2.5e9 } }] });
    expect(whole?.batch?.prices[0].version).toBe(`${whole?.prices[0].version} in a batch`);
    expect(tariff("{ input: 3 }")?.batch).toBeUndefined();
  });
});

test.each<[string, string, PriceSource["from"] | undefined, PriceSource["from"] | undefined]>([
  ["its own", "{ deployments: [{ provider: openai, model: known, price: { input: 1 } }], price: { input: 2 } }", "config", "config"],
  ["what is built in", "{ deployments: [{ provider: openai, model: known }], price: { input: 2 } }", "built-in", "config"],
  ["the model's is the model's", "{ deployments: [{ provider: openai, model: x }], price: { input: 2 } }", undefined, "config"],
  ["none", "{ deployments: [{ provider: openai, model: x }] }", undefined, undefined],
])("a deployment's price is %s", (_case, model, deployment, own) => {
  const made = modelOf(model);
  expect([made?.deployments[0]?.price?.source.from, made?.price?.source.from]).toEqual([deployment, own]);
});

test("free is free", () => {
  expect(["free", "{ input: 0 }", "{ input: 1 }"].map((price) => priceState(tariff(price), 0))).toEqual(["free", "free", "known"]);
});

test.each([
  ["{ input: -1 }", "models.m.deployments[0].price.input: expected US dollars, from 0 to 100000 and no finer than a billionth."],
  ["{ input: 1e-12 }", "price.input: expected US dollars"],
  ["{ input: a }", "price.input: expected US dollars"],
  ["{ input: .inf }", "price: expected prices in US dollars below this name, as `input: 2.5`, or the word free."],
  ["cheap", "price: expected prices in US dollars below this name"],
  ["{ inptu: 1 }", "there is no such field. Did you mean input?"],
  ["{ input: 1, changes: [{ from: 2027-02-30 }] }", "changes[0].from: expected a day, such as 2027-01-31."],
])("%s is refused", (price, problem) => {
  expect(() => tariff(price)).toThrow(problem);
});
