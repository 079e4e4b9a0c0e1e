import type { EngineSpec } from "../../vocabulary/engine.ts";
import type { Decision } from "./decide.ts";
import type { Effect } from "./effect.ts";
import { failedStart, stopNow } from "./ending.ts";
import type { Facts, Use } from "./facts.ts";
import { ABSENT, type Phase } from "./phase.ts";
import { plan } from "./plan.ts";
import { neverFits } from "./room.ts";
import { type EngineState, type FleetState, mayRun, newEngine } from "./state.ts";

/** So long a load goes on for nobody: who has given up often comes back. Milliseconds. */
const ABANDONED = 30_000;
/** After so long in health it may fail as if for the first time. Milliseconds. */
const HEALED = 600_000;
/** How often one that does not stop is told again. Milliseconds. */
const ASK_AGAIN = 5000;
/** So long the memory of one that is gone may take to be seen free. Past that it counts as somebody else's. Milliseconds. */
const MEMORY_RETURNS = 30_000;
/** What others may hold more than before without its counting as an engine's that has not been given back. Bytes. */
const CRUMBS = 512 * 2 ** 20;

/** Everything that is due by now, of all engines: what has changed is in the state, what is to be done beside it. */
export function advance(before: FleetState, facts: Facts): Decision {
  if (before.elsewhere !== undefined) return { state: before, effects: [] };
  const effects: Effect[] = [];
  const engines = new Map<string, EngineState>();
  for (const [name, engine] of before.engines) {
    const next = replaced(dueFor(leftWhole(engine, before, facts), before, facts));
    if (next !== undefined) engines.set(name, next);
  }
  const state = dealt({ ...before, engines }, facts, effects);
  return { state: asked(state, facts, effects), effects };
}

/** One that is gone is so once its memory is seen to be free. */
function leftWhole(engine: EngineState, state: FleetState, { now }: Facts): EngineState {
  const { phase } = engine;
  if (phase.type !== "stopping" || phase.gone === undefined) return engine;
  return isMemoryBack(engine.spec, phase.gone, phase.beside, state) || now - phase.gone >= MEMORY_RETURNS
    ? { ...engine, phase: afterStop(phase, now) }
    : engine;
}

/** Measured since then, nobody of whom we do not know holds much more of its GPUs than before. */
function isMemoryBack({ gpus }: EngineSpec, gone: number, beside: ReadonlyMap<string, number>, state: FleetState): boolean {
  return gpus.every((id) => {
    const gpu = state.gpus.get(id);
    return gpu === undefined || (gpu.measured >= gone && gpu.foreign <= (beside.get(id) ?? 0) + CRUMBS);
  });
}

function afterStop({ after }: Extract<Phase, { type: "stopping" }>, now: number): Phase {
  switch (after.type) {
    case "absent":
      return ABSENT;
    case "backoff":
      return { type: "backoff", until: now + after.wait, why: after.why };
    case "failed":
      return after;
    default:
      return after satisfies never;
  }
}

/** What has stopped becomes what the config makes of it; `undefined`: it is gone. */
function replaced(engine: EngineState): EngineState | undefined {
  if (engine.next === undefined || !isDown(engine.phase)) return engine;
  if (engine.next === "gone") return undefined;
  return { ...newEngine(engine.next, engine.generation), pinned: engine.pinned, called: engine.called };
}

function isDown({ type }: Phase): boolean {
  return type === "absent" || type === "queued" || type === "backoff" || type === "failed";
}

function dueFor(engine: EngineState, state: FleetState, facts: Facts): EngineState {
  const { spec, phase } = engine;
  const { now, settings } = facts;
  const use = facts.use(spec.name);
  const drain = (why: string, until = now + settings.drainFor): EngineState =>
    phase.type === "ready" || phase.type === "suspect" ? { ...engine, phase: { type: "draining", since: now, baseUrl: phase.baseUrl, until, why } } : engine;
  switch (phase.type) {
    case "absent":
    case "queued": {
      const cause = causeFor(engine, state, use);
      return cause === undefined ? (phase.type === "absent" ? engine : { ...engine, phase: ABSENT }) : queuedOrFailed(engine, state, cause, now);
    }
    case "creating":
      return isAbandoned(engine, state, use, now) ? stopNow(engine, "nobody waits for it any more", { type: "absent" }, now) : engine;
    case "loading":
    case "warming":
      if (isAbandoned(engine, state, use, now)) return stopNow(engine, "nobody waits for it any more", { type: "absent" }, now);
      if (now - phase.progress <= spec.startTimeout) return engine;
      return failedStart(engine, { why: `nothing happened for ${Math.round(spec.startTimeout / 1000)} s while it was ${phase.type}`, hopeless: false }, facts);
    case "ready":
    case "suspect": {
      if (state.closing) return engine;
      if (engine.next !== undefined) return drain(engine.next === "gone" ? "it is not in the config any more" : "the config describes it otherwise now");
      if (!mayRun(state, spec.name) && !engine.pinned) return drain("it is outside its hours", state.desired.drainUntil);
      if (isIdle(engine, state, use, now)) return drain(`nobody has asked for it for ${Math.round(spec.idleTimeout / 1000)} s`);
      return engine.failures > 0 && now - phase.since > HEALED ? { ...engine, failures: 0 } : engine;
    }
    case "draining":
      return use.active === 0 || now >= phase.until ? stopNow(engine, phase.why, { type: "absent" }, now) : engine;
    case "stopping":
      return engine;
    case "backoff":
      return now >= phase.until ? { ...engine, phase: ABSENT } : engine;
    case "failed":
      return engine;
    default:
      return phase satisfies never;
  }
}

