import { windowAt } from "./calendar.ts";
import type { Override } from "./overrides.ts";
import type { Calendar } from "./schedule.ts";

/** Who takes a window back. */
const SUPERVISOR = "supervisor";

/**
 * The way back to the window before, from one whose engines would not start: an override until the next boundary. `undefined` where there is no
 * way: nothing held before, it was the same window, this is the way back already, or no boundary comes that could end it. `reason`: why they did not start.
 */
export function rollbackOf(calendar: Calendar, now: number, reason: string): Override | undefined {
  const { window, since, until, why } = windowAt(calendar, now);
  if (why === "rollback" || since === undefined || until === undefined) return undefined;
  const before = windowAt(calendar, since - 1).window;
  if (before === undefined || before === window) return undefined;
  return { window: before, until, by: SUPERVISOR, at: now, cause: "rollback", reason };
}
