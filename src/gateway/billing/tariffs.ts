import { MISHAPS } from "../../routing/routing.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import { chargeTariff } from "../../vocabulary/tariffs.ts";
import type { Signalbox } from "../signalbox.ts";

/** By what whoever asks for a model may be charged. */
export interface Charges {
  /** Each once. */
  readonly tariffs: readonly Tariff[];
  /** Some who may serve it have no price that anybody knows. */
  readonly someUnpriced: boolean;
  /** The most GPUs of ours that any of them takes. */
  readonly gpus: number;
}

const known = new WeakMap<Model, Charges>();

/** The tariffs of a model: its own, or those of all that may serve it, fallbacks among them: the dearest may have to. Worked out once for each snapshot. */
export function chargesFor(model: Model, catalog: Pick<Signalbox["catalog"], "instead">): Charges {
  let charges = known.get(model);
  if (charges === undefined) known.set(model, (charges = worked(model, catalog)));
  return charges;
}

function worked(model: Model, catalog: Pick<Signalbox["catalog"], "instead">): Charges {
  const others = MISHAPS.flatMap((mishap) => catalog.instead(model, mishap));
  const deployments = [model, ...others].flatMap((each) => each.deployments);
  const all = deployments.map((deployment) => chargeTariff(model, deployment));
  const tariffs = new Set(all.filter((tariff) => tariff !== undefined));
  return { tariffs: [...tariffs], someUnpriced: all.includes(undefined), gpus: Math.max(0, ...deployments.map(({ gpus = 0 }) => gpus)) };
}
