import type { Path, Tell } from "../file/problem.ts";
import type { CheckFleet } from "../fleet-check.ts";
import type { FleetSettings } from "../schema/schema.ts";

/**
 * Tells of windows whose hours are half said, or twice; and where there are none of those, what `check` finds in the calendar they make. `note`: what
 * is odd, and can be.
 */
export function checkWindows(fleet: FleetSettings, check: CheckFleet | undefined, { tell, note }: { readonly tell: Tell; readonly note: Tell }): void {
  const wrong = fleet.schedule.windows.filter((window, index) => tellShape(window, ["fleet", "schedule", "windows", index], tell));
  if (check === undefined || wrong.length > 0) return;
  for (const { kind, path, message, fix } of check(fleet)) (kind === "problem" ? tell : note)(path, message, fix);
}

/** Is anything wrong with it? */
function tellShape({ from, to, days, otherwise }: FleetSettings["schedule"]["windows"][number], path: Path, tell: Tell): boolean {
  const hasHours = from !== undefined || to !== undefined;
  if (otherwise === true && hasHours) tell([...path, "otherwise"], "stands beside hours.", "Leave out otherwise, or from and to.");
  else if (otherwise === true && days !== undefined)
    tell([...path, "days"], "say nothing of a window that is otherwise.", "Leave out days, or give it from and to.");
  else if (otherwise === true) return false;
  else if (!hasHours) tell(path, "has no hours.", "Give it from and to, or otherwise: true.");
  else if (to === undefined) tell(path, "has from without to.", "Say when it ends.");
  else if (from === undefined) tell(path, "has to without from.", "Say when it begins.");
  else return false;
  return true;
}
