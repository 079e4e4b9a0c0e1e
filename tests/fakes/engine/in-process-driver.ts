import {
  type DriverEvent,
  DriverFailure,
  type DriverReason,
  type EngineDriver,
  type Exit,
  type FoundEngine,
  type Launch,
} from "../../../src/fleet/drivers/driver.ts";
import { fillPlaceholders } from "../../../src/fleet/drivers/placeholders.ts";
import { ENGINE_PORTS, takePort } from "../../../src/fleet/drivers/process/ports.ts";
import { type FakeEngine, startFakeEngine } from "./engine.ts";
import { readCommandLine } from "./options.ts";

type Method = "create" | "start" | "stop" | "remove" | "list" | "logs";

/** The only program there is here. */
export const PROGRAM = "fake-engine";

/** What a call of a driver meets before it is done: it may wait, and it may reject. */
export type Hindrance = () => Promise<void>;

/** Where fake engines run: in this process, on real sockets, under the caller's control. */
export interface InProcessWorld {
  /** A driver of that installation; all of a world see the same engines. */
  driver(install: string): EngineDriver;
  /** Every call so far, as `create signalbox-test-a-1`, oldest first; those that look are not among them. */
  readonly calls: readonly string[];
  /** The next call of this method meets this; of several, each call takes one. */
  hinder(method: Method, hindrance: Hindrance): void;
  /** All that run, whoever made them. */
  running(): readonly FoundEngine[];
  /** A running engine. Throws when there is none of that name. */
  engine(name: string): FakeEngine;
  /** It ends now, so. */
  exit(name: string, exit: Exit): void;
  /** What runs engines cannot be reached until `back`; engines go on. */
  lose(why: string): void;
  back(): void;
  /** Ends all engines. */
  close(): void;
}

/** Rejects as a driver does. */
export function failing(reason: DriverReason, message = `The driver failed: ${reason}.`): Hindrance {
  return async () => {
    throw new DriverFailure(reason, message);
  };
}

/** Holds a call until it is released. */
export function holding(): { readonly hindrance: Hindrance; release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { hindrance: () => promise, release: resolve };
}

/** One start, as the world has it. */
interface Start {
  readonly launch: Launch;
  readonly lines: string[];
  /** Its engine, as soon as somebody starts it: whoever else does waits for the same. */
  starting?: Promise<Running>;
  running?: Running;
  exit?: Exit;
}

interface Running {
  readonly engine: FakeEngine;
  readonly baseUrl: string;
  readonly ended: Promise<void>;
}

interface World {
  readonly starts: Map<string, Start>;
  readonly calls: string[];
  readonly hindrances: { readonly method: Method; readonly hindrance: Hindrance }[];
  readonly watchers: Set<{ readonly install: string; tell(event: DriverEvent): void }>;
  lost: string | undefined;
}

export function openInProcessWorld(): InProcessWorld {
  const world: World = { starts: new Map(), calls: [], hindrances: [], watchers: new Set(), lost: undefined };
  const running = (name: string) => {
    const running = world.starts.get(name)?.running;
    if (running === undefined) throw new Error(`No engine called ${name} runs.`);
    return running;
  };
  return {
    driver: (install) => driverIn(world, install),
    calls: world.calls,
    hinder: (method, hindrance) => world.hindrances.push({ method, hindrance }),
    running: () => [...world.starts.values()].map(found).filter(({ status }) => status === "running"),
    engine: (name) => running(name).engine,
    exit: (name, exit) => {
      const { engine } = running(name);
      const start = world.starts.get(name);
      if (start !== undefined) start.exit = exit;
      engine.kill();
    },
    lose: (why) => {
      world.lost = why;
      for (const { tell } of world.watchers) tell({ type: "lost", why });
    },
    back: () => {
      world.lost = undefined;
      for (const { tell } of world.watchers) tell({ type: "back" });
    },
    close: () => {
      world.watchers.clear();
      for (const { running } of world.starts.values()) running?.engine.kill();
    },
  };
}

