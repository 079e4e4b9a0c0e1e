import type { Clock } from "../vocabulary/clock.ts";
import type { DriverName, EngineSpec } from "../vocabulary/engine.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Timer } from "../vocabulary/timer.ts";
import type { Guest, Stay } from "./callers.ts";
import type { Order, Verdict } from "./core/event.ts";
import type { FleetSettings } from "./core/facts.ts";
import { holdsMemory } from "./core/phase.ts";
import type { EngineState, FleetState } from "./core/state.ts";
import { Crew } from "./crew.ts";
import type { EngineDriver, Exit, GpuHandle, Launch } from "./drivers/driver.ts";
import type { GpuSource } from "./gpus/gpu.ts";
import { type Happening, Happenings } from "./happenings.ts";
import type { Kept } from "./keeping/fleet-file.ts";
import type { EngineHealth } from "./looking/engine-health.ts";
import { watchEngine } from "./looking/watcher.ts";
import { measuredOf, usesOf } from "./measuring.ts";
import { type Readiness, readinessOf } from "./readiness.ts";
import { type EngineReport, type GpuReport, reportOf } from "./report.ts";
import { Supervisor } from "./supervisor.ts";

/** How long things may take, as it is in force now. Milliseconds. */
export interface FleetPatience extends FleetSettings {
  /** The longest a request waits for an engine. */
  readonly maxWait: number;
  /** Requests that get nothing for so long have their engine looked at. */
  readonly silence: number;
}

/** What a fleet is made of. */
export interface FleetParts {
  /** Those of the config, as it is now. */
  readonly specs: () => readonly EngineSpec[];
  readonly settings: () => FleetPatience;
  readonly onExit: () => "stop" | "keep";
  readonly drivers: ReadonlyMap<DriverName, EngineDriver>;
  readonly gpus: GpuSource;
  readonly health: EngineHealth;
  readonly launch: (start: Start) => Launch;
  readonly judge: (engine: EngineState, logs: string, exit: Exit) => Verdict;
  readonly calendar: Calendar;
  readonly memory: { readonly kept: Kept; keep(generations: ReadonlyMap<string, number>): void };
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
}

/** One start of an engine that is to be made. */
export interface Start {
  readonly spec: EngineSpec;
  readonly install: string;
  readonly generation: number;
  readonly name: string;
  readonly gpus: readonly GpuHandle[];
}

/** Which engines may run when. */
export interface Calendar {
  /** Now, and until when that holds. Absent sets: there is no schedule. Times are milliseconds since 1970. */
  now(): { readonly window?: string; readonly mayRun?: ReadonlySet<string>; readonly toRun: ReadonlySet<string>; readonly drainUntil?: number };
  /** When the engine may run next; absent: never, as far as is known. */
  opensFor(engine: string): number | undefined;
}

/** Engines that come when they are called, and leave when they are done. */
export interface Fleet {
  /** Looks at what ran before us, and begins. Resolves once every driver that can be reached was looked at. */
  open(): Promise<void>;
  /** A stay at an engine: at once when it is up, else once it is. Rejects with a failure that says why it will not be. */
  enter(engine: string, guest: Guest, onCallOff: (end: (reason: Failure) => void) => void): Stay | Promise<Stay>;
  /** What a guest who waits is told. */
  outlook(engine: string, guest: Guest): string;
  readiness(engine: string): Readiness;
  opensFor(engine: string): number | undefined;
  /** A rule prefers it, and as it is not up another was asked: it comes up where that is in nobody's way. */
  missed(engine: string): void;
  /** The config has changed. */
  configure(): void;
  /** Throws `not-found`. */
  order(engine: string, order: Order, why: string): void;
  engines(): readonly EngineReport[];
  gpus(): readonly GpuReport[];
  /** Why there are no figures of GPUs. */
  gpuTrouble(): string | undefined;
  /** What cannot be reached, in a sentence each. */
  troubles(): readonly string[];
  /** Throws `not-found`. */
  logs(engine: string, lines: number): Promise<string>;
  readonly happenings: Happenings;
  /** Lets engines go on or stops them, as the config says, and lets go of everything. */
  close(): Promise<void>;
}

