import { expect, test } from "bun:test";
import fc from "fast-check";
import { isWithin } from "../../vocabulary/hours.ts";
import { checkSchedule } from "./checks.ts";
import { calendarOf, DAY, MACHINE, minutes, NIGHT, SCHEDULE } from "./schedule.fixture.ts";
import type { Window } from "./schedule.ts";
import { holdsAt } from "./week.ts";

const hours = (from: string, to: string, days?: readonly number[]) => ({ from: minutes(from), to: minutes(to), days });
const window = (name: string, given: Partial<Window>): Window => ({ name, engines: [], preload: [], ...given });

/** As they are told: what kind, where, what, and what to do. */
const CASES: readonly [what: string, windows: readonly Window[], told: readonly string[]][] = [
  ["nothing of a sound one", SCHEDULE.windows, []],
  ["nothing where there are no windows", [], []],
  [
    "engines that are not there",
    [NIGHT, { ...DAY, engines: ["lonk", "zzz"], preload: ["shrot"] }],
    [
      "problem windows,1,engines,0: there is no engine named lonk. Did you mean long?",
      "problem windows,1,engines,1: there is no engine named zzz. Add it under fleet.engines.",
      "problem windows,1,preload,0: there is no engine named shrot. Did you mean short?",
    ],
  ],
  [
    "what is started and may not run",
    [NIGHT, { ...DAY, engines: ["long"] }],
    ["problem windows,1,preload,1: short is started, and is none of engines, which may run. Add it to engines."],
  ],
  [
    "two of a name",
    [NIGHT, { ...DAY, name: "night" }],
    ["problem windows,1,name: there is a window night already. Give each a name of its own: overrides name them."],
  ],
  [
    "two otherwise",
    [NIGHT, DAY, { ...DAY, name: "dusk" }],
    ["problem windows,2,otherwise: day is otherwise already. Only one window can be: give this one from and to."],
  ],
  [
    "hours that nobody has",
    [NIGHT],
    ["notice windows: no window holds on Sunday at 00:00: the engines that windows name rest then. Add a window with otherwise: true if some are to run."],
  ],
  ["nothing of windows that are there at all hours", [NIGHT, window("day", { hours: hours("06:00", "02:00") })], []],
  [
    "a window of no day",
    [window("never", { hours: hours("02:00", "06:00", []) }), DAY],
    ["notice windows,0,days: names no day: this window never opens. Name its days, or leave days out for all."],
  ],
  [
    "a window that ends when it begins",
    [window("nap", { hours: hours("02:00", "02:00") }), DAY],
    ["notice windows,0,to: is the same as from: 02:00 to 02:00 is a whole day, not no time. Give another end, or 00:00 to 24:00 for a day."],
  ],
  ["nothing of a whole day", [window("all-day", { hours: hours("00:00", "00:00") }), DAY], []],
  [
    "two that overlap",
    [NIGHT, window("late", { hours: hours("22:00", "03:00", [1]) }), DAY],
    [
      "notice windows,1: overlaps with night, as on Tuesday at 02:00, which holds then because it comes first. Change the hours of one, or put first what is to hold.",
    ],
  ],
  [
    "one that never holds",
    [NIGHT, window("nap", { hours: hours("03:00", "04:00") }), DAY],
    [
      "notice windows,1: overlaps with night, as on Sunday at 03:00, which holds then because it comes first: nap never holds. Change the hours of one, or put first what is to hold.",
    ],
  ],
  [
    "what does not fit",
    [NIGHT, { ...DAY, preload: ["long", "spare", "short"] }],
    [
      "notice windows,1,preload: what day starts does not fit: GPU 0: long 22 GiB + spare 20 GiB = 42 GiB of 24 GiB. Take some out of preload: they are started when they are called, and there is room.",
    ],
  ],
];

test.each(CASES)("tells %s", (_what, windows, told) => {
  const findings = checkSchedule(calendarOf(windows).schedule, MACHINE);
  expect(findings.map(({ kind, path, message, fix }) => `${kind} ${path}: ${message} ${fix}`)).toEqual([...told]);
});

test("engines that always run are counted with those that a window starts", () => {
  const specs = MACHINE.specs.map((spec) => (spec.name === "always" ? { ...spec, vram: 7 * 2 ** 30 } : spec));
  expect(checkSchedule(SCHEDULE, { ...MACHINE, specs }).map(({ message }) => message)).toEqual([
    "what night starts does not fit: GPU 1: large 22 GiB + always 7 GiB = 29 GiB of 24 GiB.",
    "what day starts does not fit: GPU 1: short 18 GiB + always 7 GiB = 25 GiB of 24 GiB.",
  ]);
});

test("nothing is told of what fits while nobody knows the GPUs", () => {
  expect(checkSchedule({ windows: [{ ...DAY, preload: ["long", "spare"] }] }, { ...MACHINE, gpus: [] })).toEqual([]);
});

test("the minutes of a week are those of the calendar", () => {
  const minute = fc.integer({ min: 0, max: 1439 });
  const days = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 })), { nil: undefined });
  // 2026-11-22 is a Sunday.
  const sunday = Date.parse("2026-11-22T00:00Z");
  fc.assert(
    fc.property(fc.record({ from: minute, to: minute, days }), fc.integer({ min: 0, max: 7 * 1440 - 1 }), (some, at) => {
      expect(holdsAt(some, at)).toBe(isWithin({ ...some, timeZone: "UTC" }, sunday + at * 60_000));
    }),
  );
});
