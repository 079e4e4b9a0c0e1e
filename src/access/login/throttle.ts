import { LRUCache } from "lru-cache";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";

/** A login about to be tried: counted already. */
export interface Attempt {
  /** It was the right password: it counts for nothing. */
  succeeded(): void;
}

export interface Throttle {
  /** Counts a try from this network: an address, or the part of an IPv6 one that is one customer's. Throws `rate-limited`, with the wait, where there were too many: before anything is looked up. */
  attempt(network: string, account: string): Attempt;
}

/** So many tries are free; then each has to wait twice as long as the one before, from a minute to the longest. Milliseconds. */
interface Rule {
  readonly free: number;
  readonly longest: number;
}

const MINUTE = 60_000;
/** One address at one account. */
const PAIR: Rule = { free: 5, longest: 15 * MINUTE };
/** One address at any accounts: an office behind one address is many people. */
const ADDRESS: Rule = { free: 20, longest: 15 * MINUTE };
/** Any addresses at one account: never long, or anybody could lock somebody out. */
const ACCOUNT: Rule = { free: 20, longest: MINUTE };
/** After so long without a try all is forgotten. */
const FORGOTTEN = 30 * MINUTE;
const ENTRIES = 10_000;

interface Tries {
  count: number;
  lastAt: number;
}

/**
 * Slows down whoever guesses passwords, in bounded memory. Tries count before they are checked, or a hundred at once would be free. Whoever logged
 * in from an address before is not kept waiting there by what strangers try elsewhere.
 */
export function createThrottle(clock: Clock): Throttle {
  const pairs = new LRUCache<string, Tries>({ max: ENTRIES });
  const addresses = new LRUCache<string, Tries>({ max: ENTRIES });
  const accounts = new LRUCache<string, Tries>({ max: ENTRIES });
  const familiar = new LRUCache<string, true>({ max: ENTRIES });
  return {
    attempt(network, account) {
      const now = clock.elapsed();
      const pair = `${network} ${account}`;
      const counts = [counting(pairs, pair, PAIR, now), counting(addresses, network, ADDRESS, now)];
      if (!familiar.has(pair)) counts.push(counting(accounts, account, ACCOUNT, now));
      const wait = Math.max(...counts.map(({ tries, rule }) => waitOf(tries, rule, now)));
      if (wait > 0) throw tooMany(wait);
      for (const { tries } of counts) {
        tries.count++;
        tries.lastAt = now;
      }
      return {
        succeeded() {
          for (const { tries } of counts) tries.count--;
          pairs.delete(pair);
          familiar.set(pair, true);
        },
      };
    },
  };
}

function counting(of: LRUCache<string, Tries>, key: string, rule: Rule, now: number): { readonly tries: Tries; readonly rule: Rule } {
  let tries = of.get(key);
  if (tries === undefined || now - tries.lastAt >= FORGOTTEN) {
    tries = { count: 0, lastAt: now };
    of.set(key, tries);
  }
  return { tries, rule };
}

function waitOf({ count, lastAt }: Tries, { free, longest }: Rule, now: number): number {
  if (count < free) return 0;
  return lastAt + Math.min(MINUTE * 2 ** (count - free), longest) - now;
}

function tooMany(wait: number): Failure {
  const seconds = Math.ceil(wait / 1000);
  return new Failure("rate-limited", `Too many logins were tried. Wait ${seconds} seconds, then try again.`, { retryAfter: seconds });
}
