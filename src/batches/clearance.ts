import type { BatchShelf } from "../vocabulary/batch.ts";
import type { Clock } from "../vocabulary/clock.ts";

/** Between two clearances of what has expired. Milliseconds. */
const EVERY = 3_600_000;

/** Clears what has expired, once an hour at most, while something happens at all. Whoever waits for it learns of what went wrong. */
export function clearance(shelf: Pick<BatchShelf, "removeExpired">, clock: Pick<Clock, "now">): () => Promise<void> {
  let cleared = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock.now();
    if (now - cleared < EVERY) return;
    cleared = now;
    await shelf.removeExpired(now);
  };
}
