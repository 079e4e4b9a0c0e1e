import { describe, expect, test } from "bun:test";
import { madeSeeds, recordedSeeds, type Seeds } from "./seeds.ts";
import { TRIALS, type Trial, tryOut } from "./trials.ts";

/** Documents nobody would send, in and out. `npm run campaign -- mutations` tries them by the million. */
const SEEDS: readonly [string, Seeds][] = [
  ["made by hand", madeSeeds()],
  ["recorded", recordedSeeds()],
];
const TRIES = 1000;

for (const [origin, seeds] of SEEDS) {
  describe.skipIf(seeds.answers.length === 0)(origin, () => {
    test.each(Object.keys(TRIALS))("%s: mutated ones pass or are refused by name", (name) => {
      const { passed, refused } = tryOut(TRIALS[name] as Trial, seeds, 0, TRIES);
      expect(passed + refused).toBe(TRIES);
      expect(refused).toBeGreaterThan(0);
      if (name !== "refusal") expect(passed).toBeGreaterThan(0);
    });
  });
}
