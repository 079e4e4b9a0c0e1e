import type { GpuHandle, Launch } from "../../../../src/fleet/drivers/driver.ts";
import { testEngine } from "../../../../src/vocabulary/engine.fixture.ts";
import type { EngineSpec } from "../../../../src/vocabulary/engine.ts";
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
  const spec = testEngine({ name: engine, model: "fake/tiny", gpus: gpus.map(({ id }) => id), hash: `hash-${engine}`, ...changes });
  const args = ["--model", "{model}", "--served-model-name", "{model}", "{name}", "--host", "{host}", "--port", "{port}", "--fake", JSON.stringify(fake)];
  return { name: `signalbox-${install}-${engine}-${generation}`, install, generation, spec, args, env: {}, gpus };
}
