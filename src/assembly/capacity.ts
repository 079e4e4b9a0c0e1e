import type { Capacity } from "../batches/parts.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Standing } from "../routing/standing.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { type Deployment, isLocal } from "../vocabulary/deployment.ts";
import { isWithin, opensAt } from "../vocabulary/hours.ts";

export interface CapacityParts {
  readonly models: Pick<Catalog, "find">;
  readonly standings: { of(deployment: Deployment): Pick<Standing, "inFlight" | "queued"> };
  /** Those of our own; absent: there are none. */
  readonly engines?: Pick<Fleet, "readiness" | "opensFor">;
  readonly clock: Pick<Clock, "now">;
  /** Of a deployment's places, the part that may be taken by anybody before a line of a batch begins; from 0 to 1. */
  readonly share: () => number;
}

/** Where models are up, and how busy, by the hours of their deployments and engines and by what these are doing. A model that is not there is told by whoever asks it. */
export function capacityOf({ models, standings, engines, clock, share }: CapacityParts): Capacity {
  const deploymentsOf = async (model: string, caller: Caller): Promise<readonly Deployment[]> => {
    try {
      const { deployments } = await models.find(model, caller);
      return caller.localOnly ? deployments.filter(isLocal) : deployments;
    } catch {
      return [];
    }
  };
  const isClosed = (engine: string | undefined) => engine !== undefined && engines?.readiness(engine).type === "closed";
  const isOpen = ({ hours, engine }: Deployment): boolean => (hours === undefined || isWithin(hours, clock.now())) && !isClosed(engine);
  const opensFor = ({ hours, engine }: Deployment): number => {
    const own = hours === undefined ? clock.now() : (opensAt(hours, clock.now()) ?? Number.POSITIVE_INFINITY);
    const its = engine !== undefined && isClosed(engine) ? (engines?.opensFor(engine) ?? Number.POSITIVE_INFINITY) : clock.now();
    return Math.max(own, its);
  };
  const hasRoom = (deployment: Deployment): boolean => {
    const { inFlight, queued } = standings.of(deployment);
    const { maxConcurrent } = deployment.limits;
    return queued === 0 && (maxConcurrent === undefined || inFlight < Math.max(1, Math.floor(maxConcurrent * share())));
  };
  return {
    async whenServed(model, caller) {
      const deployments = await deploymentsOf(model, caller);
      if (deployments.length === 0 || deployments.some(isOpen)) return { now: true };
      const opens = Math.min(...deployments.map(opensFor));
      return { now: false, from: Number.isFinite(opens) ? opens : undefined, why: `${model} is not scheduled now` };
    },
    async idle(model, caller) {
      const deployments = (await deploymentsOf(model, caller)).filter(isOpen);
      return deployments.length === 0 || deployments.some(hasRoom);
    },
  };
}
