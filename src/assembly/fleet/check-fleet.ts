import type { CheckFleet } from "../../config/fleet-check.ts";
import { checkSchedule } from "../../fleet/schedule/checks.ts";
import { configuredMachine, configuredSchedule } from "../../fleet/schedule/configured.ts";

/** What is wrong with the calendar of the config, and what is odd about it. */
export const checkFleet: CheckFleet = (fleet) =>
  checkSchedule(configuredSchedule(fleet), configuredMachine(fleet)).map((finding) => ({ ...finding, path: ["fleet", "schedule", ...finding.path] }));
