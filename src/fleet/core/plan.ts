import { sized } from "../sizes.ts";
import type { Facts } from "./facts.ts";
import { holdsMemory } from "./phase.ts";
import { Room } from "./room.ts";
import { type EngineState, type FleetState, isDriverWell, mayRun } from "./state.ts";

/** Who starts, who makes room for others, and why the rest wait. */
export interface Plan {
  readonly start: readonly string[];
  /** Who is to stop, and for whom. */
  readonly evict: ReadonlyMap<string, string>;
  /** In words, by engine. */
  readonly waiting: ReadonlyMap<string, string>;
}

/** An engine that has answered nobody for so long is not in use, however short its life was. Milliseconds. */
const QUIET = 10_000;

/**
 * Deals out the memory of the GPUs among the engines that wait for it: who has waited longest first, those that somebody waits for before
 * those that nobody does. Who cannot be served yet keeps what is free on its GPUs from those after it: an engine over two GPUs is not starved
 * by a stream of small ones. Not so who waits for memory that is not ours: nobody knows when that comes.
 */
export function plan(state: FleetState, facts: Facts): Plan {
  const room = Room.of(state);
  const emptied = emptiedOfOurs(room, state);
  const start: string[] = [];
  const evict = new Map<string, string>();
  const waiting = new Map<string, string>();
  for (const engine of inOrder(state, facts)) {
    const { name } = engine.spec;
    const beside = room.startingBeside(engine.spec);
    if (room.fits(engine.spec) && beside === undefined) {
      room.take(engine.spec);
      room.start(engine.spec);
      start.push(name);
      continue;
    }
    if (room.fits(engine.spec)) waiting.set(name, `${beside} is starting on one of its GPUs`);
    else {
      const soon = afterLeaving(room, state, evict);
      const victims = soon.fits(engine.spec) ? [] : victimsFor(engine, soon, state, facts, evict);
      for (const victim of victims) evict.set(victim.spec.name, name);
      waiting.set(name, why(engine, room, { leaving: soon.fits(engine.spec) || victims.length > 0 }));
    }
    if (emptied.fits(engine.spec)) room.take(engine.spec);
  }
  return { start, evict, waiting };
}

function inOrder(state: FleetState, facts: Facts): EngineState[] {
  const queued = [...state.engines.values()].filter((engine) => engine.phase.type === "queued" && isDriverWell(state, engine));
  const rank = ({ spec, called }: EngineState) => {
    const { waiting, urgent } = facts.use(spec.name);
    return (waiting > 0 && urgent) || called ? 0 : waiting > 0 ? 1 : 2;
  };
  const since = ({ spec, phase }: EngineState) => {
    const { waiting, since } = facts.use(spec.name);
    return waiting > 0 ? since : phase.type === "queued" ? phase.since : 0;
  };
  return queued.sort((one, other) => rank(one) - rank(other) || since(one) - since(other));
}

/** The room there would be if none of ours held any. */
function emptiedOfOurs(room: Room, { engines }: FleetState): Room {
  const emptied = room.copy();
  for (const { spec, phase } of engines.values()) if (holdsMemory(phase)) emptied.give(spec);
  return emptied;
}

/** The room there is once those that are leaving have left. */
function afterLeaving(room: Room, { engines }: FleetState, evict: ReadonlyMap<string, string>): Room {
  const after = room.copy();
  for (const { spec, phase } of engines.values()) if (phase.type === "draining" || phase.type === "stopping" || evict.has(spec.name)) after.give(spec);
  return after;
}

/** The fewest of those in its way that may be sent off for it, those unused for longest first; none when that would not do. */
function victimsFor(engine: EngineState, room: Room, state: FleetState, facts: Facts, evict: ReadonlyMap<string, string>): EngineState[] {
  const may = [...state.engines.values()]
    .filter((other) => !evict.has(other.spec.name) && isInItsWay(other, engine) && mayEvict(other, engine, state, facts))
    .sort((one, other) => facts.use(one.spec.name).active - facts.use(other.spec.name).active || lastUse(one, facts) - lastUse(other, facts));
  const after = room.copy();
  const chosen: EngineState[] = [];
  for (const other of may) {
    if (after.fits(engine.spec)) break;
    after.give(other.spec);
    chosen.push(other);
  }
  if (!after.fits(engine.spec)) return [];
  return chosen.filter((other) => {
    after.take(other.spec);
    const needless = after.fits(engine.spec);
    if (!needless) after.give(other.spec);
    return !needless;
  });
}

function isInItsWay({ spec }: EngineState, engine: EngineState): boolean {
  return spec.vram > 0 && spec.gpus.some((gpu) => engine.spec.gpus.includes(gpu));
}

/** Only for somebody who waits, or an operator's order; a busy one only once that has taken long, and never for a batch. */
function mayEvict(victim: EngineState, engine: EngineState, state: FleetState, { use, now, settings }: Facts): boolean {
  const { phase, pinned, spec } = victim;
  if (pinned || (phase.type !== "ready" && phase.type !== "suspect")) return false;
  const demand = use(engine.spec.name);
  if (demand.waiting === 0 && !engine.called) return false;
  const { active, lastUsed } = use(spec.name);
  const quiet = active === 0 && now - Math.max(lastUsed, phase.since) >= QUIET;
  if (!mayRun(state, spec.name) || quiet) return true;
  if (now - phase.since < settings.minReady) return false;
  if (active === 0) return true;
  const since = engine.called && demand.waiting === 0 && engine.phase.type === "queued" ? engine.phase.since : demand.since;
  return (demand.urgent || engine.called) && now - since >= settings.maxSwapWait;
}

function lastUse({ spec, phase }: EngineState, { use }: Facts): number {
  return Math.max(use(spec.name).lastUsed, phase.type === "ready" || phase.type === "suspect" ? phase.since : 0);
}

function why({ spec }: EngineState, room: Room, { leaving }: { readonly leaving: boolean }): string {
  if (leaving) return "others are making room for it";
  const short = spec.gpus.filter((gpu) => room.free(gpu) < spec.vram);
  const free = short.map((gpu) => `${sized(Math.max(0, room.free(gpu)))} of GPU ${gpu}`).join(" and ");
  return `it needs ${sized(spec.vram)} on each GPU, and only ${free} is free`;
}
