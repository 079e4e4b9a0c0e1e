import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import type { Route, ServiceKey } from "../../vocabulary/service.ts";
import type { Standing } from "../standing.ts";

/** A deployment that can do what is asked, with all that does not change from one request to the next. */
export interface Option {
  /** Its place among its model's deployments: columns of numbers about them go by it. */
  readonly index: number;
  readonly deployment: Deployment;
  readonly standing: Standing;
  /** Its standing's: where its calls are counted. */
  readonly slot: number;
  readonly route: Route;
  /** Its service's key, where there is one only: nobody has to look whose turn it is. */
  readonly soleKey: ServiceKey | undefined;
  /** Those of a lower one are asked before it: its tier, and after all tiers those without any weight. */
  readonly level: number;
  /** What its calls are divided by to tell how busy it is. */
  readonly capacity: number;
  /** What it costs. */
  readonly tariff: Tariff | undefined;
}

/** Some of a model's, with their places beside them: whoever goes through columns of numbers need not look at every one of them. */
export interface Peers {
  readonly options: readonly Option[];
  /** `Option.index` of each. */
  readonly indexes: Int32Array;
  /** `Option.slot`, `Option.capacity` of each. */
  readonly slots: Int32Array;
  readonly capacities: Float64Array;
}

export function peersOf(options: readonly Option[]): Peers {
  return {
    options,
    indexes: Int32Array.from(options, ({ index }) => index),
    slots: Int32Array.from(options, ({ slot }) => slot),
    capacities: Float64Array.from(options, ({ capacity }) => capacity),
  };
}

/** Gives the same object for the same options as long as nobody else begins with their first: who rests does so for many requests. */
export function peersKept(): (options: readonly Option[]) => Peers {
  const kept = new Map<Option | undefined, Peers>();
  return (options) => {
    const known = kept.get(options[0]);
    if (known !== undefined && isSame(known.options, options)) return known;
    const peers = peersOf(options);
    kept.set(options[0], peers);
    return peers;
  };
}

function isSame(some: readonly Option[], others: readonly Option[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}

/** The level of those without weight: after every tier. */
export const LAST_RESORT = 1_000_000;
