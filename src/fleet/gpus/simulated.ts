import { type Clock, systemClock } from "../../vocabulary/clock.ts";
import type { GpuProcess, GpuReading, GpuSource } from "./gpu.ts";

/** GPUs that are none: whoever simulates engines says what those use. For tests of what decides by them, and for the demo. */
export interface SimulatedGpus extends GpuSource {
  /** From now on this process uses so much of the GPU, in bytes; 0: it has left it. */
  use(gpu: string, process: { readonly pid: number; readonly name: string; readonly used: number }): void;
  /** From now on the GPU tells this as well: utilisation, temperature, or a total that changed. */
  tell(gpu: string, figures: Partial<Pick<GpuReading, "total" | "utilisation" | "temperature">>): void;
  /** From now on there is this trouble, and readings stay as they are; absent: none. */
  fail(why?: string): void;
}

interface SimulatedGpu {
  readonly id: string;
  readonly name: string;
  readonly total: number;
  /** What its driver keeps for itself. */
  readonly idle?: number;
}

/** Simulated GPUs, all of them free. Memory is bytes. */
export function simulatedGpus(gpus: readonly SimulatedGpu[], clock: Clock = systemClock): SimulatedGpus {
  const figures = new Map<string, Partial<GpuReading>>();
  const processes = new Map<string, Map<number, GpuProcess>>(gpus.map(({ id }) => [id, new Map()]));
  let trouble: string | undefined;
  let readings: readonly GpuReading[] = [];
  const take = () => {
    if (trouble === undefined) readings = gpus.map(reading);
    return readings;
  };
  const reading = ({ id, name, total, idle = 0 }: SimulatedGpu): GpuReading => {
    const here = [...(processes.get(id)?.values() ?? [])];
    const used = here.reduce((sum, process) => sum + (process.used ?? 0), idle);
    return { id, uuid: `GPU-simulated-${id}`, name, total, utilisation: 0, used, processes: here, readAt: clock.now(), ...figures.get(id) };
  };
  take();
  return {
    current: () => readings,
    read: () => Promise.resolve(take()),
    trouble: () => trouble,
    close() {},
    use(gpu, { pid, name, used }) {
      if (used === 0) processes.get(gpu)?.delete(pid);
      else processes.get(gpu)?.set(pid, { pid, name, used });
    },
    tell(gpu, more) {
      figures.set(gpu, { ...figures.get(gpu), ...more });
    },
    fail(why) {
      trouble = why;
    },
  };
}
