/** Something to be looked after while nothing happens to it. */
export interface Beating {
  /** Called about every interval, with `performance.now()`. */
  beat(now: number): void;
}

/**
 * One shared ticker for everything that happens when nothing happens: deadlines, keep-alive comments, sockets to be kept open.
 * Runs only while somebody is joined; whoever is joined costs one call per beat.
 */
export interface Pulse {
  join(one: Beating): void;
  /** Harmless for one that has left already. */
  leave(one: Beating): void;
}

/** Milliseconds between beats: how late a deadline may be noticed. */
const INTERVAL = 100;

export function startPulse(interval: number = INTERVAL): Pulse {
  const joined = new Set<Beating>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    join(one) {
      joined.add(one);
      timer ??= setInterval(() => {
        const now = performance.now();
        for (const each of joined) each.beat(now);
        if (joined.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      }, interval);
    },
    leave: (one) => void joined.delete(one),
  };
}
