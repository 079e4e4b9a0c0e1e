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
  return spellAt(hours, now).within;
}

/** When it is open next: `now` itself inside; `undefined` when that is never, as with no days. Milliseconds since 1970. */
export function opensAt(hours: Hours, now: number): number | undefined {
  const { within, until } = spellAt(hours, now);
  return within ? now : until;
}

/** When it opens or closes next, after `now`: open all day it does both at midnight. `undefined`: never. Milliseconds since 1970. */
export function changesAt(hours: Hours, now: number): number | undefined {
  return spellAt(hours, now).until;
}

/** What holds from one change to the next. Milliseconds since 1970. */
interface Spell {
  readonly within: boolean;
  readonly from: number;
  /** Absent: for ever. */
  readonly until: number | undefined;
}

/** The calendar is asked when something has changed, not at every request. */
const spells = new WeakMap<Hours, Spell>();

function spellAt(hours: Hours, now: number): Spell {
  const known = spells.get(hours);
  if (known !== undefined && known.from <= now && (known.until === undefined || now < known.until)) return known;
  const spell = findSpell(hours, now);
  spells.set(hours, spell);
  return spell;
}

/** Yesterday's may last until now, and one that was today's last is due in a week; in another, if the clocks skip that. */
const DAYS = Array.from({ length: 16 }, (_, index) => index - 1);

function findSpell({ from, to, days, timeZone = Temporal.Now.timeZoneId() }: Hours, now: number): Spell {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate();
  const moment = (day: Temporal.PlainDate, minutes: number) => momentOf(day.toZonedDateTime({ timeZone, plainTime: timeOf(minutes) }), minutes);
  for (const distance of DAYS) {
    const day = today.add({ days: distance });
    if (days !== undefined && !days.includes(day.dayOfWeek % 7)) continue;
    const opens = moment(day, from);
    const closes = moment(to > from ? day : day.add({ days: 1 }), to);
    if (now >= closes || opens >= closes) continue;
    return now < opens ? { within: false, from: now, until: opens } : { within: true, from: now, until: closes };
  }
  return { within: false, from: now, until: undefined };
}

/** A time that the clocks skip is the moment at which they do. */
function momentOf(found: Temporal.ZonedDateTime, minutes: number): number {
  const skipped = found.hour * 60 + found.minute !== minutes;
  return ((skipped ? found.add({ milliseconds: 1 }).getTimeZoneTransition("previous") : undefined) ?? found).epochMilliseconds;
}

function timeOf(minutes: number): Temporal.PlainTime {
  return Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
}
