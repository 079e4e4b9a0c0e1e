import { DAYS } from "../../config/schema/fields.ts";
import type { FleetSettings } from "../../config/schema/schema.ts";
import type { Schedule } from "../../fleet/schedule/schedule.ts";

/** The schedule of the config as the fleet wants it; the same object as long as the settings are the same. */
export function schedules(): (settings: FleetSettings) => Schedule {
  let last: { readonly settings: FleetSettings["schedule"]; readonly schedule: Schedule } | undefined;
  return ({ schedule: settings }) => {
    if (last?.settings !== settings) last = { settings, schedule: scheduleOf(settings) };
    return last.schedule;
  };
}

function scheduleOf({ timezone, windows }: FleetSettings["schedule"]): Schedule {
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
