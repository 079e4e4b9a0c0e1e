import { createHash } from "node:crypto";
import type { EngineSettings, FleetSettings } from "../../config/schema/schema.ts";
import type { EngineSpec } from "../../vocabulary/engine.ts";

/** The engines of the config as the fleet wants them; the same array as long as the settings are the same. */
export function engineSpecs(): (settings: FleetSettings) => readonly EngineSpec[] {
  let last: { readonly settings: FleetSettings; readonly specs: readonly EngineSpec[] } | undefined;
  return (settings) => {
    if (last?.settings !== settings) last = { settings, specs: Object.entries(settings.engines).map(([name, engine]) => specOf(name, engine, settings)) };
    return last.specs;
  };
}

/** Changes of these do not need another start: the running engine is judged by the new ones. */
const LIGHT = ["maxConcurrent", "maxQueue", "idleTimeout", "startTimeout", "preload", "mayShorten"] as const;

function specOf(name: string, engine: EngineSettings, fleet: FleetSettings): EngineSpec {
  const driver = engine.driver ?? fleet.driver;
  const spec: Omit<EngineSpec, "hash"> = {
    name,
    kind: engine.kind ?? "vllm",
    model: engine.model,
    task: engine.task,
    driver,
    runner: runnerOf(engine, driver),
    gpus: engine.gpus,
    vram: engine.vram ?? 0,
    tensorParallel: engine.tensor_parallel ?? Math.max(1, engine.gpus.length),
    maxModelLen: engine.max_model_len,
    mayShorten: engine.may_shorten,
    maxConcurrent: engine.max_concurrent,
    maxQueue: engine.max_queue,
    // Nobody here starts or stops it: there is nothing to be gained.
    idleTimeout: driver === "static" ? 0 : engine.idle_timeout,
    startTimeout: engine.start_timeout,
    preload: engine.preload,
    image: driver === "docker" ? (engine.image ?? fleet.docker.image) : engine.image,
    command: engine.command,
    args: engine.args,
    env: engine.env,
    volumes: engine.volumes,
    url: engine.url,
    workload: engine.workload,
  };
  return { ...spec, hash: hashOf(spec) };
}

/** Docker's of another machine where it runs on that: by its name, or as the names of its GPUs say. */
function runnerOf({ node, gpus }: EngineSettings, driver: EngineSpec["driver"]): string {
  const [first = ""] = gpus;
  const name = node ?? (first.includes("/") ? first.slice(0, first.indexOf("/")) : undefined);
  return name === undefined || driver !== "docker" ? driver : `docker on ${name}`;
}

/** What it is made of, in sixteen letters: an engine that runs is gone on with as long as this is the same. */
function hashOf(spec: Omit<EngineSpec, "hash">): string {
  const heavy = Object.entries(spec).filter(([name, value]) => value !== undefined && !(LIGHT as readonly string[]).includes(name));
  return createHash("sha256").update(JSON.stringify(heavy)).digest("hex").slice(0, 16);
}
