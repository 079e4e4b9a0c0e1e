import { expect, test } from "bun:test";
import { ModelRests } from "./model-rests.ts";

test("a model is free until it fails, then one line at a time until one is answered", () => {
  const rests = new ModelRests();
  expect(rests.freeFrom("m", 0)).toBeUndefined();
  for (let line = 0; line < 3; line++) rests.asked("m");
  expect(rests.freeFrom("m", 0)).toBeUndefined();
  rests.failed("m", { now: 10, until: 100 });
  rests.failed("m", { now: 11, until: 90 });
  expect([rests.freeFrom("m", 50), rests.troubles("m")]).toEqual([100, 1]);
  expect(rests.freeFrom("m", 100)).toBe(Number.POSITIVE_INFINITY);
  rests.failed("m", { now: 100, until: 200 });
  expect([rests.freeFrom("m", 200), rests.troubles("m"), rests.freeFrom("other", 0)]).toEqual([undefined, 2, undefined]);
  rests.asked("m");
  expect(rests.freeFrom("m", 200)).toBe(Number.POSITIVE_INFINITY);
  rests.answered("m");
  expect([rests.freeFrom("m", 200), rests.troubles("m")]).toEqual([undefined, 0]);
});
