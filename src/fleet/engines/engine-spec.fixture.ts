import type { EngineSpec } from "../../vocabulary/engine.ts";

/** An engine of nothing but defaults, and what is different. */
export function testEngine(different: Partial<EngineSpec> = {}): EngineSpec {
  return {
    name: "llama_0",
    kind: "vllm",
    model: "meta-llama/Llama-3.1-8B-Instruct",
    task: "chat",
    driver: "docker",
    gpus: ["0"],
    vram: 22 * 1024 ** 3,
    tensorParallel: 1,
    maxQueue: 0,
    idleTimeout: 1_800_000,
    startTimeout: 60_000,
    preload: false,
    args: [],
    env: {},
    volumes: [],
    hash: "hash",
    ...different,
  };
}
