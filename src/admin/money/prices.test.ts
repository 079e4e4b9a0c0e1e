import { expect, test } from "bun:test";
import type { Exchange } from "../../gateway/visit/exchange.ts";
import { testDeployment, testModel } from "../../vocabulary/model.fixture.ts";
import { testRates, testTariff } from "../../vocabulary/price.fixture.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import { priceRoutes } from "./prices.ts";

const BUILT_IN: Tariff = {
  source: { from: "built-in", provider: "openai", model: "gpt" },
  version: "list 1",
  prices: [
    { version: "list 1 openai/gpt", ...testRates({ input: 0.15, audioHour: 0.36 }), tiers: [{ over: 9, rates: testRates({ input: 0.3 }) }] },
    { version: "list 1 openai/gpt from 2030-01-01", from: Date.parse("2030-01-01"), ...testRates({ input: 1 }) },
    { version: "list 1 openai/gpt at 16:30-00:30Z", daily: { from: 59_400_000, to: 1_800_000 }, ...testRates({ input: 2 }) },
  ],
};
const MODELS = [
  testModel("charged", [testDeployment("a/gpt", { price: BUILT_IN }), testDeployment("b/own")], { price: testTariff({ input: 3 }), aliases: ["c"] }),
  testModel("plain", [testDeployment("a/gpt", { price: testTariff() }), testDeployment("b/none")]),
  testModel("hidden", [testDeployment("a/gpt")], { listed: false }),
];

/** What is answered at noon. */
async function ask(search = ""): Promise<unknown> {
  const desk = { models: () => MODELS, builtIn: (provider: string, model: string) => (provider === "openai" && model === "gpt" ? BUILT_IN : undefined) };
  const [route] = priceRoutes(desk, { now: () => Date.parse("2026-11-22T12:00Z") });
  const reply = await route?.handle({ search } as Exchange);
  return (JSON.parse(String(reply?.body)) as { data: unknown }).data;
}

const NOW = { input: 0.15, per_minute_audio: 0.006, tiers: [{ over: 9, input: 0.3 }] };
const CHARGED = { price: { input: 3 }, price_state: "known", price_source: "model", price_version: "config test" };
const FREE = { price: {}, price_state: "free", price_source: "deployment", price_version: "config test" };
const UNPRICED = { price: null, price_state: "unpriced", price_source: null, price_version: null };

test("a row for each deployment: what it costs, what is charged, and who says so", async () => {
  expect(await ask()).toEqual([
    { model: "charged", deployment: "a/gpt", price: NOW, price_state: "known", price_source: "built-in", price_version: "list 1 openai/gpt", charge: CHARGED },
    { model: "charged", deployment: "b/own", ...CHARGED, charge: CHARGED },
    { model: "plain", deployment: "a/gpt", ...FREE, charge: FREE },
    { model: "plain", deployment: "b/none", ...UNPRICED, charge: UNPRICED },
  ]);
  expect(await ask("?model=c")).toHaveLength(2);
});

test("what is built in, at all times", async () => {
  expect(await ask("?provider=openai&model=gpt")).toEqual([
    {
      provider: "openai",
      model: "gpt",
      price: NOW,
      price_state: "known",
      price_source: "built-in",
      price_version: "list 1 openai/gpt",
      prices: [
        { version: "list 1 openai/gpt", from: null, daily: null, price: NOW },
        { version: "list 1 openai/gpt from 2030-01-01", from: "2030-01-01T00:00:00.000Z", daily: null, price: { input: 1 } },
        { version: "list 1 openai/gpt at 16:30-00:30Z", from: null, daily: { from: "16:30Z", to: "00:30Z" }, price: { input: 2 } },
      ],
    },
  ]);
  expect(await ask("?provider=openai&model=other")).toEqual([]);
  await expect(ask("?provider=openai")).rejects.toThrow("by provider and model");
});
