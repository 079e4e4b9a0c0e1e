import type { EngineSpec } from "../../engines/engine-spec.ts";
import type { Launch } from "../driver.ts";

/** A launch of a command that stands for an engine; it must say `{port}` somewhere. */
export function launchOf(command: readonly string[] | undefined, changes: Partial<Launch> = {}, of: Partial<EngineSpec> = {}): Launch {
  const spec: EngineSpec = {
    name: "tiny",
    kind: "vllm",
    model: "fake/tiny",
    task: "chat",
    driver: "process",
    gpus: [],
    vram: 0,
    tensorParallel: 1,
    maxQueue: 0,
    idleTimeout: 0,
    startTimeout: 60_000,
    preload: false,
    command,
    args: [],
    env: {},
    volumes: [],
    hash: "hash",
    ...of,
  };
  return { name: "signalbox-test-tiny-1", install: "test", generation: 1, spec, args: [], env: {}, gpus: [], ...changes };
}

/** A shell that does this; its port is an argument that it does not look at. */
export function shell(script: string): readonly string[] {
  return ["sh", "-c", script, "{port}"];
}
