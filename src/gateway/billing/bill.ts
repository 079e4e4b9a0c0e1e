import { costOf } from "../../ledger/pricing/cost.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { priceAt } from "../../vocabulary/price.ts";
import { chargeTariff, costTariff, tariffFor } from "../../vocabulary/tariffs.ts";
import type { Usage } from "../../vocabulary/usage.ts";

/** What a request comes to. Absent where no price is known. */
export interface Bill {
  /** What it costs the house. */
  readonly cost: Nano | undefined;
  /** What its caller is charged. */
  readonly charge: Nano | undefined;
  /** By which price its caller is charged. */
  readonly priceVersion: string | undefined;
}

interface BillFacts {
  readonly model: Pick<Model, "price">;
  readonly deployment: Pick<Deployment, "price">;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Is it a line of a batch? */
  readonly inBatch: boolean;
}

/** What whoever asked for this model, and was served by this deployment, has to pay for what they used; by the prices of when they asked. */
export function billFor(usage: Usage, { model, deployment, at, inBatch }: BillFacts): Bill {
  const [charged, costs] = [chargeTariff(model, deployment), costTariff(deployment, model)];
  const charging = charged && tariffFor(charged, inBatch);
  const costing = costs && tariffFor(costs, inBatch);
  const charge = charging && costOf(usage, charging, at);
  return {
    charge,
    cost: costing === charging ? charge : costing && costOf(usage, costing, at),
    priceVersion: charging && priceAt(charging, at).version,
  };
}
