import { type Clock, systemClock } from "../../vocabulary/clock.ts";
import type { GpuReading, GpuSource } from "./gpu.ts";

/** A GPU as the config names it. */
export interface ConfiguredGpu {
  /** What engines call it by: `0`, `dgx/0`. */
  readonly id: string;
  /** Which one it is, by index or UUID as nvidia-smi has them; absent: its id. */
  readonly device?: string;
  /** Bytes: what engines may be granted, and all it has where nobody measures it. */
  readonly memory?: number;
}

/** GPUs nobody measures: they have what the config says, and nothing is known to be used. */
export function configuredGpus(gpus: readonly ConfiguredGpu[], clock: Clock = systemClock): GpuSource {
  const readings = () => gpus.flatMap((gpu) => unmeasured(gpu, clock.now()) ?? []);
  return {
    current: readings,
    read: () => Promise.resolve(readings()),
    trouble: () => {
      const without = gpus.filter(({ memory }) => memory === undefined);
      return without.length === 0 ? undefined : `fleet.gpus does not say how much memory ${listed(without)} has, and nothing measures it.`;
    },
    close() {},
  };
}

/**
 * The config's GPUs, measured where they can be: it says which there are, by what names and how much of them may be granted; the tool says how much
 * there is and is used. What is not measured is as the config says.
 */
export function measuredGpus(gpus: readonly ConfiguredGpu[], tool: GpuSource, clock: Clock = systemClock): GpuSource {
  const joined = (measured: readonly GpuReading[]) =>
    gpus.flatMap((gpu) => {
      const found = measured.find((reading) => isThat(gpu, reading));
      return found === undefined ? (unmeasured(gpu, clock.now()) ?? []) : [restricted(found, gpu)];
    });
  return {
    current: () => joined(tool.current()),
    read: async () => joined(await tool.read()),
    trouble() {
      const measured = tool.current();
      const missing = measured.length === 0 ? [] : gpus.filter((gpu) => !measured.some((reading) => isThat(gpu, reading)));
      if (missing.length === 0) return tool.trouble();
      return `fleet.gpus names ${listed(missing)}, which nvidia-smi does not show: it shows ${listed(measured)}.`;
    },
    close: () => tool.close(),
  };
}

const isThat = ({ id, device = id }: ConfiguredGpu, reading: GpuReading) => reading.id === device || reading.uuid === device;

const listed = (gpus: readonly { readonly id: string }[]) => `GPU ${gpus.map(({ id }) => id).join(", ")}`;

function restricted(reading: GpuReading, { id, memory }: ConfiguredGpu): GpuReading {
  return { ...reading, id, ...(memory === undefined || memory >= reading.total ? {} : { limit: memory }) };
}

function unmeasured({ id, device, memory }: ConfiguredGpu, readAt: number): GpuReading | undefined {
  if (memory === undefined) return undefined;
  const uuid = device?.startsWith("GPU-") ? { uuid: device } : {};
  return { id, ...uuid, name: "GPU of the config", total: memory, used: 0, processes: [], readAt };
}

/** All of these together: this machine's, and those of others. */
export function joinedGpus(sources: readonly GpuSource[]): GpuSource {
  return {
    current: () => sources.flatMap((source) => source.current()),
    read: async () => (await Promise.all(sources.map((source) => source.read()))).flat(),
    trouble: () => sources.map((source) => source.trouble()).find((trouble) => trouble !== undefined),
    close() {
      for (const source of sources) source.close();
    },
  };
}
