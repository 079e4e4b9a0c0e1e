import { describe, expect, test } from "bun:test";
import { planText } from "../../../src/cli/fleet/plan-text.ts";
import { closesFor, mayRun, opensFor, windowAt } from "../../../src/fleet/schedule/calendar.ts";
import { checkSchedule } from "../../../src/fleet/schedule/checks.ts";
import type { Override } from "../../../src/fleet/schedule/overrides.ts";
import { planRows } from "../../../src/fleet/schedule/plan.ts";
import { rollbackOf } from "../../../src/fleet/schedule/rollback.ts";
import type { Calendar, Schedule } from "../../../src/fleet/schedule/schedule.ts";
import { blockOf } from "../../docs/blocks.ts";
import { exampleSnapshot, fleetOf } from "./example.ts";

/** A day of seed 002 by its calendar alone: what is to run at which moment. All of it by Moscow's clocks, three hours before UTC. */
const { schedule, machine } = fleetOf("seed-002.yaml");
const CALENDAR: Calendar = { schedule, overrides: [] };
const LARGE = "qwen_72b_dual";
const MINUTE = 60_000;
const at = (time: string) => Date.parse(`2026-11-23T${time}+03:00`);
const timeOf = (moment: number | undefined) => (moment === undefined ? undefined : new Date(moment + 180 * MINUTE).toISOString().slice(8, 16));
const { engines: smallModels, preload: daySet } = schedule.windows.find(({ name }) => name === "day") ?? { engines: [], preload: [] };

const HOURS: readonly [time: string, window: string, started: readonly string[], until: string][] = [
  ["00:00", "day", daySet, "23T02:00"],
  ["01:59", "day", daySet, "23T02:00"],
  ["02:00", "night", [LARGE], "23T06:00"],
  ["05:59", "night", [LARGE], "23T06:00"],
  ["06:00", "day", daySet, "24T02:00"],
  ["23:59", "day", daySet, "24T02:00"],
];
test.each(HOURS)("at %s it is %s", (time, window, started, until) => {
  const standing = windowAt(CALENDAR, at(time));
  expect([standing.window, standing.preload, timeOf(standing.until), standing.why]).toEqual([window, started, until, "schedule"]);
});

test("every engine has its hours, minute by minute", () => {
  for (let minute = 0; minute < 24 * 60; minute++) {
    const now = at("00:00") + minute * MINUTE;
    const night = minute >= 120 && minute < 360;
    expect([minute, mayRun(LARGE, CALENDAR, now), smallModels.every((engine) => mayRun(engine, CALENDAR, now) !== night)]).toEqual([minute, night, true]);
  }
});

test("who asks for the large model by day is told when it comes, by night until when it stays", () => {
  expect(timeOf(opensFor(LARGE, CALENDAR, at("12:00")))).toBe("24T02:00");
  expect(timeOf(opensFor(LARGE, CALENDAR, at("02:30")))).toBe("23T02:30");
  expect(timeOf(closesFor(LARGE, CALENDAR, at("02:30")))).toBe("23T06:00");
  expect(timeOf(opensFor("llama_0", CALENDAR, at("02:30")))).toBe("23T06:00");
});

test("asked after 02:00, before a restart and after it, the small models had to end at 02:00", () => {
  expect([closesFor("llama_0", CALENDAR, at("02:04")), closesFor("llama_0", { ...CALENDAR }, at("02:04"))]).toEqual([at("02:00"), at("02:00")]);
});

test("a restart at any minute finds what was there before it", () => {
  for (let minute = 0; minute < 24 * 60; minute += 7) {
    const now = at("00:00") + minute * MINUTE;
    expect(windowAt({ schedule, overrides: [] }, now)).toEqual(windowAt(CALENDAR, now));
  }
});

describe("what is not as every day", () => {
  const override: Override = { window: "night", at: at("13:00"), until: at("15:30"), by: "ann", cause: "operator" };
  const overridden: Calendar = { schedule, overrides: [override] };

  test("an override brings the large model at noon, and its expiry takes it away", () => {
    const windows = ["12:59", "13:00", "15:29", "15:30"].map((time) => windowAt(overridden, at(time)).window);
    expect(windows).toEqual(["day", "night", "night", "day"]);
    expect(timeOf(closesFor(LARGE, overridden, at("14:00")))).toBe("23T15:30");
  });

  test("a large model that fails to start gives its night back to the others, and comes again the next one", () => {
    const back = rollbackOf(CALENDAR, at("02:20"), "qwen_72b_dual would not start");
    if (back === undefined) throw new Error("There is a way back from night to day.");
    const calendar: Calendar = { schedule, overrides: [back] };
    const standings = ["02:20", "05:59", "06:00"].map((time) => windowAt(calendar, at(time)));
    expect(standings.map(({ window, why }) => [window, why])).toEqual([
      ["day", "rollback"],
      ["day", "rollback"],
      ["day", "schedule"],
    ]);
    expect(timeOf(opensFor(LARGE, calendar, at("02:20")))).toBe("24T02:00");
    expect(rollbackOf(calendar, at("02:40"), "nor would the others")).toBeUndefined();
  });

  const berlin: Schedule = { ...schedule, timeZone: "Europe/Berlin" };
  const NIGHTS: readonly [date: string, what: string, hours: number][] = [
    ["2026-03-28", "a night like others", 4],
    ["2026-03-29", "the night that loses an hour", 3],
    ["2026-10-25", "the night that gains one", 5],
  ];
  test.each(NIGHTS)("%s in Berlin is %s", (date, _what, hours) => {
    const { spans } = planRows({ calendar: { schedule: berlin, overrides: [] }, machine, firstDay: date, days: 1 });
    const nights = spans.filter(({ window }) => window === "night").map(({ from, to }) => (Date.parse(to) - Date.parse(from)) / (60 * MINUTE));
    expect(nights).toEqual([hours]);
  });
});

test.each(["seed-002.yaml", "day-and-night.yaml"])("examples/%s is loaded without a problem, and nothing is told of it", (example) => {
  expect(exampleSnapshot(example).notices).toEqual([]);
});

test("seed 002 has nine engines, and not all of a GPU's fit there at once", () => {
  expect(machine.specs.map(({ name }) => name)).toEqual([
    ...["llama_0", "qwen_coder_0", "deepseek_r1_0"],
    ...["llama_1", "qwen_coder_1", "deepseek_r1_1", "bge_m3_1", "bge_reranker_1"],
    LARGE,
  ]);
  const greedy: Schedule = { ...schedule, windows: schedule.windows.map((window) => ({ ...window, preload: window.engines })) };
  const sum = "GPU 0: llama_0 22 GiB + qwen_coder_0 20 GiB + deepseek_r1_0 20 GiB = 62 GiB of 24 GiB";
  expect(checkSchedule(greedy, machine).map(({ message }) => message)).toEqual([
    expect.stringContaining(`what day starts does not fit: ${sum}; GPU 1: llama_1`),
  ]);
});

test("what docs/schedule.md shows of a plan is what is printed", () => {
  const shown = fleetOf("day-and-night.yaml");
  const plan = planRows({ calendar: { schedule: shown.schedule, overrides: [] }, machine: shown.machine, firstDay: "2026-11-23", days: 1 });
  expect(`${planText(plan)}\n`).toBe(blockOf("schedule.md", "text", ""));
});
