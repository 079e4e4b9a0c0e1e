import type { Capacity } from "../batches/parts.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Standing } from "../routing/standing.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { type Deployment, isLocal } from "../vocabulary/deployment.ts";
import { isWithin, opensAt } from "../vocabulary/hours.ts";

export interface CapacityParts {
  readonly models: Pick<Catalog, "find">;
  readonly standings: { of(deployment: Deployment): Pick<Standing, "inFlight" | "queued"> };
  readonly clock: Pick<Clock, "now">;
  /** Of a deployment's places, the part that may be taken by anybody before a line of a batch begins; from 0 to 1. */
  readonly share: () => number;
}

/** Where models are up, and how busy, by the hours of their deployments and by what these are doing. A model that is not there is told by whoever asks it. */
export function capacityOf({ models, standings, clock, share }: CapacityParts): Capacity {
  const deploymentsOf = async (model: string, caller: Caller): Promise<readonly Deployment[]> => {
    try {
      const { deployments } = await models.find(model, caller);
      return caller.localOnly ? deployments.filter(isLocal) : deployments;
    } catch {
      return [];
    }
  };
  const isOpen = ({ hours }: Deployment): boolean => hours === undefined || isWithin(hours, clock.now());
  const hasRoom = (deployment: Deployment): boolean => {
    const { inFlight, queued } = standings.of(deployment);
    const { maxConcurrent } = deployment.limits;
    return queued === 0 && (maxConcurrent === undefined || inFlight < Math.max(1, Math.floor(maxConcurrent * share())));
  };
  return {
    async whenServed(model, caller) {
      const deployments = await deploymentsOf(model, caller);
      if (deployments.length === 0 || deployments.some(isOpen)) return { now: true };
      const opens = Math.min(...deployments.map(({ hours }) => (hours && opensAt(hours, clock.now())) ?? Number.POSITIVE_INFINITY));
      return { now: false, from: Number.isFinite(opens) ? opens : undefined, why: `${model} is not scheduled now` };
    },
    async idle(model, caller) {
      const deployments = (await deploymentsOf(model, caller)).filter(isOpen);
      return deployments.length === 0 || deployments.some(hasRoom);
    },
  };
}
