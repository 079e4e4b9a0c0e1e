import type { Deployment } from "../../vocabulary/deployment.ts";
import type { DialectName } from "../../vocabulary/dialect.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Operation } from "../../vocabulary/service.ts";
import { costTariff } from "../../vocabulary/tariffs.ts";
import type { Ask } from "../ask.ts";
import { Places } from "../reckoning/places.ts";
import { type PreparedRule, preparedRules } from "../rules/prepared.ts";
import type { Standings } from "../standing.ts";
import type { Strategies, Strategy } from "../strategies/strategy.ts";
import { allWell } from "./all-well.ts";
import { LAST_RESORT, type Option, type Peers, peersKept, peersOf } from "./option.ts";
import { routeFor } from "./route.ts";

/** Those deployments of a model that can do what is asked, for clients of one dialect: made once, as long as the model is in force. */
export interface Able extends Peers {
  readonly model: Model;
  /** Lower levels first, and in a level as the config has them. */
  readonly options: readonly Option[];
  /** Some of them, with their places. */
  readonly peersOf: (options: readonly Option[]) => Peers;
  /** May all of them be asked, as far as their health and quota go? */
  readonly allWell: (now: number) => boolean;
  readonly rules: readonly PreparedRule[];
  /** Prompts of fewer bytes fit all of them. Tokens; infinity: no window is known. */
  readonly smallestWindow: number;
  /** Does any of them tell its abilities, or keep hours? */
  readonly picky: boolean;
  readonly keepsHours: boolean;
  /** Is any of them an engine of ours? */
  readonly hasEngines: boolean;
  readonly strategy: Strategy;
  readonly places: Places;
  /** Its standings are those there are as long as this is as it was (`Standings.forgotten`). */
  readonly forgotten: number;
}

/** What is made of models in advance. */
export interface Preparing {
  readonly standings: Standings;
  readonly strategies: Strategies;
}

/** Finds the able of a model: made when first asked for, and anew when standings were forgotten; forgotten with the model. */
export function ables(preparing: Preparing): (model: Model, ask: Ask) => Able {
  const known = new WeakMap<Model, Map<Operation, Map<DialectName, Able>>>();
  return (model, { operation, dialect }) => {
    const found = known.get(model)?.get(operation)?.get(dialect);
    if (found !== undefined && found.forgotten === preparing.standings.forgotten) return found;
    const able = ableOf(model, operation, dialect, preparing);
    const operations = known.get(model) ?? new Map<Operation, Map<DialectName, Able>>();
    const dialects = operations.get(operation) ?? new Map<DialectName, Able>();
    known.set(model, operations.set(operation, dialects.set(dialect, able)));
    return able;
  };
}

function ableOf(model: Model, operation: Operation, dialect: DialectName, { standings, strategies }: Preparing): Able {
  const { forgotten } = standings; // as it is before any is asked for
  const bounded = model.deployments.every(({ limits }) => limits.maxConcurrent !== undefined);
  const options = model.deployments.flatMap((deployment, index): Option[] => {
    const route = routeFor(deployment, operation, dialect);
    if (route === undefined) return [];
    const standing = standings.of(deployment);
    return [
      {
        index,
        deployment,
        route,
        soleKey: deployment.service.keys.length === 1 ? deployment.service.keys[0] : undefined,
        standing,
        slot: standing.slot,
        level: levelOf(deployment),
        capacity: (bounded ? deployment.limits.maxConcurrent : deployment.weight) || 1,
        tariff: costTariff(deployment, model),
      },
    ];
  });
  options.sort((left, right) => left.level - right.level);
  return {
    ...peersOf(options),
    peersOf: peersKept(),
    model,
    allWell: allWell(options, standings),
    rules: preparedRules(model),
    smallestWindow: Math.min(...options.map(({ deployment }) => deployment.contextWindow ?? Number.POSITIVE_INFINITY)),
    picky: options.some(({ deployment }) => deployment.abilities !== undefined),
    hasEngines: options.some(({ deployment }) => deployment.engine !== undefined),
    keepsHours: options.some(({ deployment }) => deployment.hours !== undefined),
    strategy: strategies(model.strategy, model),
    places: new Places(model.deployments.length),
    forgotten,
  };
}

function levelOf({ tier, weight }: Deployment): number {
  return weight > 0 ? tier : LAST_RESORT + tier;
}
