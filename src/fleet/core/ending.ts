import type { DriverReason } from "../drivers/driver.ts";
import type { Verdict } from "./event.ts";
import type { Facts } from "./facts.ts";
import type { Afterwards } from "./phase.ts";
import type { EngineState } from "./state.ts";

/** It is to be stopped, and what is left of it taken away: also one that has ended by itself. */
export function stopNow(engine: EngineState, why: string, after: Afterwards, now: number): EngineState {
  return { ...engine, phase: { type: "stopping", since: now, why, beside: new Map(), after } };
}

/** Who does not come up so often is tried again when somebody asks for it, and not before. */
const TRIES = 5;

/** It did not come up. */
export function failedStart(engine: EngineState, { why, hopeless }: Verdict, facts: Facts): EngineState {
  return ended({ ...engine, called: engine.called && engine.failures < TRIES }, `it did not start: ${why}`, hopeless, facts);
}

/** It came up, and ended: it is to come back. */
export function crashed(engine: EngineState, { why, hopeless }: Verdict, facts: Facts): EngineState {
  return ended({ ...engine, called: true }, why, hopeless, facts);
}

/** Its driver did not start it. */
export function refused(engine: EngineState, { reason, message }: { readonly reason: DriverReason; readonly message: string }, facts: Facts): EngineState {
  switch (reason) {
    case "image-missing":
    case "refused":
      return ended(engine, message, true, facts);
    case "name-taken":
    case "port-taken":
    case "failed":
      return ended(engine, message, false, facts);
    case "driver-gone":
      // Nothing is wrong with the engine itself.
      return stopNow({ ...engine, lastError: message }, message, { type: "backoff", wait: facts.settings.backoff.first / 10, why: message }, facts.now);
    default:
      return reason satisfies never;
  }
}

function ended(engine: EngineState, why: string, hopeless: boolean, facts: Facts): EngineState {
  const failures = engine.failures + 1;
  const after: Afterwards = hopeless ? { type: "failed", why } : { type: "backoff", wait: waitAfter(failures, facts), why };
  return stopNow({ ...engine, failures, lastError: why }, why, after, facts.now);
}

/** Milliseconds: twice as long after each failure in a row, with up to a quarter more or less so that engines do not come back together. */
function waitAfter(failures: number, { settings: { backoff }, random }: Facts): number {
  return Math.min(backoff.longest, backoff.first * 2 ** (failures - 1)) * (0.75 + random() / 2);
}
