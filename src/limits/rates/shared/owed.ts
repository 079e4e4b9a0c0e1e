import type { MemoryCounter } from "../memory-counter.ts";
import { Pace } from "../pace.ts";
import { SlidingWindow } from "../sliding-window.ts";
import type { Subject } from "../subjects.ts";
import { type Change, stateKey } from "./messages.ts";

/** Changes that are sent together, and the keys they are about. */
export interface Batch {
  readonly keys: readonly string[];
  readonly changes: readonly Change[];
}

/** Most keys of a batch: some hundred microseconds of the server's time. */
export const BATCH = 200;

/** All that was counted here alone, for Redis to count it too: how much, and how long ago. `now` is the counter's time. */
export function* owedBatches({ subjects }: MemoryCounter, now: number): Iterable<Batch> {
  let keys: string[] = [];
  let changes: Change[] = [];
  for (const { scope, id, subject } of subjects.all()) {
    const own = changesOf(subject, keys.length + 1, now);
    if (own.length === 0) continue;
    keys.push(stateKey(scope, id));
    changes.push(...own);
    if (keys.length < BATCH) continue;
    yield { keys, changes };
    keys = [];
    changes = [];
  }
  if (keys.length > 0) yield { keys, changes };
}

function changesOf(subject: Subject, key: number, now: number): Change[] {
  const changes: Change[] = [];
  for (const [kind, meter] of subject.meters()) {
    if (meter instanceof Pace) {
      const debt = Math.ceil(meter.resets(now) * 1000);
      if (debt > 0) changes.push(["earn", key, debt]);
    } else if (meter instanceof SlidingWindow) {
      // The latest first: each is put before those that are there.
      const clumps = [...meter.counted(now)].reverse();
      for (const { amount, ago } of clumps) changes.push(["add", key, kind, Math.max(1, Math.floor(ago * 1000)), amount]);
    }
  }
  return changes;
}