function driverIn(world: World, install: string): EngineDriver {
  const own = (name: string) => {
    const start = world.starts.get(name);
    return start?.launch.install === install ? start : undefined;
  };
  const present = (name: string) => {
    const start = own(name);
    if (start === undefined) throw new DriverFailure("failed", `There is no engine's start called ${name}. Create it first.`);
    return start;
  };
  const watching = new Set<() => void>();
  /** Noted, and hindered as somebody wanted it. */
  const meet = async (method: Method, name = "") => {
    if (method !== "list" && method !== "logs") world.calls.push(`${method} ${name}`);
    const index = world.hindrances.findIndex((each) => each.method === method);
    if (index >= 0) await world.hindrances.splice(index, 1)[0]?.hindrance();
    if (world.lost !== undefined) throw new DriverFailure("driver-gone", world.lost);
  };
  return {
    name: "process",
    async create(launch) {
      await meet("create", launch.name);
      const program = launch.spec.command?.[0] ?? PROGRAM;
      if (program !== PROGRAM) throw new DriverFailure("refused", `fleet.engines.${launch.spec.name}.command: ${program} is not there.`);
      const there = world.starts.get(launch.name);
      if (there !== undefined && there.launch.install !== install) throw new DriverFailure("name-taken", `${launch.name} is there already.`);
      if (there === undefined) world.starts.set(launch.name, { launch, lines: [] });
    },
    async start(name) {
      await meet("start", name);
      const start = present(name);
      start.starting ??= run(start, world).catch((error) => {
        start.starting = undefined;
        throw error;
      });
      const { baseUrl } = await start.starting;
      return { baseUrl };
    },
    async stop(name, grace) {
      await meet("stop", name);
      const running = own(name)?.running;
      if (running === undefined) return;
      running.engine.terminate();
      const timer = setTimeout(running.engine.kill, grace);
      await running.ended;
      clearTimeout(timer);
    },
    async remove(name) {
      await meet("remove", name);
      if (own(name)?.running !== undefined) throw new DriverFailure("failed", `${name} runs. Stop it before it is removed.`);
      if (own(name) !== undefined) world.starts.delete(name);
    },
    async list() {
      await meet("list");
      return [...world.starts.values()].filter(({ launch }) => launch.install === install).map(found);
    },
    async logs(name, lines) {
      await meet("logs", name);
      return present(name).lines.slice(-lines).join("\n");
    },
    watch(tell) {
      const watcher = { install, tell };
      const stop = () => void world.watchers.delete(watcher);
      world.watchers.add(watcher);
      watching.add(stop);
      return stop;
    },
    async close() {
      for (const stop of watching) stop();
    },
  };
}

function found({ launch, running, exit }: Start): FoundEngine {
  const { name, generation, spec, gpus } = launch;
  const labels = { name, engine: spec.name, generation, hash: spec.hash, gpus: gpus.map(({ id }) => id) };
  if (running !== undefined) return { ...labels, status: "running", baseUrl: running.baseUrl };
  return exit === undefined ? { ...labels, status: "created" } : { ...labels, status: "exited", exit };
}

async function run(start: Start, world: World): Promise<Running> {
  const { launch, lines } = start;
  const port = await takePort(ENGINE_PORTS, new Set());
  const words = fillPlaceholders(launch.args, { host: "127.0.0.1", port, model: launch.spec.model, name: launch.name });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  start.exit = undefined;
  const engine = startFakeEngine(readCommandLine(words, launch.env), {
    log: (line) => lines.push(line),
    ended: (code) => {
      start.running = undefined;
      start.starting = undefined;
      start.exit ??= { code, outOfMemory: false };
      const event: DriverEvent = { type: "exited", name: launch.name, exit: start.exit };
      for (const { install, tell } of world.watchers) if (install === launch.install) tell(event);
      resolve();
    },
  });
  start.running = { engine, baseUrl: `http://127.0.0.1:${port}/v1`, ended };
  return start.running;
}
