import type { Clock } from "../../vocabulary/clock.ts";
import type { FailureKind } from "../../vocabulary/failure.ts";
import type { Breaker, Circuit } from "../health/breaker.ts";
import type { Pace } from "../standing.ts";
import type { DeploymentState } from "./deployment-state.ts";
import type { KeyState } from "./key-state.ts";

/** A deployment's standing, for people to read. Times are milliseconds since 1970. */
export interface StandingReport extends CircuitReport {
  readonly deployment: string;
  /** Why it should not be asked now, whoever says so: its breaker, checks, peers, other replicas, limits. */
  readonly resting?: string;
  readonly inFlight: number;
  readonly queued: number;
  /** Durations are milliseconds. */
  readonly pace: Omit<Pace, "since">;
  readonly hitRate: number;
  readonly tokenFactor: number;
  readonly keys: readonly KeyReport[];
  readonly lastFailure?: { readonly at: number; readonly kind: FailureKind; readonly message: string; readonly status?: number };
}

export interface CircuitReport {
  readonly circuit: Circuit;
  /** Since the last success. */
  readonly failures: number;
  /** When it may be asked again, as far as that is known; absent: now. */
  readonly until?: number;
}

export interface KeyReport extends CircuitReport {
  /** Empty for the only one. */
  readonly name: string;
  readonly resting?: string;
}

/** How open its breakers are together: its own, or else those of its keys, of which one that is closed is enough. */
export function circuitOf({ circuit, keys }: Pick<StandingReport, "circuit" | "keys">): Circuit {
  if (circuit !== "closed" || keys.length === 0) return circuit;
  const circuits = keys.map((key) => key.circuit);
  return circuits.includes("closed") ? "closed" : circuits.includes("half_open") ? "half_open" : "open";
}

export function reportOf(state: DeploymentState, clock: Clock): StandingReport {
  const now = clock.elapsed();
  const since1970 = (time: number) => Math.round(clock.now() + time - now);
  const circuitOf = (breaker: Breaker, due: number): CircuitReport => ({
    circuit: breaker.circuit(now),
    failures: breaker.failures,
    ...(due > now ? { until: since1970(due) } : {}),
  });
  const keyOf = (key: KeyState): KeyReport => ({ name: key.key.name, resting: key.resting(now), ...circuitOf(key.breaker, key.due(now)) });
  const { firstToken, perToken, answerTokens, answers } = state.pace;
  const last = state.lastFailure;
  return {
    deployment: state.deployment.id,
    resting: state.resting(now),
    ...circuitOf(state.breaker, state.due(now)),
    inFlight: state.inFlight,
    queued: state.queued,
    pace: { firstToken, perToken, answerTokens, answers },
    hitRate: state.hitRate,
    tokenFactor: state.tokenFactor,
    keys: state.keys.states.map(keyOf),
    ...(last === undefined
      ? {}
      : { lastFailure: { at: since1970(last.at), kind: last.failure.kind, message: last.failure.message, status: last.failure.facts.upstreamStatus } }),
  };
}
