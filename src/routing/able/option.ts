import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Price } from "../../vocabulary/price.ts";
import type { Route } from "../../vocabulary/service.ts";
import type { Hours } from "../filter/hours.ts";
import type { Standing } from "../standing.ts";

/** A deployment that can do what is asked, with all that does not change from one request to the next. */
export interface Option {
  /** Its place among its model's deployments: columns of numbers about them go by it. */
  readonly index: number;
  readonly deployment: Deployment;
  readonly standing: Standing;
  readonly route: Route;
  /** Those of a lower one are asked before it: its tier, and after all tiers those without any weight. */
  readonly level: number;
  /** What its calls are divided by to tell how busy it is. */
  readonly capacity: number;
  /** Its own price, else its model's. */
  readonly price: Price | undefined;
  /** When it may be called; absent: always. */
  readonly hours: Hours | undefined;
}

/** The level of those without weight: after every tier. */
export const LAST_RESORT = 1_000_000;
