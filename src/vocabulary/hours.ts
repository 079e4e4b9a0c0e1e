/** A time of day, on some days, somewhere. */
export interface Hours {
  /** Minutes after midnight; the first of them inside. */
  readonly from: number;
  /** Minutes after midnight; the first of them outside. Not later than `from`: the next day. */
  readonly to: number;
  /** 0 is Sunday, on which the time begins; absent: every day. */
  readonly days?: readonly number[];
  /** By its name in the time zone database; absent: this machine's. */
  readonly timeZone?: string;
}

/** Is this moment inside? Milliseconds since 1970. An hour that the clocks skip is nowhere, one that they repeat is there twice. */
export function isWithin(hours: Hours, now: number): boolean {
  const { day, minute } = localTime(now, hours.timeZone);
  const onDay = (weekday: number) => hours.days === undefined || hours.days.includes(weekday);
  if (hours.from < hours.to) return minute >= hours.from && minute < hours.to && onDay(day);
  // Over midnight: what is left of yesterday's, or the beginning of today's.
  return (minute >= hours.from && onDay(day)) || (minute < hours.to && onDay((day + 6) % 7));
}

const MINUTE = 60_000;
/** A week, and the hour by which the clocks may move. */
const FARTHEST = 7 * 24 * 60 + 60;

/** When it is open next: `now` itself inside; `undefined` when that is never, as with no days. Milliseconds since 1970, on a whole minute. */
export function opensAt(hours: Hours, now: number): number | undefined {
  if (isWithin(hours, now)) return now;
  const start = Math.floor(now / MINUTE) * MINUTE;
  let minutes = 1;
  while (minutes <= FARTHEST) {
    const at = start + minutes * MINUTE;
    if (isWithin(hours, at)) return at;
    minutes += stepTowards(hours, at);
  }
  return undefined;
}

/** Minutes that can be passed over without missing the opening: up to an hour before it, in which the clocks may move. */
function stepTowards(hours: Hours, at: number): number {
  const { minute } = localTime(at, hours.timeZone);
  const left = (hours.from - minute + 1440) % 1440;
  return Math.max(1, left - 120);
}

interface LocalTime {
  /** 0 is Sunday. */
  readonly day: number;
  /** After midnight. */
  readonly minute: number;
}

const WEEKDAYS: readonly string[] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A time zone's clock, and what it last showed: within a minute it shows the same. */
interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  minute: number;
  shows: LocalTime;
}

/** One for each time zone the config names: making one takes a thousand times as long as using it. */
const clocks = new Map<string, ZoneClock>();

function localTime(now: number, timeZone = ""): LocalTime {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    const zone = timeZone === "" ? undefined : timeZone;
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    clocks.set(timeZone, (clock = { format, minute: Number.NaN, shows: { day: 0, minute: 0 } }));
  }
  const minute = Math.floor(now / MINUTE);
  if (clock.minute !== minute) {
    clock.shows = shownBy(clock.format, minute * MINUTE);
    clock.minute = minute;
  }
  return clock.shows;
}

function shownBy(format: Intl.DateTimeFormat, time: number): LocalTime {
  const parts = format.formatToParts(time);
  const value = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return { day: WEEKDAYS.indexOf(value("weekday")), minute: Number(value("hour")) * 60 + Number(value("minute")) };
}
