import { PHASE_NAMES } from "../../fleet/core/phase.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import type { GpuReport } from "../../fleet/report.ts";
import type { FleetReadings, GpuGauge } from "../../telemetry/fleet-metrics.ts";

/** The fleet as metrics read it. */
export function fleetReadings(fleet: Pick<Fleet, "engines" | "gpus" | "happenings">): FleetReadings {
  return {
    states: PHASE_NAMES,
    engines: () => fleet.engines().map(({ spec, state, arrivals }) => ({ engine: spec.name, state, arrivals })),
    gpus: () => fleet.gpus().map(gaugeOf),
    happenings: fleet.happenings,
  };
}

function gaugeOf({ reading: { id, total, used, utilisation }, use, granted }: GpuReport): GpuGauge {
  const given = [...granted.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { gpu: id, memory: { total, used, granted: given, foreign: use?.foreign ?? 0, free: Math.max(0, total - used) }, utilisation };
}
