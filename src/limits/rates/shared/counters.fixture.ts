import { until } from "../../../../tests/harness/until.ts";
import { openRedis, type SharedStore } from "../../../store/redis/redis.ts";
import { systemClock } from "../../../vocabulary/clock.ts";
import { systemTimer } from "../../../vocabulary/timer.ts";
import { SharedCounter, type SharedParts } from "./shared-counter.ts";

/** A counter over a connection of its own, as a gateway has one. */
export interface TestCounter {
  readonly counter: SharedCounter;
  readonly store: SharedStore;
}

/** Runs the work with so many gateways' counters over one Redis, all of which have reached it. */
export async function withCounters<Result>(
  url: string,
  parts: readonly Partial<SharedParts>[],
  work: (...all: TestCounter[]) => Promise<Result>,
): Promise<Result> {
  const all = parts.map((own, index): TestCounter => {
    // A busy machine is not a Redis that is away, where a test does not say so.
    const store = openRedis({ url, deadline: 5_000 });
    const defaults = { redis: store, clock: systemClock, timer: systemTimer, self: `g${index}`, deadline: () => 5_000, gateways: () => 1 };
    return { store, counter: new SharedCounter({ ...defaults, ...own }) };
  });
  try {
    for (const { counter } of all) await together(counter);
    return await work(...all);
  } finally {
    for (const { counter, store } of all) {
      counter.close();
      await store.close();
    }
  }
}

/** Waits until the gateway counts in Redis. */
export const together = (counter: SharedCounter): Promise<void> => until(`limits to be counted in Redis: ${counter.trouble()}`, () => counter.together);
