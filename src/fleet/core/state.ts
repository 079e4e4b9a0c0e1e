import type { EngineSpec } from "../../vocabulary/engine.ts";
import { ABSENT, type Phase } from "./phase.ts";

/** All there is to know of the fleet. Never changed in place: `decide` makes the next one. */
export interface FleetState {
  readonly engines: ReadonlyMap<string, EngineState>;
  /** By id. */
  readonly gpus: ReadonlyMap<string, GpuState>;
  readonly desired: Desired;
  /** By what their engines call them: `EngineSpec.runner`. */
  readonly drivers: ReadonlyMap<string, DriverState>;
  /** Which other gateway looks after the engines, in words: then nothing is done here. */
  readonly elsewhere?: string;
  /** We are leaving: nothing is started any more. */
  readonly closing: boolean;
}

export interface EngineState {
  readonly spec: EngineSpec;
  readonly phase: Phase;
  /** Of its last start; 0: there was none. */
  readonly generation: number;
  /** An operator wants it to stay. */
  readonly pinned: boolean;
  /** It is to come up though nobody waits for it: an operator wants it, or it was in use when it crashed. Over once it is ready. */
  readonly called: boolean;
  /** An operator has stopped it: the schedule alone does not bring it back, until the next window opens. */
  readonly held: boolean;
  /** What it is to be once it has stopped: another description, or nothing. */
  readonly next?: EngineSpec | "gone";
  /** Starts and runs in a row that went wrong. */
  readonly failures: number;
  /** Why it can never fit, by what is known of its model. */
  readonly misfit?: string;
  readonly lastError?: string;
}

export interface DriverState {
  /** Has what ran before us been looked at? Before that nothing is started. */
  readonly settled: boolean;
  /** Why it cannot be reached. */
  readonly lost?: string;
}

/** A GPU as the fleet reckons with it. Bytes. */
export interface GpuState {
  readonly capacity: number;
  /** Held by what is not ours, as last measured. */
  readonly foreign: number;
  /** When; on the clock of the facts. */
  readonly measured: number;
}

/** What the schedule and operators want. */
export interface Desired {
  /** The window in force; absent: there is no schedule. */
  readonly window?: string;
  /** When it opened, in milliseconds since 1970: another time is another opening, of the same window too. Absent: nobody knows. */
  readonly opened?: number;
  /** Who may run; absent: all. */
  readonly mayRun?: ReadonlySet<string>;
  /** Those of them whose end is near: they are given nothing new. */
  readonly closing?: ReadonlySet<string>;
  /** Who is to run without being asked. */
  readonly toRun: ReadonlySet<string>;
  /** How long the others may take to finish what they have begun, from when the window opened. Milliseconds on the state's clock. */
  readonly drainUntil?: number;
}

export const EMPTY_FLEET: FleetState = {
  engines: new Map(),
  gpus: new Map(),
  desired: { toRun: new Set() },
  drivers: new Map(),
  closing: false,
};

export function newEngine(spec: EngineSpec, generation: number): EngineState {
  return { spec, phase: ABSENT, generation, pinned: false, called: false, held: false, failures: 0 };
}

/** May it run now, as the schedule has it? */
export function mayRun({ desired }: FleetState, engine: string): boolean {
  return desired.mayRun === undefined || desired.mayRun.has(engine);
}

/** Is it given new work, as the schedule and operators have it? */
export function isOpen(state: FleetState, { spec, pinned }: Pick<EngineState, "spec" | "pinned">): boolean {
  return pinned || (mayRun(state, spec.name) && state.desired.closing?.has(spec.name) !== true);
}

/** May its driver be told to start it? */
export function isDriverWell({ drivers }: FleetState, { spec }: EngineState): boolean {
  const driver = drivers.get(spec.runner);
  return driver?.settled === true && driver.lost === undefined;
}

/** The state with this engine changed. */
export function withEngine(state: FleetState, engine: EngineState): FleetState {
  return { ...state, engines: new Map(state.engines).set(engine.spec.name, engine) };
}
