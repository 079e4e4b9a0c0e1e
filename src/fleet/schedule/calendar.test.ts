import { describe, expect, test } from "bun:test";
import { closesFor, mayRun, opensFor, windowAt } from "./calendar.ts";
import type { Override } from "./overrides.ts";
import { calendarOf, DAY, minutes, NIGHT, overrideOf } from "./schedule.fixture.ts";
import type { Calendar, Window } from "./schedule.ts";

const at = (time: string) => Date.parse(time);
const timeOf = (moment: number | undefined) => (moment === undefined ? undefined : new Date(moment).toISOString().replace(":00.000Z", "Z"));

const SEED = calendarOf([NIGHT, DAY]);
const LATE: Window = { name: "late", hours: { from: minutes("22:00"), to: minutes("03:00") }, engines: ["short"], preload: [] };
const FRIDAY: Window = { name: "friday", hours: { from: minutes("20:00"), to: minutes("04:00"), days: [5] }, engines: ["large"], preload: [] };
const ALL_DAY: Window = { name: "all-day", hours: { from: 0, to: 0 }, engines: ["long"], preload: [] };
const rolledBack: Override = { ...overrideOf("day", "2026-11-20T01:10Z", "2026-11-20T05:00Z"), cause: "rollback", by: "supervisor" };

const MOMENTS: readonly [what: string, calendar: Calendar, now: string, window: string | undefined, since: string | undefined, until: string | undefined][] = [
  ["by day", SEED, "2026-11-20T12:00Z", "day", "2026-11-20T05:00Z", "2026-11-21T01:00Z"],
  ["the first moment of the night", SEED, "2026-11-20T01:00Z", "night", "2026-11-20T01:00Z", "2026-11-20T05:00Z"],
  ["the last before it", SEED, "2026-11-20T00:59:59.999Z", "day", "2026-11-19T05:00Z", "2026-11-20T01:00Z"],
  ["over midnight", calendarOf([LATE, DAY]), "2026-11-20T23:30Z", "late", "2026-11-20T21:00Z", "2026-11-21T02:00Z"],
  ["of two that hold the first", calendarOf([LATE, NIGHT, DAY]), "2026-11-20T01:30Z", "late", "2026-11-19T21:00Z", "2026-11-20T02:00Z"],
  ["then the other", calendarOf([LATE, NIGHT, DAY]), "2026-11-20T02:30Z", "night", "2026-11-20T02:00Z", "2026-11-20T05:00Z"],
  ["otherwise, wherever it stands", calendarOf([DAY, NIGHT]), "2026-11-20T02:30Z", "night", "2026-11-20T01:00Z", "2026-11-20T05:00Z"],
  ["on Saturday what began on Friday", calendarOf([FRIDAY, DAY]), "2026-11-21T02:00Z", "friday", "2026-11-20T19:00Z", "2026-11-21T03:00Z"],
  ["until Friday comes", calendarOf([FRIDAY, DAY]), "2026-11-21T03:00Z", "day", "2026-11-21T03:00Z", "2026-11-27T19:00Z"],
  ["none, where there is no otherwise", calendarOf([NIGHT]), "2026-11-20T12:00Z", undefined, "2026-11-20T05:00Z", "2026-11-21T01:00Z"],
  ["always the same", calendarOf([DAY]), "2026-11-20T12:00Z", "day", undefined, undefined],
  ["all day, and no boundary at midnight", calendarOf([ALL_DAY, DAY]), "2026-11-20T12:00Z", "all-day", undefined, undefined],
  ["without windows", calendarOf([]), "2026-11-20T12:00Z", undefined, undefined, undefined],
  // On 29 March 2026 Berlin's clocks go from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
  ["three hours of a night that the clocks cut", SEED, "2026-03-29T01:00Z", "night", "2026-03-29T01:00Z", "2026-03-29T04:00Z"],
  ["five of one that they lengthen", SEED, "2026-10-25T04:59Z", "night", "2026-10-25T00:00Z", "2026-10-25T05:00Z"],
  [
    "an override",
    calendarOf([NIGHT, DAY], [overrideOf("night", "2026-11-20T12:00Z", "2026-11-20T14:00Z")]),
    "2026-11-20T12:00Z",
    "night",
    "2026-11-20T12:00Z",
    "2026-11-20T14:00Z",
  ],
  [
    "its end",
    calendarOf([NIGHT, DAY], [overrideOf("night", "2026-11-20T12:00Z", "2026-11-20T14:00Z")]),
    "2026-11-20T14:00Z",
    "day",
    "2026-11-20T14:00Z",
    "2026-11-21T01:00Z",
  ],
  [
    "one that lasts over boundaries",
    calendarOf([NIGHT, DAY], [overrideOf("day", "2026-11-20T12:00Z", "2027-02-01T12:00Z")]),
    "2026-11-25T12:00Z",
    "day",
    "2026-11-20T12:00Z",
    "2027-02-01T12:00Z",
  ],
  ["a rollback", calendarOf([NIGHT, DAY], [rolledBack]), "2026-11-20T02:00Z", "day", "2026-11-20T01:10Z", "2026-11-20T05:00Z"],
];

