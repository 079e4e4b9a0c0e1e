import type { Meter } from "./meter.ts";
import type { Rule } from "./rule.ts";

/** What came within a sixtieth of the span: counted as long as the last of it counts. */
interface Clump {
  readonly start: number;
  latest: number;
  amount: number;
}

const CLUMPS = 60;

/**
 * So much in every span of time, wherever one begins to look: what was charged counts until a span after it, or up to a sixtieth of the span
 * longer, never shorter. What comes seldom is counted to the microsecond. At most 62 clumps.
 */
export class SlidingWindow implements Meter {
  readonly #span: number;
  #clumps: Clump[] = [];
  #sum = 0;

  /** `span` is milliseconds. */
  constructor(span: number) {
    this.#span = span;
  }

  wait(amount: number, { limit }: Rule, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY;
    this.#forget(now);
    let over = this.#sum + amount - limit;
    if (over <= 0) return 0;
    for (const clump of this.#clumps) {
      over -= clump.amount;
      if (over <= 0) return this.#left(clump, now);
    }
    return Number.POSITIVE_INFINITY;
  }

  charge(amount: number, _rule: Rule, now: number): number {
    this.#forget(now);
    this.#sum += amount;
    const last = this.#clumps[this.#clumps.length - 1];
    if (last !== undefined && now - last.start < this.#span / CLUMPS) {
      last.latest = now;
      last.amount += amount;
      return last.start;
    }
    this.#clumps.push({ start: now, latest: now, amount });
    return now;
  }

  giveBack(amount: number, charge: number): void {
    const clump = this.#clumps.find(({ start }) => start === charge);
    if (clump === undefined) return;
    const back = Math.min(amount, clump.amount);
    clump.amount -= back;
    this.#sum -= back;
  }

  used(_rule: Rule, now: number): number {
    this.#forget(now);
    return this.#sum;
  }

  resets(now: number): number {
    for (let index = this.#clumps.length - 1; index >= 0; index--) {
      const clump = this.#clumps[index];
      if (clump !== undefined && clump.amount > 0) return Math.max(0, this.#left(clump, now));
    }
    return 0;
  }

  copy(): SlidingWindow {
    const other = new SlidingWindow(this.#span);
    other.#clumps = this.#clumps.map((clump) => ({ ...clump }));
    other.#sum = this.#sum;
    return other;
  }

  /** What counts, oldest first: how much, and how many milliseconds ago the last of it came. */
  *counted(now: number): Iterable<{ readonly amount: number; readonly ago: number }> {
    for (const { amount, latest } of this.#clumps) if (amount > 0 && now - latest < this.#span) yield { amount, ago: now - latest };
  }

  /** Milliseconds that it still counts: never more than the span, as the sum of fractions in another order may be. */
  #left({ latest }: Clump, now: number): number {
    return latest - now + this.#span;
  }

  #forget(now: number): void {
    let gone = 0;
    for (let first = this.#clumps[0]; first !== undefined && this.#left(first, now) <= 0; first = this.#clumps[++gone]) this.#sum -= first.amount;
    if (gone > 0) this.#clumps.splice(0, gone);
  }
}
