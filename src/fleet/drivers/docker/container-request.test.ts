import { describe, expect, test } from "bun:test";
import { containerRequest } from "./container-request.ts";
import { dockerOptions, launchOf } from "./launch.fixture.ts";

const IMAGE = "vllm/vllm-openai:v0.29.0";
const PLAIN = containerRequest(launchOf(), IMAGE, dockerOptions());
const TWO_GPUS = [{ id: "0", uuid: "GPU-aaa" }, { id: "dgx/1" }];

test("an engine without GPUs becomes this container and no other", () => {
  const launch = launchOf({ args: ["--model", "{model}", "--port={port}", "--host", "{host}"], env: { HF_TOKEN: "hf_x", SERVED: "{model}" } });
  expect(containerRequest(launch, IMAGE, dockerOptions())).toEqual({
    Image: IMAGE,
    Labels: {
      "signalbox.install": "here",
      "signalbox.engine": "llama",
      "signalbox.generation": "3",
      "signalbox.hash": "4f2a",
      "signalbox.gpus": "",
    },
    Cmd: ["--model", "org/llama", "--port=8000", "--host", "0.0.0.0"],
    Env: ["NVIDIA_VISIBLE_DEVICES=void", "HF_TOKEN=hf_x", "SERVED=org/llama"],
    ExposedPorts: { "8000/tcp": {} },
    StopSignal: "SIGTERM",
    HostConfig: {
      Binds: [],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      LogConfig: { Type: "json-file", Config: { "max-size": "16m", "max-file": "2" } },
      PortBindings: { "8000/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
});

describe("what else is asked for", () => {
  const HOST = PLAIN["HostConfig"];
  const cases: readonly [string, Parameters<typeof launchOf>[0], Parameters<typeof dockerOptions>[0], object][] = [
    [
      "a command of its own",
      { spec: { command: ["vllm", "serve", "{model}"] }, args: ["--served-model-name", "{name}"] },
      {},
      { Entrypoint: ["vllm", "serve", "org/llama"], Cmd: ["--served-model-name", "signalbox-here-llama-3"] },
    ],
    [
      "GPUs by their names, or by their numbers on their machine",
      { gpus: TWO_GPUS },
      {},
      {
        Labels: { ...(PLAIN["Labels"] as object), "signalbox.gpus": "0,dgx/1" },
        Env: ["NVIDIA_VISIBLE_DEVICES=GPU-aaa,1"],
        HostConfig: { ...(HOST as object), DeviceRequests: [{ Driver: "nvidia", DeviceIDs: ["GPU-aaa", "1"], Capabilities: [["gpu"]] }] },
      },
    ],
    [
      "GPUs by a runtime, whatever the engine's own variables say",
      { gpus: TWO_GPUS, env: { NVIDIA_VISIBLE_DEVICES: "all" } },
      { runtime: "nvidia" },
      {
        Labels: { ...(PLAIN["Labels"] as object), "signalbox.gpus": "0,dgx/1" },
        Env: ["NVIDIA_VISIBLE_DEVICES=GPU-aaa,1"],
        HostConfig: { ...(HOST as object), Runtime: "nvidia" },
      },
    ],
    ["shared memory of its own", { spec: { tensorParallel: 2 } }, {}, { HostConfig: { ...(HOST as object), ShmSize: 8 * 2 ** 30 } }],
    ["the host's shared memory", { spec: { tensorParallel: 2 } }, { sharedMemory: "host" }, { HostConfig: { ...(HOST as object), IpcMode: "host" } }],
    [
      "binds of all engines and its own",
      { spec: { volumes: ["/models:/models:ro"] } },
      { binds: ["/srv/hf:/root/.cache/huggingface"] },
      { HostConfig: { ...(HOST as object), Binds: ["/srv/hf:/root/.cache/huggingface", "/models:/models:ro"] } },
    ],
    ["bounds and a user", {}, { memory: 2 ** 35, user: "1000:1000" }, { User: "1000:1000", HostConfig: { ...(HOST as object), Memory: 2 ** 35 } }],
    [
      "another port at another address",
      {},
      { containerPort: 9000, publishAt: "10.0.0.5" },
      { ExposedPorts: { "9000/tcp": {} }, HostConfig: { ...(HOST as object), PortBindings: { "9000/tcp": [{ HostIp: "10.0.0.5", HostPort: "" }] } } },
    ],
  ];
  for (const [what, launch, options, expected] of cases) {
    test(what, () => expect(containerRequest(launchOf(launch), IMAGE, dockerOptions(options))).toEqual({ ...PLAIN, ...expected }));
  }

  test("in a network, nothing is published", () => {
    const { HostConfig } = containerRequest(launchOf(), IMAGE, dockerOptions({ network: "llm_net" }));
    expect(HostConfig).toMatchObject({ NetworkMode: "llm_net" });
    expect(HostConfig).not.toHaveProperty("PortBindings");
  });
});
