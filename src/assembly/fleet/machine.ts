import type { FleetSettings } from "../../config/schema/schema.ts";
import type { Machine } from "../../fleet/schedule/residents.ts";
import { engineSpecs } from "./engine-specs.ts";

/** What the config says of engines and GPUs, as plans reckon with it: no GPUs where nvidia-smi is to tell. */
export function machineOf(fleet: FleetSettings): Machine {
  return { specs: engineSpecs()(fleet), gpus: fleet.gpus === "auto" ? [] : fleet.gpus.map(({ id, memory }) => ({ id, total: memory })) };
}
