import type { AccountId } from "../vocabulary/ledger.ts";
import type { Nano } from "../vocabulary/money.ts";

/**
 * What this gateway may spend of an account: the money it has been lent, and what is held of it for answers under way. Whoever finds too
 * little of it free waits in line; who came first is served first.
 */
export class Purse {
  readonly account: AccountId;
  /** Over the account's balance: a budget's amount. */
  ceiling: Nano;
  /** In words for whoever is refused: `the balance of user ann`, `the daily budget of 5 USD of key ci`. */
  name: string;
  /** When a budget begins anew, milliseconds since 1970; absent: a balance, which does not. */
  readonly resetsAt?: number;
  /** Lent to us and not spent. */
  lent: Nano = 0n;
  held: Nano = 0n;
  /** What the account had beside that, when we last asked. */
  elsewhere: Nano = 0n;
  /** Until then the database has not so much for us as we asked for, or is away. By the clock that never goes back. */
  dryUntil: number = Number.NEGATIVE_INFINITY;
  /** How much that was. */
  deniedLast: Nano = 0n;
  /** The database did not answer when it was asked last. */
  away = false;
  /** The database is being asked. */
  asking = false;
  /** When it was last of use, by the same clock. */
  usedAt = 0;
  readonly #line: (() => void)[] = [];

  constructor(facts: { readonly account: AccountId; readonly ceiling: Nano; readonly name: string; readonly resetsAt?: number }) {
    this.account = facts.account;
    this.ceiling = facts.ceiling;
    this.name = facts.name;
    this.resetsAt = facts.resetsAt;
  }

  get free(): Nano {
    return this.lent - this.held;
  }

  /** What there would be if every hold were released, as far as is known: more than that will not fit. */
  get reach(): Nano {
    return this.away ? this.lent : this.lent + this.elsewhere;
  }

  get waiting(): number {
    return this.#line.length;
  }

  hold(amount: Nano): void {
    this.held += amount;
  }

  /** A hold is over: so much of it was used, which may be more than was held. What is free now goes to whoever waits. */
  settle(held: Nano, used: Nano): void {
    this.held -= held;
    this.lent = used > this.lent ? 0n : this.lent - used;
    this.wake();
  }

  /** Gives up all that is not held, for the database to lend anew; how much that is. */
  surrender(): Nano {
    const free = this.free > 0n ? this.free : 0n;
    this.lent -= free;
    this.elsewhere += free;
    return free;
  }

  /** What was lent to us has been given to others. */
  lose(): void {
    this.lent = 0n;
    this.dryUntil = Number.NEGATIVE_INFINITY;
  }

  /** Waits for something to change; at the head of the line when it was there before. What it gives ends the waiting. */
  wait(then: () => void, again: boolean): () => void {
    if (again) this.#line.unshift(then);
    else this.#line.push(then);
    return () => {
      const index = this.#line.indexOf(then);
      if (index >= 0) this.#line.splice(index, 1);
    };
  }

  /** Whoever is first in line looks again. */
  wake(): void {
    this.#line.shift()?.();
  }
}
