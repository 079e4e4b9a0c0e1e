import { testEngine } from "../../vocabulary/engine.fixture.ts";
import type { EngineSpec } from "../../vocabulary/engine.ts";

/** The seed's Llama on its first card, and what is different. */
export function testLlama(different: Partial<EngineSpec> = {}): EngineSpec {
  return testEngine({ model: "meta-llama/Llama-3.1-8B-Instruct", driver: "docker", gpus: ["0"], vram: 22 * 1024 ** 3, hash: "hash", ...different });
}
