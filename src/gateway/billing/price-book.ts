import type { Models } from "../../catalog/models.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import type { RequestRecord } from "../../vocabulary/record.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import { type Bill, billFor } from "./bill.ts";

/** A request that was served. */
export type Served = Pick<RequestRecord, "model" | "deployment" | "startedAt" | "batch"> & { readonly usage: Usage };

/** What requests of before come to by the prices that are known now. */
export interface PriceBook {
  /** By the prices of when they asked. `deployment_gone`: the deployment is there no more, and nobody knows what it costs; `unpriced`: nobody knows. */
  billFor(served: Served): Bill | "deployment_gone" | "unpriced";
}

export interface PriceBookParts {
  readonly models: Models;
  /** By their names. */
  readonly services: ReadonlyMap<string, Pick<Service, "kind">>;
  /** What is built in for a model of that kind of provider. */
  tariffFor?(kind: string, model: string): Tariff | undefined;
}

/** Whoever asked, and whoever served. */
interface Parties {
  readonly model: Pick<Model, "price">;
  readonly deployment: Pick<Deployment, "price">;
  /** The deployment is there no more, or its name is not known: a client left while it was being asked. */
  readonly gone: boolean;
}

/** The prices in force. It keeps what it has found: make a new one when they change. */
export function priceBook({ models, services, tariffFor }: PriceBookParts): PriceBook {
  const known = new Map<string, Parties>();
  const named = (name: string): Model | undefined => models.byName.get(name) ?? models.byAlias.get(name) ?? models.made(name);
  const deploymentOf = (id: string, model: Model | undefined): Deployment | undefined => {
    const others = model === undefined ? [] : [model.fallbacks, model.contextFallbacks, model.contentFallbacks].flat().flatMap((name) => named(name) ?? []);
    // Models may give one deployment different prices: that of the model which was asked for comes first.
    const own = [...(model === undefined ? [] : [model]), ...others].flatMap(({ deployments }) => deployments).find((each) => each.id === id);
    return own ?? models.deployments.get(id) ?? models.madeDeployment(id);
  };
  const builtIn = (id: string): Tariff | undefined => {
    const { provider, model } = namesIn(id);
    return tariffFor?.(services.get(provider)?.kind ?? provider, model);
  };
  const partiesOf = ({ model: name, deployment: id }: Served): Parties => {
    const key = JSON.stringify([name, id]);
    let parties = known.get(key);
    if (parties === undefined) {
      const model = named(name);
      const deployment = id === undefined ? undefined : deploymentOf(id, model);
      const price = id === undefined ? undefined : builtIn(id);
      known.set(key, (parties = { model: model ?? {}, deployment: deployment ?? { price }, gone: deployment === undefined }));
    }
    return parties;
  };
  return {
    billFor(served) {
      const { model, deployment, gone } = partiesOf(served);
      const bill = billFor(served.usage, { model, deployment, at: served.startedAt, inBatch: served.batch !== undefined });
      // What a deployment cost that had a price of its own is not what its model costs.
      const cost = gone && deployment.price === undefined ? undefined : bill.cost;
      if (cost === undefined && bill.charge === undefined) return gone ? "deployment_gone" : "unpriced";
      return { ...bill, cost };
    },
  };
}

/** Provider and model of a deployment's id. */
function namesIn(id: string): { readonly provider: string; readonly model: string } {
  const at = id.indexOf("/");
  return { provider: id.slice(0, at), model: id.slice(at + 1).replace(/#\d+$/, "") };
}
