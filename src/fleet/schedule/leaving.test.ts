import { expect, test } from "bun:test";
import fc from "fast-check";
import { admits, type Leaving, type Stage, stageAt } from "./leaving.ts";

const MINUTE = 60_000;
const AT = Date.parse("2026-11-20T01:00Z");
const LEAVING: Leaving = { at: AT, lead: 5 * MINUTE, soft: 2 * MINUTE, hard: 10 * MINUTE };
const STAYING: Leaving = { ...LEAVING, at: undefined };

const STAGES: readonly [minutes: number, stage: Stage, until: number | undefined][] = [
  [-5.1, "open", -5],
  [-5, "closing", 0],
  [-0.1, "closing", 0],
  [0, "draining", 2],
  [1.9, "draining", 2],
  [2, "late", 10],
  [9.9, "late", 10],
  [10, "over", undefined],
];
test.each(STAGES)("%p minutes from the boundary: %s", (minutes, stage, until) => {
  expect(stageAt(LEAVING, AT + minutes * MINUTE)).toEqual({ stage, until: until === undefined ? undefined : AT + until * MINUTE });
});

test("what need not leave is open for ever", () => {
  expect(stageAt(STAYING, AT)).toEqual({ stage: "open", until: undefined });
});

const WORK: readonly [what: string, minutesBefore: number, expected: number | undefined, leaving: Leaving, admitted: boolean][] = [
  ["any, long before", 6, 60, LEAVING, true],
  ["short, shortly before", 4, 3, LEAVING, true],
  ["what ends with the boundary", 4, 4, LEAVING, true],
  ["long, shortly before", 4, 4.1, LEAVING, false],
  ["who knows how long, shortly before", 4, undefined, LEAVING, false],
  ["who knows how long, long before", 6, undefined, LEAVING, true],
  ["none after it", 0, 0, LEAVING, false],
  ["none when others are cut", -3, 0, LEAVING, false],
  ["none when all is over", -11, 0, LEAVING, false],
  ["any, where there is no boundary", 0, 60, STAYING, true],
];
test.each(WORK)("admitted: %s", (_what, minutesBefore, expected, leaving, admitted) => {
  expect(admits(expected === undefined ? undefined : expected * MINUTE, leaving, AT - minutesBefore * MINUTE)).toBe(admitted);
});

test("what is refused once stays refused, and longer work with it", () => {
  fc.assert(
    fc.property(fc.nat(20 * MINUTE), fc.nat(20 * MINUTE), fc.nat(MINUTE), fc.nat(MINUTE), (before, expected, later, longer) => {
      if (!admits(expected, LEAVING, AT - before)) expect(admits(expected + longer, LEAVING, AT - before + later)).toBe(false);
      else expect([before >= LEAVING.lead, expected <= before]).toContain(true);
    }),
  );
});
