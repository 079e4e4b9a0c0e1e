import { type Boundary, boundaries, type Holding, holdingAt } from "./boundaries.ts";
import { reasonOf, type Standing } from "./calendar.ts";
import type { Override } from "./overrides.ts";
import { allowedIn, fits, type GpuLoad, gibText, loadsOf, type Machine, startedIn, sumText } from "./residents.ts";
import type { Calendar } from "./schedule.ts";
import { hoursText } from "./week.ts";

export interface PlanQuestion {
  readonly calendar: Calendar;
  readonly machine: Machine;
  /** `2026-11-23`, in the schedule's time zone. */
  readonly firstDay: string;
  readonly days: number;
}

/** What will run when, and why, as JSON: times are ISO 8601 in UTC, memory is bytes. */
export interface Plan {
  readonly time_zone: string;
  readonly days: readonly PlanDay[];
  /** One for each time between two boundaries, in order and without gaps. */
  readonly spans: readonly PlanSpan[];
  /** That hold at some moment of these days, or would but for a newer one. */
  readonly overrides: readonly (Pick<Override, "window" | "by" | "cause" | "reason"> & { readonly from: string; readonly until: string })[];
  /** Sentences. */
  readonly warnings: readonly string[];
}

export interface PlanDay {
  readonly date: string;
  readonly from: string;
  readonly to: string;
  /** At its beginning: `+03:00`. */
  readonly utc_offset: string;
  /** When the clocks are changed. */
  readonly clock_changes: readonly { readonly at: string; readonly utc_offset: string }[];
}

export interface PlanSpan {
  readonly from: string;
  readonly to: string;
  readonly window: string | null;
  readonly why: Standing["why"];
  /** In words. */
  readonly because: string;
  /** Engines that are started without being called. */
  readonly started: readonly string[];
  /** Those that are started when they are called, beside the others. */
  readonly on_demand: readonly string[];
  /** Likewise, but another has to go for each. */
  readonly in_place_of_others: readonly string[];
  /** Those that may not run. */
  readonly resting: readonly string[];
  /** With the engines that are started. */
  readonly gpus: readonly PlanGpu[];
}

export interface PlanGpu {
  readonly id: string;
  readonly total_bytes: number | null;
  readonly used_bytes: number;
  /** Negative: they do not fit. */
  readonly free_bytes: number | null;
  readonly engines: readonly { readonly name: string; readonly vram_bytes: number }[];
}

/** The day that it is by the schedule's clocks: `2026-11-23`. */
export function dayAt({ schedule }: Calendar, now: number): string {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZoneOf(schedule)).toPlainDate().toString();
}

/** What will run on these days. Throws a `RangeError` when the first is none. */
export function planRows(question: PlanQuestion): Plan {
  const { calendar, machine, firstDay, days } = question;
  const timeZone = timeZoneOf(calendar.schedule);
  const first = Temporal.PlainDate.from(firstDay);
  const startOf = (index: number) => first.add({ days: index }).toZonedDateTime(timeZone);
  const from = startOf(0).epochMilliseconds;
  const to = startOf(days).epochMilliseconds;
  const begins: readonly Boundary[] = [{ at: from, ...holdingAt(calendar, from) }, ...boundaries(calendar, from + 1, to)];
  const spans = begins.map((begin, index) => spanOf(question, begin, begins[index + 1]?.at ?? to));
  return {
    time_zone: timeZone,
    days: Array.from({ length: days }, (_, index) => dayOf(startOf(index), startOf(index + 1))),
    spans,
    overrides: calendar.overrides
      .filter(({ at, until }) => at < to && until > from)
      .map(({ window, by, cause, reason, at, until }) => ({ window, by, cause, reason, from: isoOf(at), until: isoOf(until) })),
    warnings: [...new Set([...memoryWarnings(machine), ...spans.flatMap((span) => spanWarnings(span, machine))])],
  };
}

