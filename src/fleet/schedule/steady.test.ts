import { expect, test } from "bun:test";
import { steady } from "./steady.ts";

const MINUTE = 60_000;

test("a clock that is set back a little stands still, one that was wrong altogether is believed", () => {
  const told = [0, 10, 5, 9, 11, 11, 71, 11, 12, 600, 400, 401].map((minutes) => minutes * MINUTE);
  const clock = { now: () => told.shift() ?? 0 };
  const calm = steady(clock);
  expect(Array.from({ length: 12 }, () => calm.now() / MINUTE)).toEqual([0, 10, 10, 10, 11, 11, 71, 71, 71, 600, 400, 401]);
});
