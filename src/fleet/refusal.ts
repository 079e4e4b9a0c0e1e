import { Failure } from "../vocabulary/failure.ts";
import { type EngineState, type FleetState, mayRun } from "./core/state.ts";

/** Nobody is told to come back later than this where a retry makes sense. Seconds. */
const LONGEST_RETRY = 60;

/** What a refusal goes by. */
export interface Refusing {
  readonly state: FleetState;
  /** Milliseconds on the state's clock. */
  readonly now: number;
  /** When the schedule lets the engine run next, in milliseconds since 1970; absent: it is not known, or never. */
  opensFor(engine: string): number | undefined;
  /** Milliseconds since 1970. */
  readonly today: number;
}

/** Why nobody waits for this engine now; absent: it is up, or on its way. */
export function refusalOf(engine: EngineState, { state, now, opensFor, today }: Refusing): Failure | undefined {
  const { name } = engine.spec;
  if (state.closing) return new Failure("overloaded", "This Signalbox is stopping. Ask again in a moment.", { retryAfter: 1 });
  if (state.elsewhere !== undefined)
    return new Failure("engine-starting", `The engine ${name} is looked after by ${state.elsewhere}: ask there, or here once that is gone.`, { retryAfter: 5 });
  if (!mayRun(state, name) && !engine.pinned) return notScheduled(name, opensFor(name), today);
  const { phase } = engine;
  switch (phase.type) {
    case "failed":
      return new Failure("engine-failed", `The engine ${name} cannot be started: ${phase.why}. An operator has to mend that.`);
    case "backoff":
      return startingAgain(name, phase.why, (phase.until - now) / 1000);
    case "stopping":
      if (phase.after.type === "failed")
        return new Failure("engine-failed", `The engine ${name} cannot be started: ${phase.after.why}. An operator has to mend that.`);
      return phase.after.type === "backoff" ? startingAgain(name, phase.after.why, phase.after.wait / 1000) : undefined;
    case "absent":
    case "queued": {
      const { lost } = state.drivers.get(engine.spec.runner) ?? {};
      return lost === undefined ? undefined : startingAgain(name, lost, 5);
    }
    case "creating":
    case "loading":
    case "warming":
    case "ready":
    case "suspect":
    case "draining":
      return undefined;
    default:
      return phase satisfies never;
  }
}

function startingAgain(name: string, why: string, seconds: number): Failure {
  const retryAfter = Math.min(LONGEST_RETRY, Math.max(1, Math.ceil(seconds)));
  return new Failure("engine-starting", `The engine ${name} is not up: ${why}. It will be tried again; ask in ${retryAfter} s.`, { retryAfter });
}

function notScheduled(name: string, opens: number | undefined, today: number): Failure {
  if (opens === undefined) return new Failure("not-scheduled", `The engine ${name} is not scheduled on any day.`);
  return new Failure("not-scheduled", `The engine ${name} is not scheduled now. It can be asked from ${new Date(opens).toISOString()} on.`, {
    retryAfter: Math.max(1, Math.ceil((opens - today) / 1000)),
  });
}
