import type { Timer } from "../../../vocabulary/timer.ts";
import type { SimulatedGpus } from "../../gpus/simulated.ts";
import { DriverFailure, type EngineDriver, type FoundEngine, type Launch } from "../driver.ts";

/** What answers in the place of an engine. */
export interface SimulatedServer {
  /** Without a version path. */
  readonly url: string;
  stop(): Promise<void>;
}

/** What engines are simulated with. */
export interface Simulation {
  readonly gpus: SimulatedGpus;
  /** Starts to answer as this engine would; `loaded` says from when on it is well. */
  serve(launch: Launch, loaded: () => boolean): SimulatedServer;
  readonly timer: Timer;
}

interface Start {
  readonly launch: Launch;
  readonly lines: string[];
  readonly pid: number;
  server?: SimulatedServer;
  /** Ends its loading. */
  cancel?: () => void;
}

/** How long a load takes, in so many steps. Milliseconds. */
const STEP = 750;
const STEPS = 4;
/** No process of this machine has such a number. */
const FIRST_PID = 10_000_000;

/** Engines that are none: they load for a few seconds, take memory of GPUs that are none, and answer. All of it ends with the gateway. */
export function openSimulatedDriver({ gpus, serve, timer }: Simulation): EngineDriver {
  const starts = new Map<string, Start>();
  let pid = FIRST_PID;
  const present = (name: string): Start => {
    const start = starts.get(name);
    if (start === undefined) throw new DriverFailure("failed", `There is no engine's start called ${name}. Create it first.`);
    return start;
  };
  const take = ({ launch: { name, spec }, pid }: Start, share: number) => {
    for (const gpu of spec.gpus) gpus.use(gpu, { pid, name, used: Math.round(spec.vram * share) });
  };
  const load = (start: Start, step: number) => {
    start.lines.push(`Loading weights of ${start.launch.spec.model}: ${Math.round((100 * step) / STEPS)} %`);
    take(start, step / STEPS);
    if (step === STEPS) start.cancel = undefined;
    else start.cancel = timer(STEP, () => load(start, step + 1));
  };
  const end = async (start: Start) => {
    start.cancel?.();
    take(start, 0);
    const { server } = start;
    start.server = undefined;
    await server?.stop();
  };
  return {
    name: "simulated",
    async create(launch) {
      if (!starts.has(launch.name))
        starts.set(launch.name, { launch, pid: ++pid, lines: [`${launch.name} is simulated: no GPU is used, and nothing is computed.`] });
    },
    async start(name) {
      const start = present(name);
      if (start.server === undefined) {
        start.server = serve(start.launch, () => start.server !== undefined && start.cancel === undefined);
        load(start, 1);
      }
      return { baseUrl: `${start.server.url}/v1`, pid: start.pid };
    },
    async stop(name) {
      const start = starts.get(name);
      if (start !== undefined) await end(start);
    },
    remove: async (name) => void starts.delete(name),
    list: async () => [...starts.values()].map(found),
    logs: async (name, lines) => present(name).lines.slice(-lines).join("\n"),
    watch: () => () => {},
    async close() {
      await Promise.all([...starts.values()].map(end));
    },
  };
}

function found({ launch: { name, generation, spec, gpus }, server, pid }: Start): FoundEngine {
  const labels = { name, engine: spec.name, generation, hash: spec.hash, gpus: gpus.map(({ id }) => id) };
  return server === undefined ? { ...labels, status: "created" } : { ...labels, status: "running", baseUrl: `${server.url}/v1`, pid };
}
