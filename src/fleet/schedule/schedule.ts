import type { Hours } from "../../vocabulary/hours.ts";
import type { Override } from "./overrides.ts";

/** Which engines may run when. An engine that no window names may always run; where several windows hold at once, the first of them does. */
export interface Schedule {
  /** By its name in the time zone database; absent: this machine's. */
  readonly timeZone?: string;
  readonly windows: readonly Window[];
}

/** Some hours, and what runs in them. */
export interface Window {
  readonly name: string;
  /** On the clocks of the schedule's time zone. Absent: whenever no other window holds. */
  readonly hours?: Omit<Hours, "timeZone">;
  /** Names of the engines that may run. */
  readonly engines: readonly string[];
  /** Those of them that are started when it opens; the others wait until they are called. */
  readonly preload: readonly string[];
}

/** All that says what may run when. A value: made anew when either changes, as what follows from it is remembered by it. */
export interface Calendar {
  readonly schedule: Schedule;
  /** In any order. */
  readonly overrides: readonly Override[];
}

/** Does a window name it? Others may always run. */
export function isScheduled(engine: string, { windows }: Schedule): boolean {
  return windows.some(({ engines }) => engines.includes(engine));
}

export function windowNamed(name: string, { windows }: Schedule): Window | undefined {
  return windows.find((window) => window.name === name);
}
