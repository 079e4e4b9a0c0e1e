import type { Failure } from "../vocabulary/failure.ts";
import type { RunParts } from "./parts.ts";
import { BatchRun } from "./running/batch-run.ts";
import { Places } from "./running/places.ts";

/** Goes on with batches until they are over. */
export interface BatchRunner {
  /** There is one more, or one was cancelled. */
  nudge(): void;
  /** Takes nothing new, lets the lines that are being asked be answered for so many milliseconds, calls off the rest, and lets go of all batches. */
  stop(grace: number, reason: Failure): Promise<void>;
}

export interface RunnerParts extends RunParts {
  /** This gateway among all. */
  readonly holder: string;
  /** Do others go on with batches of the same books? */
  readonly shared: boolean;
  /** Clears what has expired, now and then. */
  clear(): Promise<void>;
}

/** A batch whose gateway has said nothing for so long is anybody's. Milliseconds. */
const HELD_FOR = 20_000;
/** Between two words that say it lives; what others cancelled, or have left behind, is learnt then too. */
const RENEWED_EVERY = 5_000;
/** Between two looks for batches of others, while there are none: they tell of theirs, and may not have been heard. */
const LOOK_EVERY = 600_000;
/** Nobody goes on with more at once; most wait for their model. */
const MOST = 500;
/** Later than any time there is. */
const ALWAYS = Number.MAX_SAFE_INTEGER;

/**
 * Starts with what was left behind. Without others the books are this gateway's alone, and whoever held a batch before is gone. While there is
 * no batch nothing is asked and no time is kept, but for a look now and then where there are others.
 */
export function startRunner(parts: RunnerParts): BatchRunner {
  const { book, holder, shared, clock, timer, complain } = parts;
  const runs = new Map<string, BatchRun>();
  const ended = new Set<Promise<void>>();
  const places = new Places(
    () => parts.settings().parallelTotal,
    () => wakeAll(),
  );
  const wakeAll = () => {
    for (const run of runs.values()) run.wake();
  };
  let stopping = false;
  let first = true;
  let took = false;
  /** Is there any batch, as far as this gateway knows? Before the first look there may be. */
  let left = true;
  let looking: Promise<void> | undefined;
  let again = false;
  let cancelTimer: () => void = () => undefined;

  const start = async (): Promise<void> => {
    const now = clock.now();
    const endedBefore = first && !shared ? ALWAYS : now;
    const taken = await book.take({ holder, endedBefore, until: now + HELD_FOR, most: MOST - runs.size, except: [...runs.keys()] });
    first = false;
    took ||= taken.length > 0;
    for (const batch of taken) {
      const run = new BatchRun(batch, holder, { parts, places });
      runs.set(batch.id, run);
      const over = run.run().finally(() => {
        runs.delete(batch.id);
        ended.delete(over);
        // Perhaps there was no room for another.
        if (!stopping) nudge();
      });
      ended.add(over);
      if (stopping) run.leave();
    }
  };
  const renew = async (): Promise<void> => {
    if (runs.size === 0) return;
    const held = new Map((await book.renew({ holder, until: clock.now() + HELD_FOR })).map(({ id, status }) => [id, status]));
    for (const [id, run] of runs) {
      const status = held.get(id);
      if (status === undefined) run.leave();
      else run.hear(status);
    }
  };
  const look = async (): Promise<void> => {
    try {
      left = runs.size > 0 || (await book.anyLeft());
      if (!left) {
        first = false;
        return;
      }
      await renew();
      await start();
      await parts.clear();
    } catch (error) {
      complain("Batches could not be looked for, and will be.", { error });
    }
  };
  const lookInTurn = async (): Promise<void> => {
    do {
      again = false;
      await look();
    } while (again && !stopping);
    looking = undefined;
    schedule();
  };
  const schedule = (): void => {
    cancelTimer();
    if (stopping) return;
    const pause = left ? RENEWED_EVERY : shared ? LOOK_EVERY : undefined;
    if (pause !== undefined) cancelTimer = timer(pause, nudge);
  };
  const nudge = (): void => {
    again = true;
    if (!stopping) looking ??= lookInTurn();
  };
  nudge();
  return {
    nudge() {
      wakeAll();
      nudge();
    },
    async stop(grace, reason) {
      stopping = true;
      cancelTimer();
      await looking;
      for (const run of runs.values()) run.leave();
      const late = timer(grace, () => {
        for (const run of runs.values()) run.callOff(reason);
      });
      await Promise.all(ended);
      late();
      if (took) await book.release(holder).catch((error) => complain("Batches could not be let go of: others take them in a while.", { error }));
    },
  };
}
