import { changesAt, type Hours, isWithin } from "../../vocabulary/hours.ts";
import { type Override, overrideAt } from "./overrides.ts";
import { type Calendar, type Schedule, type Window, windowNamed } from "./schedule.ts";

/** What holds: a window, by the clock or by an override. No window: the engines that windows name rest. */
export interface Holding {
  readonly window: Window | undefined;
  readonly override: Override | undefined;
}

/** A moment at which something else begins to hold. Milliseconds since 1970. */
export interface Boundary extends Holding {
  readonly at: number;
}

/** Every boundary from `from` on and before `to`, in order. Milliseconds since 1970. */
export function* boundaries(calendar: Calendar, from: number, to: number): Generator<Boundary> {
  const edges = [...hourEdges(calendar.schedule, from, to), ...overrideEdges(calendar).filter((edge) => edge >= from && edge < to)];
  yield* boundariesAmong(calendar, edges);
}

/** What holds at a moment, found anew: for one that is not now. */
export function holdingAt(calendar: Calendar, moment: number): Holding {
  return holdings(calendar)(moment);
}

/**
 * No window stays open or closed for longer, but for ever: one of a single day comes back after a week, or after another where the clocks skip it.
 * With a day on either side.
 */
const REACH = 16 * 24 * 60 * 60 * 1000;

/** The boundaries near a moment: as many as are needed to say of any moment from `from` to `to` since when and until when what holds does. */
interface Course {
  readonly from: number;
  readonly to: number;
  /** What holds before the first of them. */
  readonly before: Holding;
  readonly boundaries: readonly Boundary[];
}

/** Found when the calendar has changed or a fortnight has passed, not at every request. */
const courses = new WeakMap<Calendar, Course>();

/** What holds before, at and after this moment: all boundaries that are no further away than a window can be, and those that overrides make. */
export function courseAt(calendar: Calendar, now: number): Course {
  const known = courses.get(calendar);
  if (known !== undefined && known.from <= now && now <= known.to) return known;
  const course = findCourse(calendar, now);
  courses.set(calendar, course);
  return course;
}

function findCourse(calendar: Calendar, now: number): Course {
  const { schedule, overrides } = calendar;
  const to = now + REACH;
  // After an override that lasts for long, windows take their turns again.
  const late = overrides.filter(({ until }) => until > to).flatMap(({ until }) => [...hourEdges(schedule, until, until + REACH)]);
  const edges = [...hourEdges(schedule, now - REACH, to + REACH), ...overrideEdges(calendar), ...late];
  const found = [...boundariesAmong(calendar, edges)];
  return { from: now, to, before: holdingAt(calendar, (found[0]?.at ?? now) - 1), boundaries: found };
}

/** Those of these moments that are boundaries, in order. */
function* boundariesAmong(calendar: Calendar, moments: readonly number[]): Generator<Boundary> {
  const holds = holdings(calendar);
  for (const at of [...new Set(moments)].sort((one, other) => one - other)) {
    const before = holds(at - 1);
    const after = holds(at);
    if (before.window !== after.window || before.override !== after.override) yield { at, ...after };
  }
}

/** Says what holds at any moment. */
function holdings(calendar: Calendar): (moment: number) => Holding {
  const { schedule } = calendar;
  const timed = timedWindows(schedule);
  const otherwise = schedule.windows.find(({ hours }) => hours === undefined);
  return (moment) => {
    const override = overrideAt(calendar, moment);
    if (override !== undefined) return { window: windowNamed(override.window, schedule), override };
    return { window: timed.find(({ hours }) => isWithin(hours, moment))?.window ?? otherwise, override };
  };
}

/** The moments at which a window opens or closes, with `from`, without `to`. */
function* hourEdges(schedule: Schedule, from: number, to: number): Generator<number> {
  for (const { hours } of timedWindows(schedule)) for (let at = changesAt(hours, from - 1); at !== undefined && at < to; at = changesAt(hours, at)) yield at;
}

function overrideEdges({ overrides }: Calendar): number[] {
  return overrides.flatMap(({ at, until }) => [at, until]);
}

function timedWindows({ timeZone, windows }: Schedule): { readonly window: Window; readonly hours: Hours }[] {
  return windows.flatMap((window) => (window.hours === undefined ? [] : [{ window, hours: { ...window.hours, timeZone } }]));
}
