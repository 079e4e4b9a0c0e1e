import { recovered } from "../ledger/recovery.ts";
import type { Leftover } from "../store/journal/leftovers.ts";
import type { MoneyDesk } from "../store/ledger/money-desk.ts";
import type { Log } from "../telemetry/log.ts";
import { systemClock } from "../vocabulary/clock.ts";
import type { Timer } from "../vocabulary/timer.ts";

interface LeftBehindParts {
  readonly left: readonly Leftover[];
  readonly desk: Pick<MoneyDesk, "post" | "takeAllBack">;
  readonly log: Pick<Log, "info" | "error">;
}

/** Milliseconds until a database that went away in the middle of it is asked again. */
const AGAIN = 1_000;

/**
 * Enters what killed processes had settled, each journal in one transaction: whatever ends this process meanwhile, the next start goes on where
 * it stood. Rejects when the database is away.
 */
export async function enterLeftBehind({ left, desk, log }: LeftBehindParts): Promise<void> {
  for (const leftover of left) await enter(leftover, { desk, log });
}

/** The same, until all is entered: a database that goes away again comes back. It is told once that it takes longer. */
export async function enterLeftBehindInTime({ left, desk, log }: LeftBehindParts, timer: Timer): Promise<void> {
  let isTold = false;
  for (const leftover of left)
    for (let isDone = false; !isDone; ) {
      try {
        await enter(leftover, { desk, log });
        isDone = true;
      } catch (error) {
        if (!isTold) log.error("what a gateway before this one had settled cannot be entered: it is tried again until it is", { error });
        isTold = true;
        await new Promise<void>((resolve) => timer(AGAIN, resolve));
      }
    }
}

async function enter(leftover: Leftover, { desk, log }: Omit<LeftBehindParts, "left">): Promise<void> {
  const { holder } = leftover;
  const { lines, last } = recovered(leftover.read());
  await desk.post({ holder, upTo: last, lines, at: systemClock.now() });
  await desk.takeAllBack(holder);
  leftover.remove();
  log.info("entered what a gateway before this one had settled", { holder, settlements: lines.length });
}
