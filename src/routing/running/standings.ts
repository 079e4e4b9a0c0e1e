import type { Clock } from "../../vocabulary/clock.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Engines } from "../engines.ts";
import type { BreakerSettings } from "../health/breaker.ts";
import type { Hints } from "../health/hints.ts";
import type { Standings } from "../standing.ts";
import { CallCounts } from "./call-counts.ts";
import { DeploymentState } from "./deployment-state.ts";
import type { GateFor } from "./gate.ts";
import { reportOf, type StandingReport } from "./report.ts";

/** What standings are kept with. */
export interface StandingsRequest {
  readonly clock: Clock;
  /** As they are in force now. */
  readonly breaker: () => BreakerSettings;
  readonly gateFor: GateFor;
  /** Those in force by name now. */
  readonly models: () => Iterable<Model>;
  /** What other replicas say; absent: there are none. */
  readonly hints?: Hints;
  /** Those of our own; absent: there are none. */
  readonly engines?: Pick<Engines, "limitOf">;
}

/** All standings there are, and what keeps them. */
export interface RunningStandings extends Standings {
  of(deployment: Deployment): DeploymentState;
  /** The state kept under this id, if there is any. */
  known(id: string): DeploymentState | undefined;
  /** Other deployments are in force. All go by their new description; those that are none any more are forgotten, the busy ones the next time. */
  takeOver(inForce: (id: string) => Deployment | undefined): void;
  /** The deployment has just been left alone: other replicas may want to know. `until` on the clock that never goes back. */
  tell(id: string, until: number, reason: string): void;
  report(): readonly StandingReport[];
  /** Of the one of this id; `undefined`: it was never looked at, so nothing is held against it. */
  reportOn(id: string): StandingReport | undefined;
  /** Closes its breaker and those of its keys, and ends its rests. */
  reset(id: string): void;
}

/** Models whose names are patterns make a deployment of every name a client thinks of: past so many all are, the idle ones of such are forgotten. */
const MOST = 10_000;
/** No other's word counts for longer. Milliseconds. */
const LONGEST_HINT = 3_600_000;

/** The standings of all deployments, by their ids: they outlive every reload. */
export function createStandings({ clock, breaker, gateFor, models, hints, engines }: StandingsRequest): RunningStandings {
  const states = new Map<string, DeploymentState>();
  const counts = new CallCounts();
  let forgotten = 0;
  let alarms = 0;
  const alarm = () => {
    alarms++;
  };
  const forgetIdle = (isGone: (id: string) => boolean) => {
    const before = states.size;
    for (const [id, state] of states) {
      if (!state.isIdle || !isGone(id)) continue;
      states.delete(id);
      counts.free(state.slot);
    }
    if (states.size < before) forgotten++;
  };
  const forgetMadeUp = () => {
    const named = new Set<string>();
    for (const { deployments } of models()) for (const { id } of deployments) named.add(id);
    forgetIdle((id) => !named.has(id));
  };
  const add = (deployment: Deployment): DeploymentState => {
    if (states.size >= MOST) forgetMadeUp();
    const slot = counts.add();
    const gate = gateFor(
      () => limitsOf(state.deployment, engines),
      (calls) => counts.set(slot, calls),
    );
    const state: DeploymentState = new DeploymentState({ deployment, slot, gate, settings: breaker, alarm, now: clock.elapsed() });
    states.set(deployment.id, state);
    return state;
  };
  hints?.heard(({ deployment, until, reason }) => {
    const now = clock.elapsed();
    const rest = Math.min(until - clock.now(), LONGEST_HINT);
    if (rest > 0) states.get(deployment)?.rest("hint", { reason: `another replica says: ${reason}`, now, until: now + rest });
  });
  return {
    of(deployment) {
      const state = states.get(deployment.id);
      if (state === undefined) return add(deployment);
      if (state.deployment !== deployment) state.adopt(deployment);
      return state;
    },
    get forgotten() {
      return forgotten;
    },
    get alarms() {
      return alarms;
    },
    get calls() {
      return counts.column;
    },
    known: (id) => states.get(id),
    takeOver(inForce) {
      forgetIdle((id) => inForce(id) === undefined);
      for (const [id, state] of states) {
        const deployment = inForce(id);
        if (deployment !== undefined) state.adopt(deployment);
      }
    },
    tell: (id, until, reason) => hints?.tell({ deployment: id, until: clock.now() + until - clock.elapsed(), reason }),
    reportOn(id) {
      const state = states.get(id);
      return state && reportOf(state, clock);
    },
    reset: (id) => states.get(id)?.reset(),
    report: () => [...states.values()].map((state) => reportOf(state, clock)),
  };
}

/** The config's, and what an engine was seen to bear. */
function limitsOf({ limits, engine }: Deployment, engines: StandingsRequest["engines"]): Deployment["limits"] {
  const borne = engine === undefined ? undefined : engines?.limitOf(engine);
  return borne === undefined ? limits : { ...limits, maxConcurrent: Math.min(borne, limits.maxConcurrent ?? borne) };
}
