import { type DriverEvent, DriverFailure, type EngineDriver, type Exit, type FoundEngine, type Launch } from "../../../../src/fleet/drivers/driver.ts";
import type { SimulatedGpus } from "../../../../src/fleet/gpus/simulated.ts";
import type { EngineHealth } from "../../../../src/fleet/looking/engine-health.ts";
import type { Clock } from "../../../../src/vocabulary/clock.ts";
import type { Timer } from "../../../../src/vocabulary/timer.ts";

/** How engines behave. Milliseconds. */
export interface Habits {
  /** By engine, from its start until it answers. */
  readonly load: (engine: string) => number;
  readonly stop: number;
  /** Its memory is given back so long after it is gone. */
  readonly release: number;
}

/** What happens to every start of an engine from now on. */
export type Fault = "out-of-memory" | "image-missing";

const HABITS: Habits = { load: (engine) => (engine.includes("72b") ? 90_000 : 40_000), stop: 2000, release: 1500 };
/** vLLM says something so often while it loads. */
const LINE_EVERY = 5000;
const OUT_OF_MEMORY =
  "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.99 GiB of which 512.00 MiB is free.";

/** One start, from its creation until it is removed. */
interface Start {
  readonly launch: Launch;
  readonly pid: number;
  readonly lines: string[];
  status: FoundEngine["status"];
  /** It was told to end: it answers nobody any more. */
  ending: boolean;
  /** Since when it loads. */
  began: number;
  exit?: Exit;
}

/** Engines that are nothing but their times, on GPUs that are none: they outlive every gateway that starts them. */
export interface SimulatedEngines {
  driver(install: string): EngineDriver;
  readonly health: EngineHealth;
  /** Every start and stop so far, as `start llama_0`. */
  readonly calls: readonly string[];
  /** From now on; `undefined`: all is well again. */
  breaks(engine: string, fault: Fault | undefined): void;
  /** Told when one ends, by its address: whoever was being answered there is cut off. */
  onEnd(then: (baseUrl: string) => void): void;
}

export function simulatedEngines({ clock, timer, gpus }: { readonly clock: Clock; readonly timer: Timer; readonly gpus: SimulatedGpus }): SimulatedEngines {
  const starts = new Map<string, Start>();
  const faults = new Map<string, Fault>();
  const calls: string[] = [];
  const watchers = new Set<(event: DriverEvent) => void>();
  const enders: ((baseUrl: string) => void)[] = [];
  let pids = 10_000_000;
  const wait = (milliseconds: number) => new Promise<void>((resolve) => void timer(milliseconds, resolve));
  const urlOf = (name: string) => `http://${name}/v1`;
  const hold = ({ launch, pid }: Start, holds: boolean) => {
    for (const { id } of launch.gpus) gpus.use(id, { pid, name: launch.name, used: holds ? launch.spec.vram : 0 });
  };
  const end = (start: Start, exit: Exit) => {
    if (start.status !== "running") return;
    start.status = "exited";
    start.exit = exit;
    timer(HABITS.release, () => hold(start, false));
    for (const then of enders) then(urlOf(start.launch.name));
    for (const tell of watchers) tell({ type: "exited", name: start.launch.name, exit });
  };
  const at = (baseUrl: string) => [...starts.values()].find(({ launch, status }) => status === "running" && urlOf(launch.name) === baseUrl);
  const isUp = (baseUrl: string) => {
    const start = at(baseUrl);
    return start !== undefined && !start.ending && clock.elapsed() - start.began >= HABITS.load(start.launch.spec.name);
  };
  const found = ({ launch: { name, generation, spec, gpus: used }, status, pid, exit }: Start): FoundEngine => ({
    ...{ name, engine: spec.name, generation, hash: spec.hash, gpus: used.map(({ id }) => id), status },
    ...(status === "running" ? { baseUrl: urlOf(name), pid } : { exit }),
  });
  const driver = (install: string): EngineDriver => ({
    name: "docker",
    async create(launch) {
      const { name, image = "" } = launch.spec;
      if (faults.get(name) === "image-missing") throw new DriverFailure("image-missing", `There is no image ${image}, and it cannot be pulled.`);
      starts.set(launch.name, { launch, pid: pids++, lines: [], status: "created", ending: false, began: 0 });
    },
    async start(name) {
      const start = starts.get(name);
      if (start === undefined) throw new DriverFailure("failed", `There is no ${name}.`);
      calls.push(`start ${start.launch.spec.name}`);
      start.status = "running";
      start.began = clock.elapsed();
      hold(start, true);
      if (faults.get(start.launch.spec.name) === "out-of-memory")
        timer(HABITS.load(start.launch.spec.name) / 2, () => {
          start.lines.push(OUT_OF_MEMORY);
          end(start, { code: 1, outOfMemory: false });
        });
      return { baseUrl: urlOf(name), pid: start.pid };
    },
    async stop(name) {
      const start = starts.get(name);
      if (start?.status !== "running") return;
      calls.push(`stop ${start.launch.spec.name}`);
      start.ending = true;
      // It breaks off what it is at as soon as it is told.
      for (const then of enders) then(urlOf(name));
      await wait(HABITS.stop);
      end(start, { code: 0, outOfMemory: false });
    },
    async remove(name) {
      starts.delete(name);
    },
    list: async () => [...starts.values()].filter(({ launch }) => launch.install === install).map(found),
    async logs(name) {
      const start = starts.get(name);
      if (start === undefined) return "";
      const loading = start.status === "running" ? [`loading: ${Math.floor((clock.elapsed() - start.began) / LINE_EVERY)}`] : [];
      return [...start.lines, ...loading].join("\n");
    },
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    close: async () => undefined,
  });
  const health: EngineHealth = {
    answers: async ({ baseUrl }) => (isUp(baseUrl) ? undefined : "its /health is not well"),
    isHealthy: async ({ baseUrl }) => isUp(baseUrl),
    worksWithin: async ({ baseUrl }) => (isUp(baseUrl) ? undefined : "it does not answer"),
    progress: async () => clock.elapsed(),
  };
  return {
    driver,
    health,
    calls,
    breaks: (engine, fault) => (fault === undefined ? void faults.delete(engine) : void faults.set(engine, fault)),
    onEnd: (then) => void enders.push(then),
  };
}
