import { type Happening, Happenings } from "../telemetry/happenings.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { EngineSpec } from "../vocabulary/engine.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { createCalendar, type RunningCalendar } from "./calendar.ts";
import type { Guest, Stay } from "./callers.ts";
import type { Order } from "./core/event.ts";
import type { FleetSettings } from "./core/facts.ts";
import { holdsMemory } from "./core/phase.ts";
import type { EngineState, FleetState } from "./core/state.ts";
import { Crew } from "./crew.ts";
import type { EngineDriver, GpuHandle, Launch } from "./drivers/driver.ts";
import { launchCommand } from "./engines/launch-command.ts";
import { followCalendar } from "./follow-calendar.ts";
import type { GpuSource } from "./gpus/gpu.ts";
import type { FleetMemory } from "./keeping/fleet-memory.ts";
import { createLessons } from "./lessons.ts";
import type { EngineHealth } from "./looking/engine-health.ts";
import { createLookout } from "./looking/lookout.ts";
import { measuredOf, usesOf } from "./measuring.ts";
import { engineFit } from "./memory/engine-fit.ts";
import type { Fit } from "./memory/fit.ts";
import type { ModelShape } from "./memory/shape/model-shape.ts";
import { type Readiness, readinessOf } from "./readiness.ts";
import { type EngineReport, type GpuReport, reportOf } from "./report.ts";
import type { HolderDoor } from "./role/holder-door.ts";
import type { Schedule } from "./schedule/schedule.ts";
import { Supervisor } from "./supervisor.ts";

/** How long things may take, as it is in force now. Milliseconds. */
export interface FleetPatience extends FleetSettings {
  /** The longest a request waits for an engine. */
  readonly maxWait: number;
  /** Requests that get nothing for so long have their engine looked at. */
  readonly silence: number;
  /** What engines have begun may go on for so long once their window has closed, and so long before that they begin nothing new. */
  readonly window: { readonly drainFor: number; readonly lead: number };
}

/** What a fleet is made of. */
export interface FleetParts {
  /** Those of the config, as it is now; the same array as long as that is the same. */
  readonly specs: () => readonly EngineSpec[];
  readonly schedule: () => Schedule;
  readonly settings: () => FleetPatience;
  readonly onExit: () => "stop" | "keep";
  readonly drivers: ReadonlyMap<string, EngineDriver>;
  readonly gpus: GpuSource;
  readonly health: EngineHealth;
  /** What is known of a model; `undefined`: nothing. */
  readonly shapeOf: (model: string) => Promise<ModelShape | undefined>;
  /** What every engine is told, beside its own: the token by which models are fetched. */
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: FleetMemory;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
}

/** Engines that come when they are called, and leave when they are done. */
export interface Fleet {
  /** Begins: GPUs are read, time passes. Engines are looked after once `takeUp` says so. */
  open(): Promise<void>;
  /** We look after the engines: what ran before us is looked at, and goes on. Resolves once every driver that can be reached was looked at. */
  takeUp(): Promise<void>;
  /** Another gateway looks after them, as is said in these words, and gives stays at them by this door; absent: it is not known which. */
  standBy(elsewhere: string, door?: HolderDoor): void;
  /** A stay at an engine: at once when it is up, else once it is. Rejects with a failure that says why it will not be. */
  enter(engine: string, guest: Guest, onCallOff: (end: (reason: Failure) => void) => void): Stay | Promise<Stay>;
  /** Does another gateway look after them, or nobody yet? */
  isElsewhere(): boolean;
  /** What a guest who waits is told. */
  outlook(engine: string, guest: Guest): string;
  readiness(engine: string): Readiness;
  opensFor(engine: string): number | undefined;
  /** How many requests at once it is given, where that is fewer than the config says. */
  limitOf(engine: string): number | undefined;
  /** A rule prefers it, and as it is not up another was asked: it comes up where that is in nobody's way. */
  missed(engine: string): void;
  /** The config has changed. */
  configure(): void;
  /** Throws `not-found`, and `invalid-request` where another gateway looks after them. */
  order(engine: string, order: Order, by: string): void;
  engines(): readonly EngineReport[];
  gpus(): readonly GpuReport[];
  /** Why there are no figures of GPUs. */
  gpuTrouble(): string | undefined;
  /** What cannot be reached, in a sentence each. */
  troubles(): readonly string[];
  /** Throws `not-found`. */
  logs(engine: string, lines: number): Promise<string>;
  readonly calendar: RunningCalendar;
  readonly happenings: Happenings;
  /** Lets engines go on or stops them, as the config says, and lets go of everything. */
  close(): Promise<void>;
}

