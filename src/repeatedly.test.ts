import { expect, test } from "bun:test";
import { repeatedly } from "./repeatedly.ts";

/** A timer whose hands the test turns. */
function handTimer() {
  const waits: number[] = [];
  let due: (() => void) | undefined;
  return {
    waits,
    timer(milliseconds: number, call: () => void) {
      waits.push(milliseconds);
      due = call;
      return () => {
        due = undefined;
      };
    },
    async turn() {
      due?.();
      for (let turns = 0; turns < 5; turns++) await Promise.resolve();
    },
  };
}

test("a chore is done after each pause, whatever became of it, and not while its pause is 0", async () => {
  const hand = handTimer();
  const done: string[] = [];
  const pauses = [10, 20, 0, 30];
  const stop = repeatedly(
    {
      every: () => pauses[hand.waits.length] ?? 40,
      async work() {
        done.push("work");
        if (done.length === 1) throw new Error("no");
      },
      complain: (error) => done.push(String(error)),
    },
    hand.timer,
  );
  for (let turns = 0; turns < 4; turns++) await hand.turn();
  expect(hand.waits).toEqual([10, 20, 60_000, 30, 40]);
  expect(done).toEqual(["work", "Error: no", "work", "work"]);
  stop();
  await hand.turn();
  expect(hand.waits).toHaveLength(5);
  expect(done).toHaveLength(4);
});
