import { describe, expect, test } from "bun:test";
import { dayAt, planRows } from "./plan.ts";
import type { Machine } from "./residents.ts";
import { calendarOf, DAY, MACHINE, NIGHT, overrideOf } from "./schedule.fixture.ts";

const GIB = 2 ** 30;
const planOf = (firstDay: string, days = 1, calendar = calendarOf([NIGHT, DAY]), machine: Machine = MACHINE) => planRows({ calendar, machine, firstDay, days });
const timesOf = (firstDay: string, days = 1, calendar = calendarOf([NIGHT, DAY])) =>
  planOf(firstDay, days, calendar).spans.map(({ from, to, window, why }) => [from.slice(5, 16), to.slice(5, 16), window, why]);

describe("spans", () => {
  test("go from boundary to boundary, not from midnight to midnight", () => {
    expect(timesOf("2026-11-20", 2)).toEqual([
      ["11-19T23:00", "11-20T01:00", "day", "schedule"],
      ["11-20T01:00", "11-20T05:00", "night", "schedule"],
      ["11-20T05:00", "11-21T01:00", "day", "schedule"],
      ["11-21T01:00", "11-21T05:00", "night", "schedule"],
      ["11-21T05:00", "11-21T23:00", "day", "schedule"],
    ]);
  });

  test("show overrides, also on hours that no window has", () => {
    const override = overrideOf("night", "2026-11-20T12:00Z", "2026-11-20T14:00Z");
    expect(timesOf("2026-11-20", 1, calendarOf([NIGHT], [override]))).toEqual([
      ["11-19T23:00", "11-20T01:00", null, "schedule"],
      ["11-20T01:00", "11-20T05:00", "night", "schedule"],
      ["11-20T05:00", "11-20T12:00", null, "schedule"],
      ["11-20T12:00", "11-20T14:00", "night", "override"],
      ["11-20T14:00", "11-20T23:00", null, "schedule"],
    ]);
    const { overrides, spans } = planOf("2026-11-20", 1, calendarOf([NIGHT], [{ ...override, reason: "a large batch" }]));
    expect(overrides).toEqual([
      { window: "night", by: "ann", cause: "operator", reason: "a large batch", from: "2026-11-20T12:00:00.000Z", until: "2026-11-20T14:00:00.000Z" },
    ]);
    expect(spans.map(({ because }) => because)).toEqual([
      "no window holds",
      "02:00 to 06:00",
      "no window holds",
      "override by ann: a large batch",
      "no window holds",
    ]);
    expect(planOf("2026-11-21", 1, calendarOf([NIGHT], [override])).overrides).toEqual([]);
  });

  test("say what is started, what comes when it is called, and what rests", () => {
    const [day, night] = planOf("2026-11-20").spans;
    expect(day).toMatchObject({ started: ["long", "short", "always"], on_demand: [], in_place_of_others: ["spare"], resting: ["large"] });
    expect(night).toMatchObject({ started: ["large", "always"], on_demand: [], in_place_of_others: [], resting: ["long", "short", "spare"] });
    const [lazy] = planOf(
      "2026-11-20",
      1,
      calendarOf([
        { ...DAY, preload: ["short"] },
        { ...NIGHT, hours: { from: 0, to: 60, days: [] } },
      ]),
    ).spans;
    expect(lazy).toMatchObject({ started: ["short", "always"], on_demand: ["long", "spare"], in_place_of_others: [] });
  });

  test("say what is left of each GPU", () => {
    expect(planOf("2026-11-20").spans[0]?.gpus).toEqual([
      { id: "0", total_bytes: 24 * GIB, used_bytes: 22 * GIB, free_bytes: 2 * GIB, engines: [{ name: "long", vram_bytes: 22 * GIB }] },
      {
        id: "1",
        total_bytes: 24 * GIB,
        used_bytes: 19.5 * GIB,
        free_bytes: 4.5 * GIB,
        engines: [
          { name: "short", vram_bytes: 18 * GIB },
          { name: "always", vram_bytes: 1.5 * GIB },
        ],
      },
    ]);
  });
});

describe("days", () => {
  const DAYS: readonly [day: string, hours: number, offset: string, changes: readonly { at: string; utc_offset: string }[]][] = [
    ["2026-11-20", 24, "+01:00", []],
    ["2026-03-29", 23, "+01:00", [{ at: "2026-03-29T01:00:00.000Z", utc_offset: "+02:00" }]],
    ["2026-10-25", 25, "+02:00", [{ at: "2026-10-25T01:00:00.000Z", utc_offset: "+01:00" }]],
  ];
  test.each(DAYS)("%s has %p hours", (date, hours, offset, changes) => {
    const [day] = planOf(date).days;
    expect(day).toMatchObject({ date, utc_offset: offset, clock_changes: changes });
    expect(Date.parse(day?.to ?? "") - Date.parse(day?.from ?? "")).toBe(hours * 3_600_000);
  });

  test("are those of the schedule's clocks", () => {
    const lateEvening = Date.parse("2026-11-20T23:30Z");
    expect(dayAt(calendarOf([]), lateEvening)).toBe("2026-11-21");
    expect(dayAt({ schedule: { timeZone: "UTC", windows: [] }, overrides: [] }, lateEvening)).toBe("2026-11-20");
  });

  test("that are none are refused", () => {
    expect(() => planOf("2026-02-30")).toThrow(RangeError);
  });
});

describe("warnings", () => {
  const WARNINGS: readonly [what: string, preload: readonly string[], machine: Machine, warnings: readonly string[]][] = [
    ["none", ["long", "short"], MACHINE, []],
    ["a set that does not fit, once", ["long", "spare"], MACHINE, ["day does not fit: GPU 0: long 22 GiB + spare 20 GiB = 42 GiB of 24 GiB, 18 GiB too much."]],
    [
      "an engine that never fits",
      [],
      {
        ...MACHINE,
        gpus: [
          { id: "0", total: 24 * GIB },
          { id: "1", total: 16 * GIB },
        ],
      },
      [
        "It can never run: GPU 1: short 18 GiB of 16 GiB.",
        "It can never run: GPU 1: large 22 GiB of 16 GiB.",
        "night does not fit: GPU 1: large 22 GiB + always 1.5 GiB = 23.5 GiB of 16 GiB, 7.5 GiB too much.",
      ],
    ],
    ["GPUs of which nothing is known", [], { ...MACHINE, gpus: [] }, ["The memory of GPU 0, 1 is not known: what fits there is not looked at."]],
    [
      "an engine of which nothing is known",
      [],
      { ...MACHINE, specs: [{ name: "long", gpus: ["0"], vram: 0, preload: false }] },
      ["The memory that long will take is not known: it is counted as none. Give vram."],
    ],
  ];
  test.each(WARNINGS)("%s", (_what, preload, machine, warnings) => {
    expect(planOf("2026-11-20", 2, calendarOf([NIGHT, { ...DAY, preload }]), machine).warnings).toEqual([...warnings]);
  });
});
