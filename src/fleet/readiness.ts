import { type EngineState, type FleetState, isOpen } from "./core/state.ts";

/** May an engine be asked now, and must it be waited for? */
export type Readiness =
  | { readonly type: "ready" }
  /** It is not up: who asks for it waits until it is. */
  | { readonly type: "cold" }
  /** The schedule gives it no work now. `soon`: it does before anybody who waits would tire. */
  | { readonly type: "closed"; readonly soon?: boolean }
  /** It has failed. */
  | { readonly type: "out"; readonly why: string };

const READY: Readiness = { type: "ready" };
const COLD: Readiness = { type: "cold" };
const CLOSED: Readiness = { type: "closed" };

export function readinessOf(engine: EngineState, state: FleetState): Readiness {
  const { phase } = engine;
  if (!isOpen(state, engine)) return CLOSED;
  if (state.elsewhere !== undefined) return { type: "out", why: `it is looked after by ${state.elsewhere}` };
  switch (phase.type) {
    case "ready":
      return READY;
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
