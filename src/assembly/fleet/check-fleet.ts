import type { CheckFleet } from "../../config/fleet-check.ts";
import { checkSchedule } from "../../fleet/schedule/checks.ts";
import { machineOf } from "./machine.ts";
import { scheduleOf } from "./schedules.ts";

/** What is wrong with the calendar of the config, and what is odd about it. */
export const checkFleet: CheckFleet = (fleet) =>
  checkSchedule(scheduleOf(fleet.schedule), machineOf(fleet)).map((finding) => ({ ...finding, path: ["fleet", "schedule", ...finding.path] }));
