import { advance } from "./advance.ts";
import type { Effect } from "./effect.ts";
import { crashed, failedStart, refused, stopNow } from "./ending.ts";
import type { EngineEvent, FleetEvent, Order } from "./event.ts";
import type { Facts } from "./facts.ts";
import { ABSENT } from "./phase.ts";
import { Room } from "./room.ts";
import { type Desired, type EngineState, type FleetState, isDriverWell, mayRun, newEngine, withEngine } from "./state.ts";

/** What follows from an event: the next state, and what is to be done in the world. */
export interface Decision {
  readonly state: FleetState;
  readonly effects: readonly Effect[];
}

/**
 * The whole of what the fleet decides. Pure: the same state, event and facts give the same decision. Every event first changes what it is
 * about, and then everything that is due by now happens, whoever's turn it was.
 */
export function decide(state: FleetState, event: FleetEvent, facts: Facts): Decision {
  return advance(heard(state, event, facts), facts);
}

function heard(state: FleetState, event: FleetEvent, facts: Facts): FleetState {
  switch (event.type) {
    case "configured":
      return configured(state, event);
    case "adopted": {
      const engines = new Map(state.engines);
      for (const { engine, generation, baseUrl } of event.engines) {
        const known = engines.get(engine);
        if (known === undefined) continue;
        engines.set(engine, {
          ...known,
          generation,
          called: true,
          phase: { type: "loading", since: facts.now, progress: facts.now, baseUrl, why: "it ran already", adopted: true },
        });
      }
      return { ...state, engines, drivers: new Map(state.drivers).set(event.runner, { settled: true }) };
    }
    case "desired":
      return desired(state, event.desired);
    case "measured":
      return measured(state, event);
    case "driver":
      return { ...state, drivers: new Map(state.drivers).set(event.runner, { settled: state.drivers.get(event.runner)?.settled ?? false, lost: event.lost }) };
    case "role": {
      const engines = [...state.engines].map(([name, { spec, generation, pinned, misfit }]): [string, EngineState] => [
        name,
        { ...newEngine(spec, Math.max(generation, event.generations.get(name) ?? 0)), pinned, misfit },
      ]);
      return { ...state, engines: new Map(engines), drivers: new Map(), elsewhere: event.elsewhere };
    }
    case "closing":
      return event.keep ? { ...state, closing: true } : closed({ ...state, closing: true }, facts);
    case "operator": {
      const engine = state.engines.get(event.engine);
      return engine === undefined ? state : withEngine(state, ordered(engine, event.order, { state, facts }));
    }
    case "reckoned": {
      const engine = state.engines.get(event.engine);
      return engine === undefined ? state : withEngine(state, { ...engine, misfit: event.misfit });
    }
    case "missed": {
      const engine = state.engines.get(event.engine);
      const may = engine?.phase.type === "absent" && !engine.held && isDriverWell(state, engine) && Room.of(state).fits(engine.spec);
      return may ? withEngine(state, { ...engine, called: true }) : state;
    }
    case "used":
    case "tick":
      return state;
    default: {
      const engine = state.engines.get(event.engine);
      return engine === undefined || engine.generation !== event.generation ? state : withEngine(state, told(engine, event, facts));
    }
  }
}

/** New ones are absent; those that are described otherwise, or not at all any more, stop and become that. */
function configured(state: FleetState, { specs, generations }: Extract<FleetEvent, { type: "configured" }>): FleetState {
  const engines = new Map<string, EngineState>();
  for (const spec of specs) {
    const known = state.engines.get(spec.name);
    if (known === undefined) engines.set(spec.name, newEngine(spec, generations.get(spec.name) ?? 0));
    else if (known.spec.hash === spec.hash) engines.set(spec.name, { ...known, spec, next: undefined });
    else engines.set(spec.name, { ...known, next: spec });
  }
  for (const [name, known] of state.engines) if (!engines.has(name)) engines.set(name, { ...known, next: "gone" });
  return { ...state, engines };
}

/** An engine that had failed for want of a GPU is given another chance once that is there. */
function measured(state: FleetState, { gpus, at }: Extract<FleetEvent, { type: "measured" }>): FleetState {
  const now: FleetState = { ...state, gpus: new Map(gpus.map(({ id, capacity, foreign }) => [id, { capacity, foreign, measured: at }])) };
  const isNew = (id: string) => now.gpus.has(id) && !state.gpus.has(id);
  const mended = [...state.engines.values()].filter(({ spec, phase }) => phase.type === "failed" && spec.gpus.some(isNew));
  return mended.reduce((each, engine) => withEngine(each, { ...engine, phase: ABSENT }), now);
}

/** When a window opens nothing an operator has stopped stays so, and what has failed is given another chance. */
function desired(state: FleetState, wanted: Desired): FleetState {
  if (wanted.window === state.desired.window && wanted.opened === state.desired.opened) return { ...state, desired: wanted };
  const engines = [...state.engines].map(([name, engine]): [string, EngineState] => [
    name,
    { ...engine, held: false, failures: 0, phase: engine.phase.type === "failed" || engine.phase.type === "backoff" ? ABSENT : engine.phase },
  ]);
  return { ...state, desired: wanted, engines: new Map(engines) };
}

