import type { Json, JsonObject } from "../../../vocabulary/json.ts";
import type { GpuHandle, Launch } from "../driver.ts";
import { fillPlaceholders } from "../placeholders.ts";
import type { DockerOptions } from "./docker-options.ts";
import { labelsOf } from "./labels.ts";

/** Two files of so much: an engine that complains for weeks does not fill the disk. */
const LOGS = { Type: "json-file", Config: { "max-size": "16m", "max-file": "2" } };

/** The body of `POST /containers/create` for a launch out of that image. */
export function containerRequest(launch: Launch, image: string, options: DockerOptions): JsonObject {
  const { spec, gpus, name, env } = launch;
  const fill = (words: readonly string[]): Json[] => fillPlaceholders(words, { host: "0.0.0.0", port: options.containerPort, model: spec.model, name });
  const gpuAccess = options.runtime === undefined ? requestedGpus(gpus) : visibleGpus(gpus, options.runtime);
  return {
    Image: image,
    Labels: labelsOf(launch),
    // With an entry point of its own the image's command does not apply either.
    ...(spec.command !== undefined && { Entrypoint: fill(spec.command) }),
    ...(launch.args.length > 0 && { Cmd: fill(launch.args) }),
    Env: fill(Object.entries({ ...NO_GPUS, ...env, ...gpuAccess.env }).map(([variable, value]) => `${variable}=${value}`)),
    ExposedPorts: { [portOf(options)]: {} },
    StopSignal: "SIGTERM",
    ...(options.user !== undefined && { User: options.user }),
    HostConfig: {
      Binds: [...options.binds, ...spec.volumes],
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      // Whether an engine runs is decided in one place, and what it said is read after its end.
      RestartPolicy: { Name: "no" },
      AutoRemove: false,
      LogConfig: LOGS,
      ...(options.memory !== undefined && { Memory: options.memory }),
      ...(spec.tensorParallel > 1 && sharedMemory(options)),
      ...(options.network === undefined
        ? { PortBindings: { [portOf(options)]: [{ HostIp: options.publishAt, HostPort: "" }] } }
        : { NetworkMode: options.network }),
      ...gpuAccess.host,
    },
  };
}

/** The port engines listen at, as Docker names it. */
export const portOf = ({ containerPort }: DockerOptions): string => `${containerPort}/tcp`;

interface GpuAccess {
  readonly host: JsonObject;
  readonly env: Readonly<Record<string, string>>;
}

/** Images for GPUs ask for all of them, which a machine may grant whoever asks. */
const NO_GPUS = { NVIDIA_VISIBLE_DEVICES: "void" };

/** Another node's GPU `dgx/0` is that node's `0`. */
const deviceOf = ({ id, uuid }: GpuHandle) => uuid ?? id.slice(id.lastIndexOf("/") + 1);

function requestedGpus(gpus: readonly GpuHandle[]): GpuAccess {
  if (gpus.length === 0) return { host: {}, env: {} };
  const devices = gpus.map(deviceOf);
  return {
    host: { DeviceRequests: [{ Driver: "nvidia", DeviceIDs: devices, Capabilities: [["gpu"]] }] },
    env: { NVIDIA_VISIBLE_DEVICES: devices.join(",") },
  };
}

function visibleGpus(gpus: readonly GpuHandle[], runtime: string): GpuAccess {
  if (gpus.length === 0) return { host: {}, env: {} };
  return { host: { Runtime: runtime }, env: { NVIDIA_VISIBLE_DEVICES: gpus.map(deviceOf).join(",") } };
}

/** What the processes of one engine exchange tensors through; Docker's own measure is 64 MiB. Not both: the host's has no size of ours. */
function sharedMemory({ sharedMemory: given }: DockerOptions): JsonObject {
  return given === "host" ? { IpcMode: "host" } : { ShmSize: given };
}
