import { describe, test } from "bun:test";
import fc from "fast-check";
import { play, steps } from "./interleavings.fixture.ts";

describe("whatever is reserved, settled, noted, extended, credited, refunded, left waiting or killed, in whatever order", () => {
  test.each([
    [1, 120],
    [3, 120],
  ])("on %p gateways captured and held never pass what was granted, and the ledger is its balances", async (gateways, numRuns) => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => void (await play(plan, gateways))),
      { numRuns },
    );
  });
});
