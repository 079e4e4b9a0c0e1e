import { expect, test } from "bun:test";
import fc from "fast-check";
import { isWithin } from "../../vocabulary/hours.ts";
import { boundaries } from "./boundaries.ts";
import { closesFor, mayRun, opensFor, windowAt } from "./calendar.ts";
import { type Override, overrideAt } from "./overrides.ts";
import { calendarOf, DAY, NIGHT, overrideOf } from "./schedule.fixture.ts";
import type { Calendar, Window } from "./schedule.ts";

const MINUTE = 60_000;
/** Within days of it the clocks of Berlin and of New York change, and those of Lord Howe have by half an hour. */
const START = Date.parse("2026-10-22T00:00Z");
const DAYS = 12;

const minuteOfDay = fc.integer({ min: 0, max: 1439 });
const moment = fc.integer({ min: 0, max: DAYS * 24 * 60 }).map((minutes) => START + minutes * MINUTE);
const someDays = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { nil: undefined });
const someHours = fc.option(fc.record({ from: minuteOfDay, to: minuteOfDay, days: someDays }), { nil: undefined, freq: 4 });
const ENGINES = ["one", "two", "three"];
const someWindows = fc
  .array(fc.record({ hours: someHours, engines: fc.subarray(ENGINES) }), { maxLength: 4 })
  .map((all) => all.map((window, index): Window => ({ ...window, name: `window ${index}`, preload: [] })));
const someOverride = fc
  .record({ number: fc.integer({ min: 0, max: 4 }), at: moment, minutes: fc.integer({ min: 1, max: 5000 }) })
  .map(({ number, at, minutes }): Override => ({ window: `window ${number}`, at, until: at + minutes * MINUTE, by: "ann", cause: "operator" }));
const someCalendar: fc.Arbitrary<Calendar> = fc.record({
  schedule: fc.record({ timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"), windows: someWindows }),
  overrides: fc.array(someOverride, { maxLength: 3 }),
});

/** What holds, looked up without any boundary. */
function plainly(calendar: Calendar): (now: number) => readonly [window: string | undefined, override: Override | undefined] {
  const { timeZone, windows } = calendar.schedule;
  const timed = windows.flatMap(({ name, hours }) => (hours === undefined ? [] : [{ name, hours: { ...hours, timeZone } }]));
  return (now) => {
    const override = overrideAt(calendar, now);
    if (override !== undefined) return [override.window, override];
    return [timed.find(({ hours }) => isWithin(hours, now))?.name ?? windows.find(({ hours }) => hours === undefined)?.name, undefined];
  };
}

test("every boundary is found, and there are no others", () => {
  fc.assert(
    fc.property(someCalendar, moment, (calendar, from) => {
      const holdingAt = plainly(calendar);
      const to = from + 2 * 24 * 60 * MINUTE;
      const changes: number[] = [];
      for (let now = from; now < to; now += MINUTE) if (holdingAt(now - 1).some((part, index) => part !== holdingAt(now)[index])) changes.push(now);
      const found = [...boundaries(calendar, from, to)];
      expect(found.map(({ at }) => at)).toEqual(changes);
      for (const { at, window, override } of found) expect([window?.name, override]).toEqual([...holdingAt(at)]);
    }),
    { numRuns: 40 },
  );
});

test("between two boundaries nothing changes, and whoever begins to ask at any moment is told the same", () => {
  fc.assert(
    fc.property(someCalendar, moment, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (calendar, now, part) => {
      const standing = windowAt(calendar, now);
      const { since = now - 30 * 24 * 60 * MINUTE, until = now + 30 * 24 * 60 * MINUTE } = standing;
      expect([since <= now, now < until]).toEqual([true, true]);
      const holdingAt = plainly(calendar);
      for (const other of [since, since + Math.floor(part * (until - since)), until - 1]) {
        expect(windowAt({ ...calendar }, other)).toEqual(standing);
        expect(windowAt(calendar, other)).toEqual(standing);
        expect([standing.window, standing.override]).toEqual([...holdingAt(other)]);
      }
      if (standing.until !== undefined) expect(holdingAt(until)).not.toEqual(holdingAt(until - 1));
      if (standing.since !== undefined) expect(holdingAt(since)).not.toEqual(holdingAt(since - 1));
    }),
    { numRuns: 60 },
  );
});

test("an engine opens at the first moment at which it may run, and closes at the first at which it may not", () => {
  fc.assert(
    fc.property(someCalendar, moment, fc.constantFrom(...ENGINES), (calendar, now, engine) => {
      const may = (when: number) => mayRun(engine, calendar, when);
      const edges = [...boundaries(calendar, now, now + 14 * 24 * 60 * MINUTE)].map(({ at }) => at);
      const opens = may(now) ? now : edges.find(may);
      if (opens !== undefined) expect(opensFor(engine, calendar, now)).toBe(opens);
      const closes = closesFor(engine, calendar, now);
      if (may(now)) expect(closes).toBe(edges.find((edge) => !may(edge)) ?? closes);
      else if (closes !== now) expect([may((closes ?? 0) - 1), may(closes ?? 0)]).toEqual([true, false]);
    }),
    { numRuns: 40 },
  );
});

test("two stretches give the boundaries of one", () => {
  const calendar = calendarOf([NIGHT, DAY], [overrideOf("night", "2026-11-20T12:00Z", "2026-11-20T14:00Z")]);
  const [from, middle, to] = ["2026-11-20T01:00Z", "2026-11-20T12:00Z", "2026-11-21T05:00Z"].map(Date.parse) as [number, number, number];
  const times = (begin: number, end: number) => [...boundaries(calendar, begin, end)].map(({ at }) => new Date(at).toISOString().slice(5, 16));
  expect(times(from, to)).toEqual(["11-20T01:00", "11-20T05:00", "11-20T12:00", "11-20T14:00", "11-21T01:00"]);
  expect([...times(from, middle), ...times(middle, to)]).toEqual(times(from, to));
});