/** How often GPUs are read while nothing happens, and how soon after the last time at the earliest. Milliseconds. */
const READ_GPUS = 5000;
const READ_AGAIN = 300;

export function createFleet(parts: FleetParts): Fleet {
  const { specs, settings, drivers, gpus, health, calendar, memory, clock, timer, random } = parts;
  const { install } = memory.kept;
  const happenings = new Happenings(() => clock.now());
  const nameOf = (engine: string, generation: number) => `signalbox-${install}-${engine}-${generation}`;
  const watches = new Map<string, { readonly key: string; stop(): void }>();
  let reading: Promise<void> | undefined;
  let lastRead = Number.NEGATIVE_INFINITY;
  let stopReading = () => {};

  const supervisor = new Supervisor({
    clock,
    timer,
    random,
    settings,
    patience: () => settings().maxWait,
    perform: (effect) => crew.perform(effect),
    changed,
    opensFor: (engine) => calendar.opensFor(engine),
  });
  const crew: Crew = new Crew({
    drivers,
    state: () => supervisor.state,
    tell: (event) => supervisor.tell(event),
    nameOf,
    launch: (spec, generation) => parts.launch({ spec, install, generation, name: nameOf(spec.name, generation), gpus: handlesOf(spec, gpus) }),
    judge: parts.judge,
    measure: () => void measure(),
    timer,
  });

  /** One at a time, and not again at once: what is due is asked for at every tick. */
  function measure(): Promise<void> {
    if (reading !== undefined || clock.elapsed() - lastRead < READ_AGAIN) return reading ?? Promise.resolve();
    const at = clock.elapsed();
    reading = gpus.read().then((readings) => {
      reading = undefined;
      lastRead = clock.elapsed();
      supervisor.tell({ type: "measured", at, gpus: measuredOf(readings, usesOf(readings, supervisor.state, crew.processes)) });
    });
    return reading;
  }

  function changed(before: FleetState, after: FleetState): void {
    let started = false;
    for (const [name, engine] of after.engines) {
      const earlier = before.engines.get(name);
      if (earlier?.phase === engine.phase) continue;
      started ||= earlier?.generation !== engine.generation;
      if (earlier !== undefined && earlier.phase.type !== engine.phase.type) happenings.tell(happeningOf(earlier, engine));
      look(engine);
    }
    for (const name of watches.keys()) if (!after.engines.has(name)) stopLooking(name);
    for (const [name, { lost }] of after.drivers) {
      const earlier = before.drivers.get(name)?.lost;
      if (lost !== undefined && earlier === undefined) happenings.tell({ type: "driver", why: `${name} cannot be reached: ${lost}`, alert: true });
      if (lost === undefined && earlier !== undefined) happenings.tell({ type: "driver", why: `${name} can be reached again` });
    }
    if (started) memory.keep(new Map([...after.engines].map(([name, { generation }]) => [name, generation])));
  }

  /** Every phase has its own way of being looked at. */
  function look({ spec, phase, generation }: EngineState): void {
    const key = `${generation} ${phase.type}`;
    if (watches.get(spec.name)?.key === key) return;
    stopLooking(spec.name);
    if (!("baseUrl" in phase)) return;
    const known = () => supervisor.state.engines.get(spec.name);
    const stop = watchEngine(phase.type, {
      place: { spec, name: nameOf(spec.name, generation), baseUrl: phase.baseUrl },
      generation,
      health,
      clock,
      timer,
      silence: settings().silence,
      logs: () => {
        const engine = known();
        return engine === undefined ? Promise.resolve("") : crew.logs(engine);
      },
      lastSign: () => supervisor.callersOf(spec.name).lastSign,
      tell: (event) => supervisor.tell(event),
    });
    watches.set(spec.name, { key, stop });
  }

  function stopLooking(name: string): void {
    watches.get(name)?.stop();
    watches.delete(name);
  }

  /** What the schedule wants by now, where that is something else than before. */
  function followCalendar(): void {
    const wanted = calendar.now();
    const { desired } = supervisor.state;
    const preloaded = specs().flatMap(({ name, preload }) => (preload && (wanted.mayRun?.has(name) ?? true) ? name : []));
    const toRun = new Set([...wanted.toRun, ...preloaded]);
    if (wanted.window === desired.window && isSame(wanted.mayRun, desired.mayRun) && isSame(toRun, desired.toRun)) return;
    if (wanted.window !== desired.window) happenings.tell({ type: "window", why: `the window ${wanted.window ?? "without a name"} opens` });
    const drainUntil = wanted.drainUntil === undefined ? undefined : clock.elapsed() + wanted.drainUntil - clock.now();
    supervisor.tell({ type: "desired", desired: { window: wanted.window, mayRun: wanted.mayRun, toRun, drainUntil } });
  }

  function engineOf(name: string): EngineState {
    const engine = supervisor.state.engines.get(name);
    if (engine === undefined) throw new Failure("not-found", `There is no engine ${JSON.stringify(name)}. GET /admin/engines lists them.`);
    return engine;
  }

  const configure = () => supervisor.tell({ type: "configured", specs: specs(), generations: memory.kept.generations });

  return {
    async open() {
      configure();
      followCalendar();
      await measure();
      const next = () => {
        stopReading = timer(READ_GPUS, () => void measure().then(next));
      };
      next();
      await crew.open();
      supervisor.start(followCalendar);
    },
    enter: (engine, guest, onCallOff) => supervisor.enter(engine, guest, onCallOff),
    outlook: (engine, guest) => supervisor.outlook(engine, guest),
    readiness(name) {
      const engine = supervisor.state.engines.get(name);
      return engine === undefined ? { type: "out", why: "it is not in the config any more" } : readinessOf(engine, supervisor.state);
    },
    opensFor: (engine) => calendar.opensFor(engine),
    missed: (engine) => supervisor.tell({ type: "missed", engine }),
    configure,
    order(name, order, why) {
      const { phase, generation } = engineOf(name);
      happenings.tell({ type: "order", engine: name, generation, from: phase.type, why });
      supervisor.tell({ type: "operator", engine: name, order });
    },
    engines: () =>
      [...supervisor.state.engines.values()].map((engine) => reportOf(engine, supervisor.state, supervisor.callersOf(engine.spec.name).use, clock)),
    gpus() {
      const { state } = supervisor;
      const readings = gpus.current();
      const uses = usesOf(readings, state, crew.processes);
      return readings.map((reading) => ({ reading, use: uses.find(({ id }) => id === reading.id), granted: grantedOn(reading.id, state) }));
    },
    gpuTrouble: () => gpus.trouble(),
    troubles: () => [...supervisor.state.drivers].flatMap(([name, { lost }]) => (lost === undefined ? [] : [`${name} cannot be reached: ${lost}`])),
    logs: async (name, lines) => crew.logs(engineOf(name), lines),
    happenings,
    async close() {
      supervisor.tell({ type: "closing", keep: parts.onExit() === "keep" });
      await crew.idle();
      supervisor.stop();
      stopReading();
      for (const name of [...watches.keys()]) stopLooking(name);
      await crew.close();
      gpus.close();
    },
  };
}

function handlesOf({ gpus: wanted }: EngineSpec, gpus: GpuSource): GpuHandle[] {
  const readings = gpus.current();
  return wanted.map((id) => ({ id, uuid: readings.find((reading) => reading.id === id)?.uuid }));
}

function grantedOn(gpu: string, { engines }: FleetState): ReadonlyMap<string, number> {
  const there = [...engines.values()].filter(({ spec, phase }) => holdsMemory(phase) && spec.gpus.includes(gpu));
  return new Map(there.map(({ spec }) => [spec.name, spec.vram]));
}

function happeningOf(before: EngineState, { spec, phase, generation }: EngineState): Omit<Happening, "id" | "at"> {
  const failed = phase.type === "failed" || (phase.type === "stopping" && phase.after.type !== "absent");
  const why = "why" in phase ? phase.why : "why" in before.phase ? before.phase.why : "";
  return { type: "engine", engine: spec.name, generation, from: before.phase.type, to: phase.type, why, ...(failed ? { alert: true as const } : {}) };
}

function isSame(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every((each) => other.has(each));
}
