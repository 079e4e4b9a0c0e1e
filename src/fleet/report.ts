import type { Clock } from "../vocabulary/clock.ts";
import type { EngineSpec } from "../vocabulary/engine.ts";
import type { Arrivals, Callers } from "./callers.ts";
import type { Phase, PhaseName } from "./core/phase.ts";
import { type EngineState, type FleetState, mayRun } from "./core/state.ts";
import type { GpuUse } from "./gpus/attribution.ts";
import type { GpuReading } from "./gpus/gpu.ts";
import type { Caps } from "./memory/caps.ts";
import type { Fit } from "./memory/fit.ts";

/** An engine as people see it. Times are milliseconds since 1970, memory is bytes. */
export interface EngineReport {
  readonly spec: EngineSpec;
  readonly state: PhaseName;
  /** Why it is in that state, where there is something to say. */
  readonly why?: string;
  readonly generation: number;
  readonly pinned: boolean;
  readonly mayRun: boolean;
  readonly inFlight: number;
  /** Requests that wait for it to come up. */
  readonly waiting: number;
  /** How it stood when requests came, since the gateway started. */
  readonly arrivals: Readonly<Arrivals>;
  readonly since?: number;
  /** When it stops if nobody asks for it. */
  readonly idleUntil?: number;
  readonly failures: number;
  readonly lastError?: string;
  /** What was reckoned before its first start; absent: nothing is known of its model. */
  readonly fit?: Fit;
  /** What was learnt of it; absent: nothing. */
  readonly caps?: Caps;
}

/** A GPU as people see it: what is measured, what is granted, what is not ours. */
export interface GpuReport {
  readonly reading: GpuReading;
  readonly use?: GpuUse;
  /** By engine: what it was granted. */
  readonly granted: ReadonlyMap<string, number>;
}

export function reportOf(engine: EngineState, state: FleetState, { use, arrivals }: Pick<Callers, "use" | "arrivals">, clock: Clock): EngineReport {
  const { spec, phase, generation, pinned, failures, lastError } = engine;
  const since1970 = (time: number) => Math.round(clock.now() + time - clock.elapsed());
  const since = sinceOf(phase);
  const idles = phase.type === "ready" && use.active === 0 && spec.idleTimeout > 0 && !pinned && !state.desired.toRun.has(spec.name);
  return {
    spec,
    state: phase.type,
    why: whyOf(phase, state),
    generation,
    pinned,
    mayRun: mayRun(state, spec.name),
    inFlight: use.active,
    waiting: use.waiting,
    arrivals,
    since: since === undefined ? undefined : since1970(since),
    idleUntil: idles ? since1970(Math.max(phase.since, use.lastUsed) + spec.idleTimeout) : undefined,
    failures,
    lastError,
  };
}

function whyOf(phase: Phase, { elsewhere }: FleetState): string | undefined {
  if (elsewhere !== undefined) return `it is looked after by ${elsewhere}`;
  if (phase.type === "queued" && phase.short !== "") return phase.short;
  return "why" in phase ? phase.why : undefined;
}

function sinceOf(phase: Phase): number | undefined {
  return "since" in phase ? phase.since : undefined;
}
