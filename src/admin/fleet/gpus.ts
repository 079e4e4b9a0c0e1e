import type { GpuReport } from "../../fleet/report.ts";
import { jsonReply, type Route } from "../../gateway/visit/exchange.ts";
import { isoTime } from "../input.ts";
import { grantable, type MaybeFleet } from "./fleet-desk.ts";

/** `/admin/gpus`: what each GPU has, who was granted and who uses how much of it; `trouble`: why there are no figures. */
export function gpuRoutes(fleet: MaybeFleet): Route[] {
  const list = () => jsonReply({ data: fleet?.gpus().map(shownGpu) ?? [], next: null, trouble: fleet?.gpuTrouble() ?? null });
  return [{ method: "GET", path: "/admin/gpus", admits: "operator", handle: list }];
}

/** A GPU as management shows it. */
function shownGpu(gpu: GpuReport) {
  const { reading, use, granted } = gpu;
  const { total, used } = reading;
  return {
    id: reading.id,
    name: reading.name,
    uuid: reading.uuid ?? null,
    total_bytes: total,
    limit_bytes: grantable(gpu),
    used_bytes: used,
    free_bytes: Math.max(0, total - used),
    granted_bytes: Object.fromEntries(granted),
    measured_bytes: Object.fromEntries(use?.ours ?? []),
    estimated: use?.estimated ?? true,
    foreign_bytes: use?.foreign ?? 0,
    foreign_processes: (use?.strangers ?? []).map(({ pid, name, used: bytes }) => ({ pid, name, bytes: bytes ?? null })),
    utilisation: reading.utilisation ?? null,
    temperature: reading.temperature ?? null,
    read_at: isoTime(reading.readAt),
  };
}
