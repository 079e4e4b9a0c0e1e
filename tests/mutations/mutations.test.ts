import { describe, expect, test } from "bun:test";
import { RESPONSES_TRIALS } from "./responses-trials.ts";
import { madeSeeds, recordedSeeds, type Seeds } from "./seeds.ts";
import { TRIALS, tryOut } from "./trials.ts";

/** Documents nobody would send, in and out. `npm run campaign -- mutations` tries them by the million. */
const SEEDS: readonly [string, Seeds][] = [
  ["made by hand", madeSeeds()],
  ["recorded", recordedSeeds()],
];
const TRIES = 2000;

for (const [origin, seeds] of SEEDS) {
  describe.skipIf(seeds.answers.length === 0)(origin, () => {
    test.each(Object.entries({ ...TRIALS, ...RESPONSES_TRIALS }))("%s: mutated ones pass or are refused by name", (_name, trial) => {
      const { passed, refused } = tryOut(trial, seeds, 0, TRIES);
      expect(passed + refused).toBe(TRIES);
      expect(refused).toBeGreaterThan(0);
    });
  });
}
