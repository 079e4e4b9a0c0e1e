import { describe, expect, test } from "bun:test";
import { type Override, overrideAt, overrideProblem, recentOverrides } from "./overrides.ts";
import { rollbackOf } from "./rollback.ts";
import { calendarOf, DAY, NIGHT, overrideOf, SCHEDULE } from "./schedule.fixture.ts";

const at = (time: string) => Date.parse(time);
const NOON = at("2026-11-20T12:00Z");

describe("of overrides", () => {
  const early = overrideOf("night", "2026-11-20T08:00Z", "2026-11-20T20:00Z");
  const later = overrideOf("day", "2026-11-20T11:00Z", "2026-11-20T14:00Z");
  const CASES: readonly [what: string, overrides: readonly Override[], now: string, held: Override | undefined][] = [
    ["the newest holds", [early, later], "2026-11-20T12:00Z", later],
    ["in whatever order they are", [later, early], "2026-11-20T12:00Z", later],
    ["the older before the newer was made", [early, later], "2026-11-20T10:59Z", early],
    ["the older again once the newer has expired", [early, later], "2026-11-20T14:00Z", early],
    ["none once all have", [early, later], "2026-11-20T20:00Z", undefined],
    ["of two as new the later in the list", [early, { ...early, window: "day" }], "2026-11-20T12:00Z", { ...early, window: "day" }],
    ["none of a window that is gone", [early, { ...later, window: "evening" }], "2026-11-20T12:00Z", early],
  ];
  test.each(CASES)("%s", (_what, overrides, now, held) => {
    expect(overrideAt(calendarOf([NIGHT, DAY], overrides), at(now))).toEqual(held);
  });

  test("all that is known of one survives JSON", () => {
    const full: Override = { ...early, reason: "a large batch" };
    expect(JSON.parse(JSON.stringify(full))).toEqual(full);
  });

  test("those that ended a fortnight ago and more need not be kept", () => {
    const old = overrideOf("day", "2026-10-01T00:00Z", "2026-11-01T00:00Z");
    expect(recentOverrides([old, early, later], NOON)).toEqual([early, later]);
  });
});

test.each([
  ["a good one", { window: "night", until: NOON + 1 }, undefined],
  ["a window mistyped", { window: "nigth", until: NOON + 1 }, { field: "window", message: "There is no window named nigth. Did you mean night?" }],
  [
    "a window that is not like any",
    { window: "evening", until: NOON + 1 },
    { field: "window", message: "There is no window named evening. There are night, day." },
  ],
  [
    "a time that has passed",
    { window: "night", until: NOON },
    { field: "until", message: "until is over already: it is 2026-11-20T12:00:00.000Z now. Name a later moment." },
  ],
] as const)("asked for %s", (_what, asked, problem) => {
  expect(overrideProblem(asked, SCHEDULE, NOON)).toEqual(problem);
});

test("asked for one where there are no windows", () => {
  expect(overrideProblem({ window: "night", until: NOON + 1 }, { windows: [] }, NOON)?.message).toBe(
    "There is no window named night. Add it under fleet.schedule.windows.",
  );
});

describe("the way back", () => {
  const reason = "large would not start";
  test("is the window before, until the next boundary", () => {
    const back = rollbackOf(calendarOf([NIGHT, DAY]), at("2026-11-20T01:10Z"), reason);
    expect(back).toEqual({ window: "day", until: at("2026-11-20T05:00Z"), by: "supervisor", at: at("2026-11-20T01:10Z"), cause: "rollback", reason });
  });

  test("from an override is what it took the place of, for as long as it would have held", () => {
    const back = rollbackOf(calendarOf([NIGHT, DAY], [overrideOf("night", "2026-11-20T12:00Z", "2026-11-20T14:00Z")]), at("2026-11-20T12:05Z"), reason);
    expect(back).toMatchObject({ window: "day", until: at("2026-11-20T14:00Z") });
  });

  const rolledBack: Override = { ...overrideOf("day", "2026-11-20T01:10Z", "2026-11-20T05:00Z"), cause: "rollback" };
  test.each([
    ["from a way back", calendarOf([NIGHT, DAY], [rolledBack]), "2026-11-20T01:20Z"],
    ["to the same window", calendarOf([NIGHT, DAY], [rolledBack]), "2026-11-20T05:10Z"],
    ["where nothing was before", calendarOf([DAY]), "2026-11-20T12:00Z"],
    ["to no window", calendarOf([NIGHT]), "2026-11-20T01:10Z"],
    [
      "that would never end",
      calendarOf([NIGHT, { ...DAY, hours: { from: 0, to: 0 } }].toReversed(), [overrideOf("night", "2026-11-20T01:00Z", "2026-11-20T02:00Z")]),
      "2026-11-20T12:00Z",
    ],
  ])("there is none %s", (_what, calendar, now) => {
    expect(rollbackOf(calendar, at(now), reason)).toBeUndefined();
  });
});
