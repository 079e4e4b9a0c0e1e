import type { Failure } from "../vocabulary/failure.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { Timer } from "../vocabulary/timer.ts";
import type { Purse } from "./purse.ts";

/** What is to be held, on all of these at once or on none. */
export interface Wanted {
  readonly purses: readonly Purse[];
  readonly amount: Nano;
}

/** How one waits for money. */
export interface Patience {
  /** Asks the database for so much more, unless it is being asked. Whoever is first in line looks again when it has answered. */
  refill(purse: Purse, least: Nano): void;
  /** Has the database lately said that it has not so much more? */
  isDry(purse: Purse, more: Nano): boolean;
  /** Why nothing can be had of this purse. */
  refusal(purse: Purse, amount: Nano): Failure;
  /** Why one who waited so long for the holds of others must go. */
  impatience(purse: Purse, amount: Nano): Failure;
  /** Milliseconds. */
  readonly longest: number;
  readonly timer: Timer;
  /** Calls back when whoever waits does so no more. */
  onCallOff(then: (reason: Failure) => void): void;
}

/** Holds the amount on every purse, if it is free on every one and nobody waits there. */
export function heldAtOnce({ purses, amount }: Wanted): boolean {
  for (const purse of purses) if (purse.free < amount || purse.waiting > 0) return false;
  for (const purse of purses) purse.hold(amount);
  return true;
}

/**
 * Holds the amount as soon as it is free on every purse, in the order in which it was asked for. Rejects at once when the posted balance of
 * one of them cannot cover it, and after `longest` when only the holds of others stand in the way.
 */
export function heldInTime(wanted: Wanted, patience: Patience): Promise<void> {
  return new Promise((resolve, reject) => new Waiter(wanted, patience, { resolve, reject }).look());
}

class Waiter {
  readonly #wanted: Wanted;
  readonly #patience: Patience;
  readonly #promise: { resolve(): void; reject(reason: Failure): void };
  readonly #stopTimer: () => void;
  /** Where it waits in line. */
  #lacking: Purse | undefined;
  #leave: (() => void) | undefined;
  #over = false;

  constructor(wanted: Wanted, patience: Patience, promise: { resolve(): void; reject(reason: Failure): void }) {
    this.#wanted = wanted;
    this.#patience = patience;
    this.#promise = promise;
    const { purses, amount } = wanted;
    this.#stopTimer = patience.timer(patience.longest, () => this.#fail(patience.impatience(this.#lacking ?? (purses[0] as Purse), amount)));
    patience.onCallOff((reason) => this.#fail(reason));
  }

  /** Takes what it wants if it can, goes when it never will, or waits in the line of the first purse that lacks something. */
  readonly look = (): void => {
    if (this.#over) return;
    const { purses, amount } = this.#wanted;
    const before = this.#lacking;
    const purse = purses.find((each) => each.free < amount || (each.waiting > 0 && each !== before));
    if (purse === undefined) {
      for (const each of purses) each.hold(amount);
      this.#end();
      this.#promise.resolve();
      return;
    }
    const more = amount - purse.free;
    const dry = this.#patience.isDry(purse, more);
    if (dry && amount > purse.reach) {
      this.#fail(this.#patience.refusal(purse, amount));
      return;
    }
    this.#lacking = purse;
    this.#leave = purse.wait(this.look, purse === before);
    if (before !== undefined && before !== purse) before.wake();
    if (!dry && more > 0n) this.#patience.refill(purse, more);
  };

  #fail(reason: Failure): void {
    if (this.#over) return;
    this.#end();
    this.#promise.reject(reason);
  }

  #end(): void {
    this.#over = true;
    this.#stopTimer();
    this.#leave?.();
    // Whoever stands behind may find enough. Not in this turn's depth: a long line is no deep stack.
    queueMicrotask(() => {
      for (const purse of this.#wanted.purses) purse.wake();
    });
  }
}
