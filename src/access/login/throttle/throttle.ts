import { Failure } from "../../../vocabulary/failure.ts";

/** A login about to be tried: counted already. */
export interface Attempt {
  /** It was the right password: it counts for nothing. */
  succeeded(): void;
}

export interface Throttle {
  /**
   * Counts a try from this network: an address, or the part of an IPv6 one that is one customer's. Throws or rejects with `rate-limited`, and the
   * wait, where there were too many: before anything is looked up.
   */
  attempt(network: string, account: string): Attempt | Promise<Attempt>;
}

/** So many tries are free; then each has to wait twice as long as the one before, from a minute to the longest. Milliseconds. */
export interface Rule {
  readonly free: number;
  readonly longest: number;
}

/** What tries are counted for. */
export const KINDS = ["pair", "address", "account"] as const;
export type Kind = (typeof KINDS)[number];

export const MINUTE = 60_000;

export const RULES: Readonly<Record<Kind, Rule>> = {
  /** One address at one account. */
  pair: { free: 5, longest: 15 * MINUTE },
  /** One address at any accounts: an office behind one address is many people. */
  address: { free: 20, longest: 15 * MINUTE },
  /** Any addresses at one account: never long, or anybody could lock somebody out. */
  account: { free: 20, longest: MINUTE },
};

/** After so long without a try all is forgotten. Milliseconds. */
export const FORGOTTEN = 30 * MINUTE;

/** Where each kind is counted for such a try. */
export function placesOf(network: string, account: string): Readonly<Record<Kind, string>> {
  return { pair: `${network} ${account}`, address: network, account };
}

/** `wait` is milliseconds. */
export function tooMany(wait: number): Failure {
  const seconds = Math.ceil(wait / 1000);
  return new Failure("rate-limited", `Too many logins were tried. Wait ${seconds} seconds, then try again.`, { retryAfter: seconds });
}
