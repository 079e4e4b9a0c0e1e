import type { EngineSpec } from "./engine.ts";

/** An engine that needs no GPU and says nothing of itself but what is different. */
export function testEngine(different: Partial<EngineSpec> = {}): EngineSpec {
  const { name = "llama_0", driver = "process" } = different;
  return {
    name,
    kind: "vllm",
    model: "org/llama",
    task: "chat",
    driver,
    runner: driver,
    gpus: [],
    vram: 0,
    tensorParallel: 1,
    mayShorten: true,
    maxQueue: 0,
    idleTimeout: 0,
    startTimeout: 60_000,
    preload: false,
    args: [],
    env: {},
    volumes: [],
    hash: `hash of ${name}`,
    ...different,
  };
}
