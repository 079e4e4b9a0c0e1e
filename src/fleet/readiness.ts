import { type EngineState, type FleetState, mayRun } from "./core/state.ts";

/** May an engine be asked now, and must it be waited for? */
export type Readiness =
  | { readonly type: "ready" }
  /** It is not up: who asks for it waits until it is. */
  | { readonly type: "cold" }
  /** The schedule has it not run now. */
  | { readonly type: "closed" }
  /** It has failed. */
  | { readonly type: "out"; readonly why: string };

const READY: Readiness = { type: "ready" };
const COLD: Readiness = { type: "cold" };
const CLOSED: Readiness = { type: "closed" };

export function readinessOf(engine: EngineState, state: FleetState): Readiness {
  const { phase } = engine;
  if (phase.type === "ready") return READY;
  if (state.elsewhere !== undefined) return { type: "out", why: `it is looked after by ${state.elsewhere}` };
  if (!mayRun(state, engine.spec.name) && !engine.pinned) return CLOSED;
  switch (phase.type) {
    case "backoff":
    case "failed":
      return { type: "out", why: phase.why };
    case "stopping":
      return phase.after.type === "absent" ? COLD : { type: "out", why: phase.after.why };
    case "absent":
    case "queued":
    case "creating":
    case "loading":
    case "warming":
    case "suspect":
    case "draining":
      return COLD;
    default:
      return phase satisfies never;
  }
}