function closed(state: FleetState, { now }: Facts): FleetState {
  const engines = [...state.engines].map(([name, engine]): [string, EngineState] => {
    switch (engine.phase.type) {
      case "queued":
      case "backoff":
        return [name, { ...engine, phase: ABSENT }];
      case "creating":
      case "loading":
      case "warming":
      case "ready":
      case "suspect":
      case "draining":
        return [name, stopNow(engine, "Signalbox is stopping", { type: "absent" }, now)];
      case "absent":
      case "failed":
      case "stopping":
        return [name, engine];
      default:
        return engine.phase satisfies never;
    }
  });
  return { ...state, engines: new Map(engines) };
}

function ordered(engine: EngineState, order: Order, { state, facts }: { readonly state: FleetState; readonly facts: Facts }): EngineState {
  const { phase } = engine;
  const { now, settings } = facts;
  const drained = (one: EngineState, why: string): EngineState =>
    phase.type === "ready" || phase.type === "suspect"
      ? { ...one, phase: { type: "draining", since: now, baseUrl: phase.baseUrl, until: now + settings.drainFor, why } }
      : one;
  switch (order) {
    case "pin":
      return { ...engine, pinned: true };
    case "unpin": {
      const free = { ...engine, pinned: false };
      // Its window may have closed long ago: what it has begun since then is not cut off for that.
      return mayRun(state, engine.spec.name) ? free : drained(free, "it is not pinned any more, and outside its hours");
    }
    case "start": {
      const well = { ...engine, called: phase.type !== "ready", held: false };
      return phase.type === "failed" || phase.type === "backoff" ? { ...well, phase: ABSENT, failures: 0 } : well;
    }
    case "stop": {
      const calm = { ...engine, called: false, pinned: false, held: true };
      if (phase.type === "ready" || phase.type === "suspect") return drained(calm, "an operator stopped it");
      if (phase.type === "creating" || phase.type === "loading" || phase.type === "warming")
        return stopNow(calm, "an operator stopped it", { type: "absent" }, now);
      return phase.type === "queued" || phase.type === "failed" || phase.type === "backoff" ? { ...calm, phase: ABSENT, failures: 0 } : calm;
    }
    default:
      return order satisfies never;
  }
}

/** What is told of an engine's own start. What does not go with its phase comes too late, and changes nothing. */
function told(engine: EngineState, event: EngineEvent, facts: Facts): EngineState {
  const { phase } = engine;
  const { now } = facts;
  switch (event.type) {
    case "started":
      return phase.type === "creating" ? { ...engine, phase: { ...phase, type: "loading", progress: now, baseUrl: event.baseUrl } } : engine;
    case "start-failed":
      return phase.type === "creating" ? refused(engine, event, facts) : engine;
    case "progressed":
      return phase.type === "loading" || phase.type === "warming" ? { ...engine, phase: { ...phase, progress: now } } : engine;
    case "answers":
      return phase.type === "loading" ? { ...engine, phase: { ...phase, type: "warming", progress: now } } : engine;
    case "warmed":
      return phase.type === "warming" ? { ...engine, called: false, phase: { type: "ready", since: now, baseUrl: phase.baseUrl } } : engine;
    case "not-warmed":
      return phase.type === "warming" ? failedStart(engine, { why: event.why, hopeless: false }, facts) : engine;
    case "suspected":
      return phase.type === "ready" ? { ...engine, phase: { ...phase, type: "suspect", suspected: now, why: event.why } } : engine;
    case "cleared":
      return phase.type === "suspect" ? { ...engine, phase: { type: "ready", since: phase.since, baseUrl: phase.baseUrl } } : engine;
    case "hung":
      return phase.type === "suspect" ? crashed(engine, { why: event.why, hopeless: false }, facts) : engine;
    case "exited":
      return exited(engine, event, facts);
    case "stopped":
      return phase.type === "stopping" && phase.gone === undefined ? { ...engine, phase: { ...phase, gone: now } } : engine;
    case "stop-failed":
      return phase.type === "stopping" && phase.gone === undefined ? { ...engine, lastError: `it could not be stopped: ${event.why}` } : engine;
    default:
      return event satisfies never;
  }
}

function exited(engine: EngineState, { exit, verdict }: Extract<EngineEvent, { type: "exited" }>, facts: Facts): EngineState {
  const found = verdict ?? {
    why: exit.outOfMemory ? "it was killed for this machine's memory" : `it ended by itself, with exit code ${exit.code ?? "unknown"}`,
    hopeless: false,
  };
  switch (engine.phase.type) {
    case "loading":
    case "warming":
      // The gateway before us may have told it to end: that is no failure, and who waits for it waits on.
      if (engine.phase.adopted) return stopNow({ ...engine, called: false }, "it ended before it was taken over", { type: "absent" }, facts.now);
      return failedStart(engine, found, facts);
    case "creating":
      return failedStart(engine, found, facts);
    case "ready":
    case "suspect":
      return crashed(engine, found, facts);
    case "draining":
      return stopNow(engine, engine.phase.why, { type: "absent" }, facts.now);
    case "absent":
    case "queued":
    case "stopping":
    case "backoff":
    case "failed":
      return engine;
    default:
      return engine.phase satisfies never;
  }
}
