import { systemTimer, type Timer } from "./vocabulary/timer.ts";

/** A thing to be done again and again. */
export interface Chore {
  /** Milliseconds from the end of one time to the next; 0: not for now. */
  every(): number;
  work(): Promise<void>;
  complain(error: unknown): void;
}

/** How long a chore that is not to be done waits before it asks whether it is now. */
const ASK_AGAIN = 60_000;

/** Does it until the function that this gives is called. A pause changed by a reload counts from the next time on. */
export function repeatedly(chore: Chore, timer: Timer = systemTimer): () => void {
  let stopped = false;
  let cancel = () => {};
  const wait = () => {
    if (stopped) return;
    const pause = chore.every();
    cancel = timer(pause > 0 ? pause : ASK_AGAIN, () => (pause > 0 ? chore.work().catch(chore.complain) : Promise.resolve()).then(wait));
  };
  wait();
  return () => {
    stopped = true;
    cancel();
  };
}
