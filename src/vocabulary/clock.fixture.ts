import type { Clock } from "./clock.ts";
import type { Timer } from "./timer.ts";

/** What `now` and `elapsed` differ by, so that no test takes one for the other. */
const EPOCH = 1_000_000_000_000;

/** A clock whose hands a test turns, from 0, and a timer that goes by it; it calls so many milliseconds too early, as real ones may. */
export function handTurned({ early = 0 }: { readonly early?: number } = {}) {
  let elapsed = 0;
  const waiting = new Set<{ readonly at: number; readonly then: () => void }>();
  const clock: Clock = { now: () => EPOCH + elapsed, elapsed: () => elapsed };
  const timer: Timer = (milliseconds, then) => {
    const one = { at: elapsed + Math.max(0, milliseconds - early), then };
    waiting.add(one);
    return () => void waiting.delete(one);
  };
  return {
    clock,
    timer,
    /** To this time, stopping wherever something is due on the way. */
    turnTo(time: number): void {
      for (;;) {
        let next: { readonly at: number; readonly then: () => void } | undefined;
        for (const one of waiting) if (one.at <= time && (next === undefined || one.at < next.at)) next = one;
        if (next === undefined) break;
        waiting.delete(next);
        elapsed = Math.max(elapsed, next.at);
        next.then();
      }
      elapsed = time;
    },
    /** How many timers are running. */
    running: () => waiting.size,
    epoch: EPOCH,
  };
}
