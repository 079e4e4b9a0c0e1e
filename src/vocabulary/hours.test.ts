import { expect, test } from "bun:test";
import fc from "fast-check";
import { changesAt, type Hours, isWithin, opensAt } from "./hours.ts";

const at = (time: string) => Date.parse(time);
const NIGHT: Hours = { from: 22 * 60, to: 6 * 60, timeZone: "UTC" };
const MOSCOW: Hours = { from: 120, to: 360, timeZone: "Europe/Moscow" };
const WEEKDAYS: Hours = { from: 540, to: 1080, days: [1, 2, 3, 4, 5], timeZone: "Europe/Berlin" };
const FRIDAY_NIGHT: Hours = { ...NIGHT, days: [5] };
const BERLIN_TWO: Hours = { from: 120, to: 180, timeZone: "Europe/Berlin" };
const ALWAYS: Hours = { from: 0, to: 0, timeZone: "UTC" };
const NEVER: Hours = { from: 0, to: 60, days: [], timeZone: "UTC" };

const MOMENTS: readonly [what: string, hours: Hours, now: string, inside: boolean, opens: string | undefined][] = [
  ["before", MOSCOW, "2026-11-20T22:59:59Z", false, "2026-11-20T23:00:00Z"],
  ["the first moment", MOSCOW, "2026-11-20T23:00:00Z", true, "2026-11-20T23:00:00Z"],
  ["the last moment", MOSCOW, "2026-11-21T02:59:59.999Z", true, "2026-11-21T02:59:59.999Z"],
  ["just after", MOSCOW, "2026-11-21T03:00:00Z", false, "2026-11-21T23:00:00Z"],
  ["over midnight, in the evening", NIGHT, "2026-11-21T23:00:00Z", true, "2026-11-21T23:00:00Z"],
  ["over midnight, in the morning", NIGHT, "2026-11-21T05:59:00Z", true, "2026-11-21T05:59:00Z"],
  ["over midnight, by day", NIGHT, "2026-11-21T12:00:30Z", false, "2026-11-21T22:00:00Z"],
  ["on Saturday what began on Friday", FRIDAY_NIGHT, "2026-11-21T03:00:00Z", true, "2026-11-21T03:00:00Z"],
  ["on Saturday evening", FRIDAY_NIGHT, "2026-11-21T23:00:00Z", false, "2026-11-27T22:00:00Z"],
  ["on Friday morning", FRIDAY_NIGHT, "2026-11-20T03:00:00Z", false, "2026-11-20T22:00:00Z"],
  ["on a weekend", WEEKDAYS, "2026-11-21T11:00:00Z", false, "2026-11-23T08:00:00Z"],
  ["all day", ALWAYS, "2026-11-21T00:00:00Z", true, "2026-11-21T00:00:00Z"],
  ["on no day", NEVER, "2026-11-21T00:30:00Z", false, undefined],
  // On 29 March 2026 Berlin's clocks go from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
  ["in the hour that is skipped", BERLIN_TWO, "2026-03-29T00:59:00Z", false, "2026-03-30T00:00:00Z"],
  ["in the hour that comes twice, first", BERLIN_TWO, "2026-10-25T00:30:00Z", true, "2026-10-25T00:30:00Z"],
  ["in the hour that comes twice, again", BERLIN_TWO, "2026-10-25T01:30:00Z", true, "2026-10-25T01:30:00Z"],
  ["in the half hour after it, of hours that begin in it", { ...BERLIN_TWO, from: 150, to: 240 }, "2026-03-29T01:15:00Z", true, "2026-03-29T01:15:00Z"],
  ["once a week, and that has passed", { ...WEEKDAYS, days: [5] }, "2026-11-20T18:00:00Z", false, "2026-11-27T08:00:00Z"],
  ["until midnight", { from: 18 * 60, to: 0, timeZone: "UTC" }, "2026-11-20T23:59:00Z", true, "2026-11-20T23:59:00Z"],
  ["over the weekend of summer's end", WEEKDAYS, "2026-10-24T12:00:00Z", false, "2026-10-26T08:00:00Z"],
];

test.each(MOMENTS)("%s", (_what, hours, now, inside, opens) => {
  expect(isWithin(hours, at(now))).toBe(inside);
  const found = opensAt(hours, at(now));
  expect(found === undefined ? undefined : new Date(found).toISOString()).toBe(opens === undefined ? undefined : new Date(opens).toISOString());
});

const CHANGES: readonly [what: string, hours: Hours, now: string, changes: string | undefined][] = [
  ["inside", MOSCOW, "2026-11-20T23:00:00Z", "2026-11-21T03:00:00Z"],
  ["at its end", MOSCOW, "2026-11-21T03:00:00Z", "2026-11-21T23:00:00Z"],
  ["all day, at midnight and not for long", ALWAYS, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"],
  ["over an hour that comes twice", BERLIN_TWO, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"],
  ["on no day", NEVER, "2026-11-21T00:30:00Z", undefined],
];

test.each(CHANGES)("opens or closes next, %s", (_what, hours, now, changes) => {
  expect(changesAt(hours, at(now))).toBe(changes === undefined ? undefined : at(changes));
});

test("of this machine, when no time zone is named", () => {
  const now = new Date(2026, 5, 1, 12, 30).getTime();
  expect(isWithin({ from: 12 * 60, to: 13 * 60 }, now)).toBe(true);
  expect(isWithin({ from: 13 * 60, to: 14 * 60 }, now)).toBe(false);
});

test("what is remembered is what would be found anew, whichever way the clock goes", () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const days = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { nil: undefined });
  const someHours = fc.record({ from: minute, to: minute, days, timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata") });
  const times = fc.array(fc.integer({ min: 0, max: 20 * 24 * 60 }), { maxLength: 12 });
  fc.assert(
    fc.property(someHours, times, (hours, minutes) => {
      for (const each of minutes) {
        const now = at("2026-10-20T00:00Z") + each * 60_000;
        expect([isWithin(hours, now), opensAt(hours, now)]).toEqual([isWithin({ ...hours }, now), opensAt({ ...hours }, now)]);
      }
    }),
    { numRuns: 60 },
  );
});
