import { LRUCache } from "lru-cache";
import type { Clock } from "../../../vocabulary/clock.ts";
import { type Attempt, FORGOTTEN, KINDS, type Kind, MINUTE, placesOf, RULES, type Throttle, tooMany } from "./throttle.ts";

export interface MemoryThrottle extends Throttle {
  attempt(network: string, account: string): Attempt;
  /** Counts a try that others allowed, however many there were. */
  count(network: string, account: string): Attempt;
  /** All that is counted. */
  counted(): Iterable<Counted>;
  /** Pairs of which somebody has logged in. */
  familiar(): Iterable<string>;
}

/** So many tries at one place, the last of them so many milliseconds ago. */
export interface Counted {
  readonly kind: Kind;
  readonly place: string;
  readonly count: number;
  readonly ago: number;
}

const ENTRIES = 10_000;

interface Tries {
  count: number;
  lastAt: number;
}

/**
 * Slows down whoever guesses passwords, in bounded memory. Tries count before they are checked, or a hundred at once would be free. Whoever logged
 * in from an address before is not kept waiting there by what strangers try elsewhere.
 */
export function createThrottle(clock: Pick<Clock, "elapsed">): MemoryThrottle {
  const tries = { pair: entries(), address: entries(), account: entries() };
  const familiar = new LRUCache<string, true>({ max: ENTRIES });

  const triesOf = (kind: Kind, place: string): Tries => {
    const now = clock.elapsed();
    let found = tries[kind].get(place);
    if (found === undefined || now - found.lastAt >= FORGOTTEN) {
      found = { count: 0, lastAt: now };
      tries[kind].set(place, found);
    }
    return found;
  };
  const countsFor = (network: string, account: string): { kind: Kind; tries: Tries }[] => {
    const places = placesOf(network, account);
    const kinds = familiar.has(places.pair) ? KINDS.filter((kind) => kind !== "account") : KINDS;
    return kinds.map((kind) => ({ kind, tries: triesOf(kind, places[kind]) }));
  };
  const count = (network: string, account: string): Attempt => {
    const { pair } = placesOf(network, account);
    const counts = countsFor(network, account);
    for (const { tries } of counts) {
      tries.count++;
      tries.lastAt = clock.elapsed();
    }
    return {
      succeeded() {
        for (const { tries } of counts) tries.count--;
        tries.pair.delete(pair);
        familiar.set(pair, true);
      },
    };
  };
  return {
    attempt(network, account) {
      const wait = Math.max(...countsFor(network, account).map(({ kind, tries }) => waitOf(kind, tries, clock.elapsed())));
      if (wait > 0) throw tooMany(wait);
      return count(network, account);
    },
    count,
    *counted() {
      const now = clock.elapsed();
      for (const kind of KINDS)
        for (const [place, { count, lastAt }] of tries[kind].entries())
          if (count > 0 && now - lastAt < FORGOTTEN) yield { kind, place, count, ago: now - lastAt };
    },
    familiar: () => familiar.keys(),
  };
}

const entries = () => new LRUCache<string, Tries>({ max: ENTRIES });

function waitOf(kind: Kind, { count, lastAt }: Tries, now: number): number {
  const { free, longest } = RULES[kind];
  if (count < free) return 0;
  return lastAt + Math.min(MINUTE * 2 ** (count - free), longest) - now;
}
