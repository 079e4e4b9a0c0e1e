/**
 * One shared ticker for everything that happens when nothing happens: deadlines, keep-alive comments, sockets to be kept open.
 * Runs only while somebody is joined; a joined callback costs one call per beat.
 */
export interface Pulse {
  /** Calls `beat` with `performance.now()` about every interval until the returned function is called. */
  join(beat: (now: number) => void): () => void;
}

/** Milliseconds between beats: how late a deadline may be noticed. */
const INTERVAL = 100;

export function startPulse(interval: number = INTERVAL): Pulse {
  const beats = new Set<(now: number) => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    join(beat) {
      beats.add(beat);
      timer ??= setInterval(() => {
        const now = performance.now();
        for (const each of beats) each(now);
        if (beats.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      }, interval);
      return () => void beats.delete(beat);
    },
  };
}