/** How often GPUs are read while nothing happens, and how soon after the last time at the earliest. Milliseconds. */
const READ_GPUS = 5000;
const READ_AGAIN = 300;
/** So long a start waits for what ran before us to be looked at; past that it goes on without. Milliseconds. */
const OPENING = 5000;
/** So long engines may take to stop with us: longer than the most stubborn. What is left then is looked at by the next start. Milliseconds. */
const LEAVING = 30_000;

export function createFleet(parts: FleetParts): Fleet {
  const { specs, settings, drivers, gpus, health, memory, clock, timer, random } = parts;
  const { install } = memory.now;
  const happenings = new Happenings(() => clock.now());
  const calendar = createCalendar({ schedule: parts.schedule, lead: () => settings().window.lead, memory, clock, insistOnHere });
  const lessons = createLessons({ memory, clock, gpuMemory: (spec) => smallestOf(spec, gpus) });
  const fits = new Map<string, Fit>();
  const nameOf = (engine: string, generation: number) => `signalbox-${install}-${engine}-${generation}`;
  let reading: Promise<void> | undefined;
  let lastRead = Number.NEGATIVE_INFINITY;
  let stopReading = () => {};
  /** The way to the engines where another gateway looks after them. */
  let holder: HolderDoor | undefined;

  const supervisor = new Supervisor({
    clock,
    timer,
    random,
    settings,
    patience: () => settings().maxWait,
    perform: (effect) => crew.perform(effect),
    changed,
    opensFor: calendar.opensFor,
  });
  const crew: Crew = new Crew({
    drivers,
    state: () => supervisor.state,
    tell: (event) => supervisor.tell(event),
    nameOf,
    launch,
    judge: lessons.judge,
    measure: () => void measure(),
    timer,
  });
  const lookout = createLookout({ supervisor, crew, health, nameOf, clock, timer, silence: () => settings().silence });
  const follow = followCalendar({ calendar, supervisor, happenings, specs, drain: () => settings().window.drainFor, clock });

  function launch(spec: EngineSpec, generation: number): Launch {
    lessons.relax(spec);
    const name = nameOf(spec.name, generation);
    const command = launchCommand({ spec, name, caps: lessons.capsOf(spec), gpuMemory: smallestOf(spec, gpus) });
    return { name, install, generation, ...command, env: { ...parts.environment, ...spec.env }, gpus: handlesOf(spec, gpus) };
  }

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

  /** Where something is known of its model, an engine that can never fit is not started. */
  async function reckon(): Promise<void> {
    for (const spec of specs()) {
      const shape = spec.kind === "vllm" && spec.vram > 0 ? await parts.shapeOf(spec.model) : undefined;
      const fit = shape && engineFit(spec, shape, lessons.capsOf(spec));
      if (fit === undefined) fits.delete(spec.name);
      else fits.set(spec.name, fit);
      supervisor.tell({ type: "reckoned", engine: spec.name, misfit: fit?.hopeless === true ? fit.says : undefined });
    }
  }

  function changed(before: FleetState, after: FleetState): void {
    let started = false;
    for (const [name, engine] of after.engines) {
      const earlier = before.engines.get(name);
      if (earlier?.phase === engine.phase) continue;
      started ||= earlier !== undefined && earlier.generation !== engine.generation;
      if (earlier !== undefined && earlier.phase.type !== engine.phase.type) happenings.tell(phaseChange(earlier, engine));
    }
    lookout.look(after);
    for (const [name, { lost }] of after.drivers) {
      const earlier = before.drivers.get(name)?.lost;
      if (lost !== undefined && earlier === undefined) happenings.tell({ type: "driver", why: `${name} cannot be reached: ${lost}`, alert: true });
      if (lost === undefined && earlier !== undefined) happenings.tell({ type: "driver", why: `${name} can be reached again` });
    }
    // Before it runs: the next gateway is to give it another name, whatever becomes of this one.
    if (started)
      memory.keep({ generations: new Map([...memory.now.generations, ...[...after.engines].map(([name, { generation }]) => [name, generation] as const)]) });
  }

  /** Resolves when it is done, or has had its time. */
  function inTime(work: Promise<void>, milliseconds: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = timer(milliseconds, resolve);
      work.then(resolve, reject).finally(cancel);
    });
  }

  function engineOf(name: string): EngineState {
    const engine = supervisor.state.engines.get(name);
    if (engine === undefined) throw new Failure("not-found", `There is no engine ${JSON.stringify(name)}. GET /admin/engines lists them.`);
    return engine;
  }

  function insistOnHere(): void {
    const { elsewhere } = supervisor.state;
    if (elsewhere !== undefined) throw invalidRequest("", `The engines are looked after by ${elsewhere}: say it there.`);
  }

  function configure(): void {
    supervisor.tell({ type: "configured", specs: specs(), generations: memory.now.generations });
    follow();
    void reckon();
  }

  return {
    async open() {
      // Before anything is wanted: an engine whose GPU nobody has seen yet could never run.
      await measure();
      configure();
      const next = () => {
        stopReading = timer(READ_GPUS, () => void measure().then(next));
      };
      next();
      supervisor.start(follow);
    },
    async takeUp() {
      holder = undefined;
      await memory.refresh();
      supervisor.tell({ type: "role", generations: memory.now.generations });
      configure();
      await inTime(crew.open(), OPENING);
    },
    standBy(elsewhere, door) {
      holder = door;
      crew.letGo();
      supervisor.tell({ type: "role", elsewhere, generations: new Map() });
      happenings.tell({ type: "driver", why: `engines are looked after by ${elsewhere}` });
    },
    enter: (engine, guest, onCallOff) => (holder ?? supervisor).enter(engine, guest, onCallOff),
    isElsewhere: () => supervisor.state.elsewhere !== undefined,
    outlook: (engine, guest) => (holder ?? supervisor).outlook(engine, guest),
    readiness(name) {
      const engine = supervisor.state.engines.get(name);
      if (engine === undefined) return { type: "out", why: "it is not in the config any more" };
      const readiness = readinessOf(engine, supervisor.state);
      // How it stands is known where it is looked after: whoever asks there waits if need be.
      if (holder !== undefined && readiness.type === "out") return { type: "ready" };
      return readiness.type === "closed" ? { ...readiness, soon: supervisor.opensSoon(name) } : readiness;
    },
    opensFor: calendar.opensFor,
    limitOf(name) {
      const engine = supervisor.state.engines.get(name);
      return engine && lessons.capsOf(engine.spec)?.maxConcurrent;
    },
    missed: (engine) => supervisor.tell({ type: "missed", engine }),
    configure,
    order(name, order, by) {
      const { phase, generation } = engineOf(name);
      insistOnHere();
      happenings.tell({ type: "order", engine: name, generation, from: phase.type, why: `${by} orders: ${order}` });
      supervisor.tell({ type: "operator", engine: name, order });
    },
    engines() {
      const { state } = supervisor;
      return [...state.engines.values()].map((engine) => ({
        ...reportOf(engine, state, supervisor.callersOf(engine.spec.name), clock),
        fit: fits.get(engine.spec.name),
        caps: lessons.capsOf(engine.spec),
      }));
    },
    gpus() {
      const { state } = supervisor;
      const readings = gpus.current();
      const uses = usesOf(readings, state, crew.processes);
      return readings.map((read) => ({ reading: read, use: uses.find(({ id }) => id === read.id), granted: grantedOn(read.id, state) }));
    },
    gpuTrouble: () => gpus.trouble(),
    troubles: () => [...supervisor.state.drivers].flatMap(([name, { lost }]) => (lost === undefined ? [] : [`${name} cannot be reached: ${lost}`])),
    logs: async (name, lines) => crew.logs(engineOf(name), lines),
    calendar,
    happenings,
    async close() {
      supervisor.tell({ type: "closing", keep: parts.onExit() === "keep" });
      await crew.idle(LEAVING);
      supervisor.stop();
      stopReading();
      lookout.stop();
      await crew.close();
      gpus.close();
    },
  };
}

