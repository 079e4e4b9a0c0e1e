import type { GpuHandle, Launch } from "../../../../src/fleet/drivers/driver.ts";
import type { EngineSpec } from "../../../../src/fleet/engines/engine-spec.ts";
import type { FakeSettings } from "../../../fakes/engine/options.ts";

/** What a test says of a start of a fake engine; the rest is as it need not care. */
export interface AskedLaunch {
  readonly install?: string;
  readonly engine?: string;
  readonly generation?: number;
  readonly gpus?: readonly GpuHandle[];
  /** How the fake behaves. */
  readonly fake?: FakeSettings;
}

/** A start of the fake engine: its arguments are vLLM's, its command is for the driver to say, by what it changes of the spec. */
export function fakeLaunch(
  { install = "test", engine = "tiny", generation = 1, gpus = [], fake = {} }: AskedLaunch,
  changes: Partial<EngineSpec> = {},
): Launch {
  const spec: EngineSpec = {
    name: engine,
    kind: "vllm",
    model: "fake/tiny",
    task: "chat",
    driver: "process",
    gpus: gpus.map(({ id }) => id),
    vram: 0,
    tensorParallel: 1,
    maxQueue: 0,
    idleTimeout: 0,
    startTimeout: 60_000,
    preload: false,
    args: [],
    env: {},
    volumes: [],
    hash: `hash-${engine}`,
    ...changes,
  };
  const args = ["--model", "{model}", "--served-model-name", "{model}", "{name}", "--host", "{host}", "--port", "{port}", "--fake", JSON.stringify(fake)];
  return { name: `signalbox-${install}-${engine}-${generation}`, install, generation, spec, args, env: {}, gpus };
}
