import type { MeasuredGpu } from "./core/event.ts";
import { holdsMemory } from "./core/phase.ts";
import type { FleetState } from "./core/state.ts";
import { attribute, type GpuUse, type Holder } from "./gpus/attribution.ts";
import type { GpuReading } from "./gpus/gpu.ts";
import { parentOf } from "./gpus/parent-of.ts";

/** Who uses how much of each GPU, by a reading and what the fleet has granted. */
export function usesOf(readings: readonly GpuReading[], { engines }: FleetState, processes: ReadonlyMap<string, number>): readonly GpuUse[] {
  const holders = [...engines.values()].flatMap(({ spec, phase }): Holder[] => {
    if (!holdsMemory(phase) || (phase.type === "stopping" && phase.gone !== undefined)) return [];
    return [{ engine: spec.name, pid: processes.get(spec.name), granted: new Map(spec.gpus.map((gpu) => [gpu, spec.vram])) }];
  });
  return attribute(readings, holders, parentOf);
}

/** What the fleet reckons with: all a GPU has, and what of it is not ours. */
export function measuredOf(readings: readonly GpuReading[], uses: readonly GpuUse[]): readonly MeasuredGpu[] {
  return readings.map(({ id, total, limit = total }) => {
    const foreign = uses.find((use) => use.id === id)?.foreign ?? 0;
    // What lies beyond the limit is nobody's to use: others may have it before it takes from ours.
    return { id, capacity: limit, foreign: Math.max(0, foreign - (total - limit)) };
  });
}
