import { expect, test } from "bun:test";
import { modelsOf } from "../../catalog/models.ts";
import { testDeployment, testModel } from "../../vocabulary/model.fixture.ts";
import { testTariff } from "../../vocabulary/price.fixture.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { priceBook } from "./price-book.ts";

const DAY = 86_400_000;
const usd = (input: number) => testTariff({ input });
/** A dollar at first, two from the second day on. */
const RISING: Tariff = { ...usd(1), prices: [usd(1).prices[0], { ...usd(2).prices[0], from: DAY, version: "config test from 1970-01-02" }] };
const MODELS = modelsOf([
  testModel("plain", [testDeployment("a/x", { price: usd(3) }), testDeployment("a/x#2", { price: usd(4) })], { aliases: ["alias"], fallbacks: ["spare"] }),
  testModel("spare", [testDeployment("b/y", { price: usd(5) })]),
  testModel("charged", [testDeployment("a/x", { price: usd(6) }), testDeployment("c/unknown")], { price: usd(9) }),
  testModel("rising", [testDeployment("d/z", { price: RISING })]),
  testModel("unknown", [testDeployment("c/unknown")]),
]);
const BOOK = priceBook({
  models: MODELS,
  services: new Map([["mine", { kind: "openai" }]]),
  tariffFor: (kind, model) => (kind === "openai" && model === "gpt" ? usd(7) : undefined),
});

const CASES: readonly (readonly [name: string, model: string, deployment: string | undefined, told: string | readonly (number | undefined)[], at?: number])[] =
  [
    ["the price of the deployment that served", "plain", "a/x", [3, 3]],
    ["of its second one", "plain", "a/x#2", [4, 4]],
    ["by an alias", "alias", "a/x", [3, 3]],
    ["of a fallback's deployment", "plain", "b/y", [5, 5]],
    ["of a model that charges otherwise", "charged", "a/x", [6, 9]],
    ["the model's is also the cost where the deployment has none", "charged", "c/unknown", [9, 9]],
    ["of a model that is gone, by its deployment", "was", "b/y", [5, 5]],
    ["of a deployment that is gone, by what is built in for its provider", "plain", "mine/gpt", [7, 7]],
    ["of one whose provider is gone too, by the kind it was called after", "was", "openai/gpt#2", [7, 7]],
    ["of one nobody knows: what its model charges, and no cost", "charged", "z/was", [undefined, 9]],
    ["of nobody who is known to have served: likewise", "charged", undefined, [undefined, 9]],
    ["nothing of one that is gone", "plain", "z/was", "deployment_gone"],
    ["nothing where nobody knows", "unknown", "c/unknown", "unpriced"],
    ["that of the time of the request", "rising", "d/z", [1, 1], DAY - 1],
    ["and a moment later", "rising", "d/z", [2, 2], DAY],
  ];
test.each(CASES)("%s", (_name, model, deployment, told, at = 0) => {
  const bill = BOOK.billFor({ model, deployment, startedAt: at, usage: usageOf({ input: 1_000_000 }) });
  const dollars = (nano: bigint | undefined) => (nano === undefined ? undefined : Number(nano) / 1e9);
  expect(typeof bill === "string" ? bill : [dollars(bill.cost), dollars(bill.charge)]).toEqual(told as never);
});

test("a line of a batch costs what the batch does, where there is a price for that", () => {
  const book = priceBook({ models: modelsOf([testModel("half", [testDeployment("a/x", { price: { ...usd(4), batch: usd(2) } })])]), services: new Map() });
  const usage = usageOf({ input: 1_000_000 });
  const charged = (batch?: string) => book.billFor({ model: "half", deployment: "a/x", startedAt: 0, usage, batch });
  expect([charged(), charged("batch_1")]).toMatchObject([
    { charge: 4_000_000_000n, cost: 4_000_000_000n },
    { charge: 2_000_000_000n, cost: 2_000_000_000n },
  ]);
});
