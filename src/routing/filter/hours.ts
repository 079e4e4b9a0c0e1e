import type { Hours as Written } from "../../vocabulary/hours.ts";

/** A time of day, looked at often: the calendar is asked only when it has changed. Times are milliseconds since 1970. */
export interface Hours {
  open(now: number): boolean;
  /** When it opens next, or closes if it is open; never: infinity. */
  changes(now: number): number;
}

/** What holds from one change to the next. */
interface Spell {
  readonly open: boolean;
  readonly from: number;
  readonly until: number;
}

export function hoursOf(written: Written): Hours {
  let spell: Spell = { open: false, from: 0, until: 0 };
  const at = (now: number): Spell => {
    if (now < spell.from || now >= spell.until) spell = spellAt(written, now);
    return spell;
  };
  return { open: (now) => at(now).open, changes: (now) => at(now).until };
}

/** Yesterday's may last until now, and one that was today's last is due in a week. */
const DAYS = [-1, 0, 1, 2, 3, 4, 5, 6, 7];

function spellAt({ from, to, days, timeZone = Temporal.Now.timeZoneId() }: Written, now: number): Spell {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
  const moment = (day: Temporal.PlainDate, minutes: number) => day.toZonedDateTime({ timeZone, plainTime: timeOf(minutes) }).epochMilliseconds;
  for (const distance of DAYS) {
    const day = today.add({ days: distance });
    if (days !== undefined && !days.includes(day.dayOfWeek % 7)) continue;
    const opens = moment(day, from);
    const closes = moment(to > from ? day : day.add({ days: 1 }), to);
    if (now < opens) return { open: false, from: now, until: opens };
    if (now < closes) return { open: true, from: now, until: closes };
  }
  return { open: false, from: now, until: Number.POSITIVE_INFINITY };
}

function timeOf(minutes: number): Temporal.PlainTime {
  return Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
}
