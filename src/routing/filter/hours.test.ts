import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Hours } from "../../vocabulary/hours.ts";
import { hoursOf } from "./hours.ts";

const at = (text: string) => Date.parse(text);
const told = (hours: Hours, text: string) => {
  const watched = hoursOf(hours);
  const changes = watched.changes(at(text));
  return `${watched.open(at(text)) ? "open" : "closed"} until ${Number.isFinite(changes) ? new Date(changes).toISOString().slice(0, 16) : "ever"}`;
};
const night: Hours = { from: 22 * 60, to: 6 * 60, timeZone: "Europe/Moscow" };
const office: Hours = { from: 9 * 60, to: 17 * 60 + 30, days: [1, 2, 3, 4, 5], timeZone: "Europe/Berlin" };

describe("hours", () => {
  test.each<[string, Hours, string, string]>([
    ["a day's", office, "2026-11-20T10:00Z", "open until 2026-11-20T16:30"],
    ["its first minute is inside", office, "2026-11-20T08:00Z", "open until 2026-11-20T16:30"],
    ["its last is not", office, "2026-11-20T16:30Z", "closed until 2026-11-23T08:00"],
    ["not yet", office, "2026-11-20T07:59Z", "closed until 2026-11-20T08:00"],
    ["a weekend", office, "2026-11-21T10:00Z", "closed until 2026-11-23T08:00"],
    ["a night, before midnight", night, "2026-11-20T20:00Z", "open until 2026-11-21T03:00"],
    ["a night, after midnight", night, "2026-11-20T23:00Z", "open until 2026-11-21T03:00"],
    ["the day between two nights", night, "2026-11-20T12:00Z", "closed until 2026-11-20T19:00"],
    ["a night counts for the day on which it begins", { ...night, days: [5] }, "2026-11-20T23:00Z", "open until 2026-11-21T03:00"],
    ["and not for the one on which it ends", { ...night, days: [6] }, "2026-11-20T23:00Z", "closed until 2026-11-21T19:00"],
    ["once a week, and it has passed", { ...office, days: [5] }, "2026-11-20T18:00Z", "closed until 2026-11-27T08:00"],
    ["from a time to the same: a whole day", { from: 60, to: 60, timeZone: "UTC" }, "2026-11-20T00:30Z", "open until 2026-11-20T01:00"],
    ["until midnight", { from: 18 * 60, to: 0, timeZone: "UTC" }, "2026-11-20T23:59Z", "open until 2026-11-21T00:00"],
    ["on no day", { ...night, days: [] }, "2026-11-20T23:00Z", "closed until ever"],
    ["the night on which clocks go back is longer", { from: 60, to: 240, timeZone: "Europe/Berlin" }, "2026-10-25T01:30Z", "open until 2026-10-25T03:00"],
    ["a time that is skipped", { from: 150, to: 240, timeZone: "Europe/Berlin" }, "2026-03-29T00:00Z", "closed until 2026-03-29T01:30"],
  ])("%s", (_name, hours, time, expected) => {
    expect(told(hours, time)).toBe(expected);
  });

  test("what is remembered is what would be found anew, whichever way the clock goes", () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const days = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { nil: undefined });
    const hours = fc.record({ from: minute, to: minute, days, timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata") });
    const times = fc.array(fc.integer({ min: 0, max: 20 * 24 * 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(hours, times, (written, minutes) => {
        const watched = hoursOf(written);
        for (const each of minutes) {
          const now = at("2026-10-20T00:00Z") + each * 60_000;
          expect([watched.open(now), watched.changes(now)]).toEqual([hoursOf(written).open(now), hoursOf(written).changes(now)]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