test.each(MOMENTS)("%s", (_what, calendar, now, window, since, until) => {
  const standing = windowAt(calendar, at(now));
  expect([standing.window, timeOf(standing.since), timeOf(standing.until)]).toEqual([window, since, until]);
});

test("a standing says what may run, what is started, and why", () => {
  const { since: _, until: __, ...night } = windowAt(SEED, at("2026-11-20T02:00Z"));
  expect(night).toEqual({ window: "night", engines: ["large"], preload: ["large"], why: "schedule", override: undefined });
  const { why, override } = windowAt(calendarOf([NIGHT, DAY], [rolledBack]), at("2026-11-20T02:00Z"));
  expect([why, override]).toEqual(["rollback", rolledBack]);
  expect(windowAt(calendarOf([NIGHT, DAY], [overrideOf("day", "2026-11-20T01:10Z", "2026-11-20T05:00Z")]), at("2026-11-20T02:00Z")).why).toBe("override");
  expect(windowAt(calendarOf([NIGHT]), at("2026-11-20T12:00Z"))).toMatchObject({ window: undefined, engines: [], preload: [] });
});

describe("when an engine may run", () => {
  const far = calendarOf([NIGHT, DAY], [overrideOf("day", "2026-11-20T12:00Z", "2027-02-01T12:00Z")]);
  const ENGINES: readonly [what: string, engine: string, calendar: Calendar, now: string, opens: string | undefined, closes: string | undefined][] = [
    ["now", "long", SEED, "2026-11-20T12:00Z", "2026-11-20T12:00Z", "2026-11-21T01:00Z"],
    ["tonight", "large", SEED, "2026-11-20T12:00Z", "2026-11-21T01:00Z", "2026-11-20T05:00Z"],
    ["in six days", "large", calendarOf([FRIDAY, DAY]), "2026-11-21T12:00Z", "2026-11-27T19:00Z", "2026-11-21T03:00Z"],
    ["always, as no window names it", "other", SEED, "2026-11-20T12:00Z", "2026-11-20T12:00Z", undefined],
    [
      "always, as every window does",
      "both",
      calendarOf([
        { ...NIGHT, engines: ["both"] },
        { ...DAY, engines: ["both"] },
      ]),
      "2026-11-20T12:00Z",
      "2026-11-20T12:00Z",
      undefined,
    ],
    [
      "never, as its window does not open",
      "large",
      calendarOf([{ ...NIGHT, hours: { from: 0, to: 60, days: [] } }, DAY]),
      "2026-11-20T12:00Z",
      undefined,
      "2026-11-20T12:00Z",
    ],
    ["over a boundary that keeps it", "short", calendarOf([LATE, DAY]), "2026-11-20T12:00Z", "2026-11-20T12:00Z", undefined],
    ["after an override of months", "large", far, "2026-11-21T12:00Z", "2027-02-02T01:00Z", "2026-11-20T05:00Z"],
  ];
  test.each(ENGINES)("%s", (_what, engine, calendar, now, opens, closes) => {
    expect([timeOf(opensFor(engine, calendar, at(now))), timeOf(closesFor(engine, calendar, at(now)))]).toEqual([opens, closes]);
    expect(mayRun(engine, calendar, at(now))).toBe(opens === now);
  });
});
