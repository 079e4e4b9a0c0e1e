import type { FleetSettings } from "../../config/schema/schema.ts";
import { configuredSchedule } from "../../fleet/schedule/configured.ts";
import type { Schedule } from "../../fleet/schedule/schedule.ts";

/** The schedule of the config as the fleet wants it; the same object as long as the settings are the same. */
export function schedules(): (settings: FleetSettings) => Schedule {
  let last: { readonly settings: FleetSettings["schedule"]; readonly schedule: Schedule } | undefined;
  return (fleet) => {
    if (last?.settings !== fleet.schedule) last = { settings: fleet.schedule, schedule: configuredSchedule(fleet) };
    return last.schedule;
  };
}
