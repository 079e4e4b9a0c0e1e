import type { Deployment } from "./deployment.ts";
import type { Model } from "./model.ts";
import type { Tariff } from "./price.ts";

type Priced = { readonly price?: Tariff };

/** What the caller is charged by: the price of the model that was asked for, else that of the deployment that served. Absent: unpriced. */
export function chargeTariff(model: Pick<Model, "price">, deployment: Priced): Tariff | undefined {
  return model.price ?? deployment.price;
}

/** What serving costs the house: the price of the deployment, its own or the built-in one, else its model's. Absent: unpriced. */
export function costTariff(deployment: Pick<Deployment, "price">, model: Priced): Tariff | undefined {
  return deployment.price ?? model.price;
}

/** By what a request is billed: the price of requests in a batch, where it is one of those and there is one. */
export function tariffFor(tariff: Tariff, inBatch: boolean): Tariff {
  return inBatch ? (tariff.batch ?? tariff) : tariff;
}
