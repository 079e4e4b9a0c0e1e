import type { Meter } from "./meter.ts";
import type { Rule } from "./rule.ts";

/** Less than a microsecond is how sums of fractions come out, and nothing to wait for. Milliseconds. */
const HAIR = 0.001;

/**
 * So many a second, and a burst of them at once: in any T seconds no more than burst + rate × T. The generic cell rate algorithm, which
 * remembers one time: that by which all that was charged will have been earned again.
 */
export class Pace implements Meter {
  #earned = 0;
  /** What it was before the last charge: that one, and no other, can be given back without a hole. */
  #before = 0;

  wait(amount: number, { limit, burst }: Rule, now: number): number {
    if (limit <= 0 || amount > burst) return Number.POSITIVE_INFINITY;
    const wait = this.resets(now) + ((amount - burst) * 1000) / limit;
    return wait < HAIR ? 0 : wait;
  }

  charge(amount: number, { limit }: Rule, now: number): number {
    this.#before = this.#earned;
    if (limit > 0) this.#earned = Math.max(this.#earned, now) + (amount * 1000) / limit;
    return this.#earned;
  }

  giveBack(_amount: number, charge: number): void {
    if (this.#earned === charge) this.#earned = this.#before;
  }

  used({ limit }: Rule, now: number): number {
    // A hair less than a whole one is a whole one, or rounding would count one too many.
    return Math.max(0, Math.ceil((this.resets(now) * limit) / 1000 - 1e-6));
  }

  resets(now: number): number {
    return Math.max(0, this.#earned - now);
  }

  copy(): Pace {
    const other = new Pace();
    other.#earned = this.#earned;
    other.#before = this.#earned;
    return other;
  }
}
