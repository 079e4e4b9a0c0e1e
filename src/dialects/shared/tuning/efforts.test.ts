import { expect, test } from "bun:test";
import { type Depth, effortOfBudget, nearestEffort } from "./efforts.ts";

test.each<[Depth, readonly Depth[], Depth | undefined]>([
  ["low", ["low", "high"], "low"],
  ["minimal", ["low", "high"], "low"],
  ["medium", ["low", "high"], "high"],
  ["max", ["low", "medium", "high"], "high"],
  ["xhigh", ["low", "medium", "high", "max"], "max"],
  ["high", ["low", "medium"], "medium"],
  ["low", ["high"], "high"],
  ["low", [], undefined],
])("%s among %j is %p", (asked, known, nearest) => {
  const warnings: string[] = [];
  expect(nearestEffort(asked, known, warnings)).toBe(nearest);
  expect(warnings.length).toBe(asked === nearest ? 0 : 1);
  for (const warning of warnings) expect(warning).toContain(`reasoning_effort ${asked}`);
});

test.each([
  [-1, undefined],
  [1024, "low"],
  [8192, "medium"],
  [24_576, "high"],
] as const)("a budget of %p tokens is %p", (budget, effort) => {
  expect(effortOfBudget(budget)).toBe(effort);
});
