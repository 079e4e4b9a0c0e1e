import type { Meter } from "./meter.ts";
import type { Rule } from "./rule.ts";

/** When somebody who found no slot free may look again: nobody knows how long the others take. Milliseconds. */
const LOOK_AGAIN = 1000;

/** So many at once. */
export class Slots implements Meter {
  #held = 0;

  wait(amount: number, { limit }: Rule): number {
    if (amount > limit) return Number.POSITIVE_INFINITY;
    return this.#held + amount > limit ? LOOK_AGAIN : 0;
  }

  charge(amount: number): number {
    this.#held += amount;
    return 0;
  }

  giveBack(amount: number): void {
    this.#held -= amount;
  }

  used(): number {
    return this.#held;
  }

  resets(): number {
    return this.#held > 0 ? LOOK_AGAIN : 0;
  }

  /** Slots belong to who holds them. */
  copy(): Slots {
    return new Slots();
  }
}
