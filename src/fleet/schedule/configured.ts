import { DAYS } from "../../config/schema/fields.ts";
import type { FleetSettings } from "../../config/schema/schema.ts";
import type { Machine } from "./residents.ts";
import type { Schedule } from "./schedule.ts";

/** The schedule of the config. */
export function configuredSchedule({ schedule: { timezone, windows } }: Pick<FleetSettings, "schedule">): Schedule {
  return {
    timeZone: timezone,
    windows: windows.map(({ name, from, to, days, engines, preload }) => ({
      name,
      hours: from === undefined || to === undefined ? undefined : { from, to, days: days?.map((day) => DAYS.indexOf(day)) },
      engines,
      preload,
    })),
  };
}

/** What the config says of engines and GPUs, other machines' among them; nothing of GPUs that are to be looked for. */
export function configuredMachine({ engines, gpus: own, nodes }: Pick<FleetSettings, "engines" | "gpus" | "nodes">): Machine {
  const here = own === "auto" ? [] : own;
  const there = nodes.flatMap(({ name, gpus }) => gpus.map(({ id, memory }) => ({ id: `${name}/${id}`, memory })));
  return {
    specs: Object.entries(engines).map(([name, { gpus, vram = 0, preload }]) => ({ name, gpus, vram, preload })),
    gpus: [...here, ...there].map(({ id, memory }) => ({ id, total: memory })),
  };
}
