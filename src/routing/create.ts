import type { Clock } from "../vocabulary/clock.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Timer } from "../vocabulary/timer.ts";
import type { Engines } from "./engines.ts";
import type { BreakerSettings } from "./health/breaker.ts";
import type { Hints } from "./health/hints.ts";
import { type OutlierSettings, watchOutliers } from "./health/outliers.ts";
import { createRanking, type Instead, type Ranker } from "./rank.ts";
import type { Routing } from "./routing.ts";
import type { GateFor, WaitAt } from "./running/gate.ts";
import { createSeats } from "./running/seats.ts";
import { createStandings, type RunningStandings } from "./running/standings.ts";

/** What routing goes by, as it is in force now. */
export interface RoutingSettings {
  readonly breaker: BreakerSettings;
  readonly outliers: OutlierSettings;
  /** The longest wait for a seat. Milliseconds. */
  readonly patience: number;
}

export interface RoutingParts {
  readonly instead: Instead;
  /** Those in force now. */
  readonly models: () => Iterable<Model>;
  readonly settings: () => RoutingSettings;
  readonly gateFor: GateFor;
  readonly waitAt: WaitAt;
  /** What other replicas say; absent: there are none. */
  readonly hints?: Hints;
  /** Those of our own; absent: there are none. */
  readonly engines?: Engines;
  readonly clock: Clock;
  readonly timer: Timer;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** Routing, and what it knows. */
export interface RunningRouting extends Routing, Pick<Ranker, "rehearse"> {
  readonly standings: RunningStandings;
}

/** Deployments are ranked by how they stand, and how they stand is learnt from what becomes of their seats. */
export function createRouting({ instead, models, settings, gateFor, waitAt, hints, engines, clock, timer, random }: RoutingParts): RunningRouting {
  const standings = createStandings({ clock, breaker: () => settings().breaker, gateFor, models, hints, engines });
  const ended = watchOutliers({ standings, models, settings: () => settings().outliers, clock });
  const { rank, rehearse } = createRanking({ standings, instead, engines, clock, random });
  const { enter, wait } = createSeats({ standings, clock, timer, waitAt, patience: () => settings().patience, ended });
  return { rank, rehearse, enter, wait, standings };
}