/** Why it is to be up: somebody waits for it, it has been called, or the schedule wants it and no operator has stopped it since; absent: it is not. */
function causeFor({ spec, pinned, called, held, next }: EngineState, state: FleetState, { waiting }: Use): string | undefined {
  if (state.closing || next === "gone") return undefined;
  if (pinned) return "it is pinned";
  if (!mayRun(state, spec.name)) return undefined;
  if (waiting > 0) return waiting === 1 ? "a request waits for it" : `${waiting} requests wait for it`;
  if (called) return "it was called";
  return state.desired.toRun.has(spec.name) && !held
    ? `it is to run ${state.desired.window === undefined ? "always" : `in the window ${state.desired.window}`}`
    : undefined;
}

function isAbandoned(engine: EngineState, state: FleetState, use: Use, now: number): boolean {
  if (engine.next !== undefined) return true;
  return causeFor(engine, state, use) === undefined && (state.closing || now - use.since >= ABANDONED);
}

function isIdle({ spec, phase, pinned, held }: EngineState, { desired }: FleetState, use: Use, now: number): boolean {
  if (spec.idleTimeout === 0 || pinned || (desired.toRun.has(spec.name) && !held) || phase.type !== "ready") return false;
  return use.active === 0 && now - Math.max(phase.since, use.lastUsed) >= spec.idleTimeout;
}

function queuedOrFailed(engine: EngineState, state: FleetState, why: string, now: number): EngineState {
  const never = neverFits(engine, state);
  if (never === undefined) return engine.phase.type === "queued" ? engine : { ...engine, phase: { type: "queued", since: now, why, short: "" } };
  return { ...engine, phase: { type: "failed", why: never }, lastError: never };
}

/** Memory is dealt out: some start, some are sent off for others. */
function dealt(state: FleetState, facts: Facts, effects: Effect[]): FleetState {
  if (state.closing) return state;
  const { start, evict, waiting } = plan(state, facts);
  if (start.length + evict.size + waiting.size === 0) return state;
  const { now, settings } = facts;
  const engines = new Map(state.engines);
  for (const [name, engine] of state.engines) {
    const { phase } = engine;
    if (start.includes(name)) {
      const generation = engine.generation + 1;
      engines.set(name, { ...engine, generation, phase: { type: "creating", since: now, why: phase.type === "queued" ? phase.why : "" } });
      effects.push({ type: "start", engine: name, generation });
    } else if (evict.has(name) && (phase.type === "ready" || phase.type === "suspect")) {
      const why = `${evict.get(name)} needs its memory`;
      const draining: Phase = { type: "draining", since: now, baseUrl: phase.baseUrl, until: now + settings.drainFor, why };
      engines.set(name, facts.use(name).active === 0 ? stopNow(engine, why, { type: "absent" }, now) : { ...engine, phase: draining });
    } else if (phase.type === "queued" && phase.short !== waiting.get(name))
      engines.set(name, { ...engine, phase: { ...phase, short: waiting.get(name) ?? "" } });
  }
  return { ...state, engines };
}

/** Those that are to stop are told so, and again; of those that are gone the memory is looked for. */
function asked(state: FleetState, { now }: Facts, effects: Effect[]): FleetState {
  const engines = new Map(state.engines);
  let measure = false;
  for (const [name, engine] of state.engines) {
    const { phase, generation } = engine;
    if (phase.type !== "stopping") continue;
    if (phase.gone !== undefined) measure = true;
    else if (phase.asked === undefined || now - phase.asked >= ASK_AGAIN) {
      const beside = phase.asked === undefined ? foreignOn(engine.spec, state) : phase.beside;
      engines.set(name, { ...engine, phase: { ...phase, asked: now, beside } });
      effects.push({ type: "stop", engine: name, generation, why: phase.why });
    }
  }
  if (measure) effects.push({ type: "measure" });
  return { ...state, engines };
}

function foreignOn({ gpus }: EngineSpec, state: FleetState): ReadonlyMap<string, number> {
  return new Map(gpus.map((id) => [id, state.gpus.get(id)?.foreign ?? 0]));
}
