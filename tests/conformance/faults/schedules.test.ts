import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Ending, play, schedules } from "./schedules.ts";

/**
 * Whatever upstreams do, call by call: no more calls than the budget, none after content, one whole answer or one typed error for
 * everybody, every request settled once, nothing left open. The long form is `npm run campaign -- failover`.
 */
const RUNS = 200;

test("in any weather", async () => {
  const seen = new Set<Ending>();
  const property = fc.asyncProperty(schedules, async (schedule) => {
    for (const ending of await play(schedule)) seen.add(ending);
  });
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  // It says something only if all of them happened.
  expect([...seen].toSorted()).toEqual(["answered after failures", "answered at once", "failed after content", "failed before content", "left"]);
}, 60_000);
