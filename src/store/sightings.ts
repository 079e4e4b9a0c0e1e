/** Somebody's or something's id, and when it was seen. Milliseconds since 1970. */
export interface Sighting {
  readonly id: string;
  readonly at: number;
}

/** Notes when things were seen, and writes that down some seconds later, with others, each once a minute at most. */
export interface Sightings {
  /** Never waits. */
  seen(id: string, at: number): void;
  /** Writes down what was noted so far. */
  flush(): Promise<void>;
}

/** Milliseconds. */
interface Pace {
  readonly every: number;
  /** Between two notes of the same. */
  readonly again: number;
}

const PACE: Pace = { every: 5_000, again: 60_000 };

/** What cannot be written is forgotten: when something was last seen is a courtesy, and a ledger in trouble says so where it matters. */
export function createSightings(write: (sightings: readonly Sighting[]) => Promise<void>, pace: Partial<Pace> = {}): Sightings {
  const { every, again } = { ...PACE, ...pace };
  let waiting: Sighting[] = [];
  /** When each was last noted; those of longer ago are dropped with every writing. */
  const noted = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const sightings = waiting;
    waiting = [];
    const latest = sightings.reduce((most, { at }) => Math.max(most, at), 0);
    for (const [id, at] of noted) if (latest - at >= again) noted.delete(id);
    await write(sightings).catch(() => undefined);
  };
  return {
    seen(id, at) {
      const before = noted.get(id);
      if (before !== undefined && at - before < again) return;
      noted.set(id, at);
      waiting.push({ id, at });
      timer ??= setTimeout(flush, every);
    },
    flush,
  };
}

/** In the same order by whichever gateway: none of them waits for another in a ring. */
export function inOrder(sightings: readonly Sighting[]): Sighting[] {
  return sightings.toSorted((one, other) => (one.id < other.id ? -1 : 1));
}
