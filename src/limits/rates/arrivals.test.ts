import { setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { arrivals, arrive } from "./arrivals.fixture.ts";
import { MemoryCounter } from "./memory-counter.ts";
import { withSharedArrivals } from "./shared/arrivals.fixture.ts";

// A program is started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

test("whoever comes when, in memory no more is admitted in any span than each limit says", async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, async (some) => {
      const hands = handTurned();
      await arrive(some, [new MemoryCounter({ clock: hands.clock })], hands);
    }),
    { numRuns: 200 },
  );
});

test("nor by two counters over one Redis", () =>
  withSharedArrivals((arriveShared) =>
    fc.assert(
      fc.asyncProperty(arrivals, async (some) => void (await arriveShared(some))),
      { numRuns: 20 },
    ),
  ));
