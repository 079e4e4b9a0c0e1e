import { nearestName } from "../../vocabulary/nearest-name.ts";
import { type Calendar, type Schedule, windowNamed } from "./schedule.ts";

/** A window that holds for a while, whatever the clock says. Plain JSON; times are whole milliseconds since 1970. */
export interface Override {
  readonly window: string;
  /** The first moment at which it holds no more. */
  readonly until: number;
  /** Whose doing it is: a key's name, or the gateway's. */
  readonly by: string;
  /** From this moment on. */
  readonly at: number;
  /** An operator's will, or the way back from a window whose engines would not start. */
  readonly cause: "operator" | "rollback";
  readonly reason?: string;
}

/** The one that holds at this moment: the newest that has not expired, of windows that there are. Of two as new the later in the list. */
export function overrideAt({ schedule, overrides }: Calendar, now: number): Override | undefined {
  let newest: Override | undefined;
  for (const override of overrides) {
    const holds = override.at <= now && now < override.until && windowNamed(override.window, schedule) !== undefined;
    if (holds && (newest === undefined || override.at >= newest.at)) newest = override;
  }
  return newest;
}

/** Since when something holds is told this long after an override ended. Milliseconds. */
const REMEMBERED = 16 * 24 * 60 * 60 * 1000;

/** Without those that ended long ago: for whoever keeps the list. */
export function recentOverrides(overrides: readonly Override[], now: number): readonly Override[] {
  return overrides.filter(({ until }) => until > now - REMEMBERED);
}

/** What is wrong with an override that somebody asks for: the field, and a sentence that says what to do. `undefined`: nothing. */
export function overrideProblem(
  { window, until }: Pick<Override, "window" | "until">,
  schedule: Schedule,
  now: number,
): { readonly field: "window" | "until"; readonly message: string } | undefined {
  if (windowNamed(window, schedule) === undefined)
    return { field: "window", message: `There is no window named ${window}. ${windowsToChoose(window, schedule)}` };
  if (until <= now) return { field: "until", message: `until is over already: it is ${new Date(now).toISOString()} now. Name a later moment.` };
  return undefined;
}

function windowsToChoose(name: string, { windows }: Schedule): string {
  const names = windows.map((window) => window.name);
  const near = nearestName(name, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.length === 0 ? "Add it under fleet.schedule.windows." : `There are ${names.join(", ")}.`;
}
