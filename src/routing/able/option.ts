import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Price } from "../../vocabulary/price.ts";
import type { Route, ServiceKey } from "../../vocabulary/service.ts";
import type { Standing } from "../standing.ts";

/** A deployment that can do what is asked, with all that does not change from one request to the next. */
export interface Option {
  /** Its place among its model's deployments: columns of numbers about them go by it. */
  readonly index: number;
  readonly deployment: Deployment;
  readonly standing: Standing;
  readonly route: Route;
  /** Its service's key, where there is one only: nobody has to look whose turn it is. */
  readonly soleKey: ServiceKey | undefined;
  /** Those of a lower one are asked before it: its tier, and after all tiers those without any weight. */
  readonly level: number;
  /** What its calls are divided by to tell how busy it is. */
  readonly capacity: number;
  /** Its own price, else its model's. */
  readonly price: Price | undefined;
}

/** Some of a model's, with their places beside them: whoever goes through columns of numbers need not look at every one of them. */
export interface Peers {
  readonly options: readonly Option[];
  /** `Option.index` of each. */
  readonly indexes: Int32Array;
}

export function peersOf(options: readonly Option[]): Peers {
  return { options, indexes: Int32Array.from(options, ({ index }) => index) };
}

/** The level of those without weight: after every tier. */
export const LAST_RESORT = 1_000_000;
