import { courseAt, type Holding } from "./boundaries.ts";
import type { Override } from "./overrides.ts";
import { type Calendar, isScheduled } from "./schedule.ts";

/** What holds at a moment, since when, until when, and why. Milliseconds since 1970. */
export interface Standing {
  /** Absent: none; then the engines that windows name rest. */
  readonly window: string | undefined;
  /** Of the engines that windows name those that may run. The others, which none names, always may: `mayRun` knows both. */
  readonly engines: readonly string[];
  /** Those of them that are started. */
  readonly preload: readonly string[];
  /** Absent: for ever. */
  readonly since: number | undefined;
  /** The next boundary, or when the override expires. Absent: for ever. */
  readonly until: number | undefined;
  readonly why: "schedule" | "override" | "rollback";
  /** The one that holds, where the reason is not the schedule. */
  readonly override: Override | undefined;
}

/** What held when it was asked last: it is looked for when that is over, not at every request. */
const standings = new WeakMap<Calendar, Standing>();

/** What holds now: the same for every moment between two boundaries, whoever asks, and whenever they began to. */
export function windowAt(calendar: Calendar, now: number): Standing {
  const known = standings.get(calendar);
  if (known !== undefined && now >= (known.since ?? now) && now < (known.until ?? Number.POSITIVE_INFINITY)) return known;
  const standing = findStanding(calendar, now);
  standings.set(calendar, standing);
  return standing;
}

function findStanding(calendar: Calendar, now: number): Standing {
  const { before, boundaries } = courseAt(calendar, now);
  const last = boundaries.findLast(({ at }) => at <= now);
  const { window, override }: Holding = last ?? before;
  return {
    window: window?.name,
    engines: window?.engines ?? [],
    preload: window?.preload ?? [],
    since: last?.at,
    until: boundaries.find(({ at }) => at > now)?.at,
    why: reasonOf(override),
    override,
  };
}

/** Why a window holds, by the override that says so. */
export function reasonOf(override: Override | undefined): Standing["why"] {
  if (override === undefined) return "schedule";
  return override.cause === "rollback" ? "rollback" : "override";
}

/** May this engine run now? One that no window names always may. */
export function mayRun(engine: string, calendar: Calendar, now: number): boolean {
  return !isScheduled(engine, calendar.schedule) || windowAt(calendar, now).engines.includes(engine);
}

/** When it may run next: `now` itself where it may; `undefined` when that is not to be foreseen. Milliseconds since 1970. */
export function opensFor(engine: string, calendar: Calendar, now: number): number | undefined {
  if (mayRun(engine, calendar, now)) return now;
  return courseAt(calendar, now).boundaries.find((boundary) => boundary.at > now && admits(boundary, engine))?.at;
}

/**
 * Until when it may run; `undefined` when no end is to be foreseen. Where it may not: when it had to end, `now` if it never could run. So deadlines
 * count from the same moment after a restart. Milliseconds since 1970.
 */
export function closesFor(engine: string, calendar: Calendar, now: number): number | undefined {
  if (!isScheduled(engine, calendar.schedule)) return undefined;
  const { before, boundaries } = courseAt(calendar, now);
  if (mayRun(engine, calendar, now)) return boundaries.find((boundary) => boundary.at > now && !admits(boundary, engine))?.at;
  return boundaries.findLast(({ at }, index) => at <= now && admits(boundaries[index - 1] ?? before, engine))?.at ?? now;
}

function admits({ window }: Holding, engine: string): boolean {
  return window?.engines.includes(engine) === true;
}