function handlesOf({ gpus: wanted }: EngineSpec, gpus: GpuSource): GpuHandle[] {
  const readings = gpus.current();
  return wanted.map((id) => ({ id, uuid: readings.find((reading) => reading.id === id)?.uuid }));
}

/** Bytes of the smallest of its GPUs, all of it. */
function smallestOf({ gpus: wanted }: EngineSpec, gpus: GpuSource): number | undefined {
  const totals = gpus.current().flatMap(({ id, total }) => (wanted.includes(id) ? total : []));
  return totals.length === 0 ? undefined : Math.min(...totals);
}

function grantedOn(gpu: string, { engines }: FleetState): ReadonlyMap<string, number> {
  const there = [...engines.values()].filter(({ spec, phase }) => holdsMemory(phase) && spec.gpus.includes(gpu));
  return new Map(there.map(({ spec }) => [spec.name, spec.vram]));
}

function phaseChange(before: EngineState, { spec, phase, generation }: EngineState): Omit<Happening, "id" | "at"> {
  const failed = phase.type === "failed" || (phase.type === "stopping" && phase.after.type !== "absent");
  const why = "why" in phase ? phase.why : "why" in before.phase ? before.phase.why : "";
  return { type: "engine", engine: spec.name, generation, from: before.phase.type, to: phase.type, why, ...(failed ? { alert: true as const } : {}) };
}
