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

/** What the config says of engines and GPUs; nothing of GPUs that are to be looked for. */
export function configuredMachine({ engines, gpus }: Pick<FleetSettings, "engines" | "gpus">): Machine {
  return {
    specs: Object.entries(engines).map(([name, { gpus, vram = 0, preload }]) => ({ name, gpus, vram, preload })),
    gpus: gpus === "auto" ? [] : gpus.map(({ id, memory }) => ({ id, total: memory })),
  };
}
