import { testEngine } from "../../../vocabulary/engine.fixture.ts";
import type { EngineSpec } from "../../../vocabulary/engine.ts";
import type { Launch } from "../driver.ts";
import type { DockerOptions } from "./docker-options.ts";

/** A launch of one engine without GPUs, unless the test says otherwise. */
export function launchOf({ spec, ...different }: Partial<Omit<Launch, "spec">> & { readonly spec?: Partial<EngineSpec> } = {}): Launch {
  return {
    name: "signalbox-here-llama-3",
    install: "here",
    generation: 3,
    spec: testEngine({ name: "llama", driver: "docker", hash: "4f2a", ...spec }),
    args: [],
    env: {},
    gpus: [],
    ...different,
  };
}

export function dockerOptions(different: Partial<DockerOptions> = {}): DockerOptions {
  return {
    host: "unix:///var/run/docker.sock",
    install: "here",
    image: "vllm/vllm-openai:v0.29.0",
    pull: "missing",
    publishAt: "127.0.0.1",
    containerPort: 8000,
    sharedMemory: 8 * 2 ** 30,
    binds: [],
    ...different,
  };
}
