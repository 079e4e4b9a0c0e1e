import type { Store } from "../store/open.ts";
import { StoreTrouble } from "../store/trouble.ts";
import { systemTimer, type Timer } from "../vocabulary/timer.ts";
import type { TakenOver } from "./who-may.ts";

/** Keys that are declared, on their way into the database. */
export interface TakingOver {
  /** Takes them over. While the database is away it gives `undefined`, and `late` is told once that has been done. Rejects for any other reason. */
  attempt(): Promise<TakenOver | undefined>;
  /** Attempts no more. */
  stop(): void;
}

interface TakingOverParts {
  readonly store: Pick<Store, "ready" | "isReady">;
  takeOver(): Promise<TakenOver>;
  late(taken: TakenOver): void;
  complain(error: unknown): void;
  readonly timer?: Timer;
}

/** Milliseconds between attempts at a database that was there and went away again. */
const EVERY = 1_000;

/** What file and environment declare is put into the database as soon as that is there. */
export function takingOver({ store, takeOver, late, complain, timer = systemTimer }: TakingOverParts): TakingOver {
  let underWay = false;
  let stopped = false;
  let cancel = () => {};
  const goOn = async (): Promise<void> => {
    await store.ready;
    if (stopped) return;
    try {
      const taken = await takeOver();
      underWay = false;
      late(taken);
    } catch (error) {
      if (!isAway(error)) complain(error);
      cancel = timer(EVERY, () => void goOn());
    }
  };
  return {
    async attempt() {
      try {
        if (store.isReady()) return await takeOver();
      } catch (error) {
        if (!isAway(error)) throw error;
      }
      if (!underWay) {
        underWay = true;
        void goOn();
      }
      return undefined;
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function isAway(error: unknown): boolean {
  return error instanceof StoreTrouble && error.kind === "away";
}
