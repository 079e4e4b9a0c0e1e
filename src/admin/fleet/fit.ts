import { residentSets } from "../../fleet/memory/residents.ts";
import { jsonReply, type Route } from "../../gateway/visit/exchange.ts";
import { grantable, type MaybeFleet } from "./fleet-desk.ts";

/** `/admin/fit`: whether each engine fits, with the arithmetic, and which of them can be resident together: sets to which no further one could be added. */
export function fitRoutes(fleet: MaybeFleet): Route[] {
  return [{ method: "GET", path: "/admin/fit", admits: "operator", handle: () => jsonReply(fitOf(fleet)) }];
}

function fitOf(fleet: MaybeFleet) {
  const engines = fleet?.engines() ?? [];
  const rooms = fleet?.gpus().map((gpu) => ({ id: gpu.reading.id, bytes: grantable(gpu) })) ?? [];
  const specs = engines.map(({ spec }) => spec);
  return {
    data: engines.map(({ spec, fit, lastError }) => ({
      name: spec.name,
      gpus: spec.gpus,
      vram_bytes: spec.vram,
      fits: fit?.fits ?? null,
      says: fit?.says ?? null,
      last_error: lastError ?? null,
    })),
    together: residentSets(specs, rooms).map((set) => set.map(({ name }) => name)),
    next: null,
  };
}
