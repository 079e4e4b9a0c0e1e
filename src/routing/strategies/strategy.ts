import type { Model, StrategyName } from "../../vocabulary/model.ts";
import type { Option, Peers } from "../able/option.ts";
import type { Ask } from "../ask.ts";
import type { Places, Tie } from "../reckoning/places.ts";
import type { Score } from "../reckoning/score.ts";

/** How the deployments of one tier are put in order; one for each model and kind of request, and what it remembers is its own. */
export interface Strategy {
  /** Puts a key for each of these in `places`, the best least. */
  reckon(group: Peers, places: Places, moment: Moment): Reckoning;
  /** Of those last reckoned this one is asked first: it is the strategy's own choice. */
  took?(first: Option, group: Peers): void;
}

/** One request, at one time. */
export interface Moment {
  readonly ask: Ask;
  /** So many are wanted, the best first: where the others stand does not matter. */
  readonly most: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: number;
  /** `Standings.calls`. */
  readonly calls: Int32Array;
}

/** Why they stand as they do. */
export interface Reckoning {
  readonly first: string;
  readonly later: string;
  /** Between those with equal keys; absent: whoever was first longest ago. */
  readonly tie?: Tie;
  /** What an option's place was reckoned from. */
  score(option: Option): Score;
}

/** A new strategy of a model's. */
export type Strategies = (name: StrategyName, model: Model) => Strategy;