function spanOf({ calendar, machine }: PlanQuestion, begin: Boundary, to: number): PlanSpan {
  const { schedule } = calendar;
  const { at: from, window } = begin;
  const allowed = allowedIn(window, schedule, machine);
  const started = startedIn(window, schedule, machine);
  const callable = allowed.filter((engine) => !started.includes(engine) && fits(loadsOf([engine], machine)));
  const isBeside = (engine: string) => fits(loadsOf([...started, engine], machine).filter(({ residents }) => residents.some((one) => one.engine === engine)));
  return {
    from: isoOf(from),
    to: isoOf(to),
    window: window?.name ?? null,
    why: reasonOf(begin.override),
    because: becauseOf(begin),
    started,
    on_demand: callable.filter(isBeside),
    in_place_of_others: callable.filter((engine) => !isBeside(engine)),
    resting: machine.specs.flatMap(({ name }) => (allowed.includes(name) ? [] : [name])),
    gpus: loadsOf(started, machine).map(gpuOf),
  };
}

function becauseOf({ window, override }: Holding): string {
  const reason = override?.reason === undefined ? "" : `: ${override.reason}`;
  const why = reasonOf(override);
  switch (why) {
    case "schedule":
      return window === undefined ? "no window holds" : hoursText(window.hours);
    case "override":
      return `override by ${override?.by}${reason}`;
    case "rollback":
      return `rolled back${reason}`;
    default:
      return why satisfies never;
  }
}

function gpuOf({ gpu, total, used, free, residents }: GpuLoad): PlanGpu {
  return {
    id: gpu,
    total_bytes: total ?? null,
    used_bytes: used,
    free_bytes: free ?? null,
    engines: residents.map(({ engine, vram }) => ({ name: engine, vram_bytes: vram })),
  };
}

/** What is wrong whatever the time: memory that nobody knows, engines that never fit. */
function memoryWarnings(machine: Machine): string[] {
  const { specs } = machine;
  const loads = loadsOf([], machine);
  const unknown = loads.filter(({ total }) => total === undefined).map(({ gpu }) => gpu);
  const unsaid = specs.filter(({ gpus, vram }) => gpus.length > 0 && vram === 0).map(({ name }) => name);
  const tooLarge = specs.flatMap(({ name }) =>
    loadsOf([name], machine)
      .filter((load) => !fits([load]))
      .map(sumText),
  );
  return [
    ...(unknown.length === 0 ? [] : [`The memory of GPU ${unknown.join(", ")} is not known: what fits there is not looked at.`]),
    ...(unsaid.length === 0 ? [] : [`The memory that ${unsaid.join(", ")} will take is not known: it is counted as none. Give vram.`]),
    ...tooLarge.map((sum) => `It can never run: ${sum}.`),
  ];
}

function spanWarnings({ window, started }: PlanSpan, machine: Machine): string[] {
  const crowded = loadsOf(started, machine).filter((load) => !fits([load]) && load.residents.length > 1);
  return crowded.map((load) => `${window ?? "What always runs"} does not fit: ${sumText(load)}, ${gibText(-(load.free ?? 0))} too much.`);
}

function dayOf(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): PlanDay {
  const changes: { at: string; utc_offset: string }[] = [];
  for (
    let next = start.getTimeZoneTransition("next");
    next !== null && next.epochMilliseconds < end.epochMilliseconds;
    next = next.getTimeZoneTransition("next")
  )
    changes.push({ at: isoOf(next.epochMilliseconds), utc_offset: next.offset });
  return {
    date: start.toPlainDate().toString(),
    from: isoOf(start.epochMilliseconds),
    to: isoOf(end.epochMilliseconds),
    utc_offset: start.offset,
    clock_changes: changes,
  };
}

function timeZoneOf({ timeZone = Temporal.Now.timeZoneId() }: Calendar["schedule"]): string {
  return timeZone;
}

function isoOf(moment: number): string {
  return new Date(moment).toISOString();
}
