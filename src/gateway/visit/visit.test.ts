import { describe, expect, test } from "bun:test";
import { Failure } from "../../vocabulary/failure.ts";
import { type Ending, Visit } from "./visit.ts";

const OK: Ending = { status: 200, outcome: "ok" };

function visitAt(now = { time: 1_700_000_000_000 }) {
  return new Visit("req_1", { now: () => now.time, elapsed: () => now.time });
}

describe("a visit", () => {
  test("settles what it owes once, the last debt first, whoever settles", () => {
    const visit = visitAt();
    const settled: string[] = [];
    visit.owes((ending) => settled.push(`first ${ending.outcome}`));
    visit.owes((ending) => settled.push(`second ${ending.outcome}`));
    expect(visit.settled).toBe(false);
    visit.settle(OK);
    visit.settle({ status: 500, outcome: "failed" });
    expect([visit.settled, ...settled]).toEqual([true, "second ok", "first ok"]);
  });

  test("is called off once, for the first reason; those who ask later are told at once", () => {
    const visit = visitAt();
    const told: string[] = [];
    visit.onCallOff(({ kind }) => told.push(`before: ${kind}`));
    visit.callOff(new Failure("overloaded", "closing"));
    visit.depart();
    visit.onCallOff(({ kind }) => told.push(`after: ${kind}`));
    expect([visit.left, visit.calledOff?.message, ...told]).toEqual([false, "closing", "before: overloaded", "after: overloaded"]);
  });

  test("is called off when its client leaves", () => {
    const visit = visitAt();
    visit.depart();
    expect([visit.left, visit.calledOff?.kind]).toEqual([true, "client-left"]);
  });

  test("cannot be left once it is over", () => {
    const visit = visitAt();
    visit.settle(OK);
    visit.depart();
    expect(visit.left).toBe(false);
  });

  test("is remembered with its times and what failed", () => {
    const clock = { time: 1_700_000_000_000 };
    const visit = visitAt(clock);
    visit.model = "m";
    clock.time += 250;
    expect(visit.record({ status: 429, outcome: "failed", failure: new Failure("rate-limited", "slow") })).toMatchObject({
      id: "req_1",
      startedAt: 1_700_000_000_000,
      totalMs: 250,
      model: "m",
      status: 429,
      outcome: "failed",
      failure: "rate-limited",
      message: "slow",
      trace: { candidates: [], attempts: [], warnings: [] },
    });
  });
});
