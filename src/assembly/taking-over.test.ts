import { expect, test } from "bun:test";
import { StoreTrouble } from "../store/trouble.ts";
import { takingOver } from "./taking-over.ts";
import type { TakenOver } from "./who-may.ts";

const AWAY = new StoreTrouble("away", undefined, "away");
const BROKEN = new Error("broken");
const TAKEN: TakenOver = { warnings: [] };

/** A database whose answers to each attempt are given; what was told, and a hand on the timer. */
function over(answers: (Error | TakenOver)[], isReady: boolean) {
  const ready = Promise.withResolvers<void>();
  const told: unknown[] = [];
  const timers: (() => void)[] = [];
  const taking = takingOver({
    store: { ready: ready.promise, isReady: () => isReady },
    async takeOver() {
      const answer = answers.shift();
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error("asked too often");
      return answer;
    },
    late: (taken) => told.push(taken),
    complain: (error) => told.push(error),
    timer: (_milliseconds, then) => {
      timers.push(then);
      return () => void timers.splice(0);
    },
  });
  return { taking, told, ready, timers };
}
/** Everything that is under way has gone as far as it can. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 1));

test("where the database is there, keys are taken over at once, and nothing goes on behind", async () => {
  const { taking, told, timers } = over([TAKEN], true);
  expect(await taking.attempt()).toBe(TAKEN);
  expect([told, timers]).toEqual([[], []]);
});

test("where it is not, they are as soon as it is, once", async () => {
  const { taking, told, ready } = over([TAKEN], false);
  expect([await taking.attempt(), await taking.attempt()]).toEqual([undefined, undefined]);
  expect(told).toEqual([]);
  ready.resolve();
  await settled();
  expect(told).toEqual([TAKEN]);
});

test("what fails behind is attempted again; of more than an absence is complained", async () => {
  const { taking, told, ready, timers } = over([AWAY, BROKEN, TAKEN], false);
  await taking.attempt();
  ready.resolve();
  for (let times = 0; times < 2; times++) {
    await settled();
    timers.shift()?.();
  }
  await settled();
  expect([told, timers.length]).toEqual([[BROKEN, TAKEN], 0]);
});

test("a failure that is no absence is the caller's", async () => {
  const { taking } = over([BROKEN], true);
  await expect(taking.attempt()).rejects.toBe(BROKEN);
});

test("after a stop nothing is attempted", async () => {
  const { taking, told, ready } = over([TAKEN], false);
  await taking.attempt();
  taking.stop();
  ready.resolve();
  await settled();
  expect(told).toEqual([]);
});
