import { dividedHalfUp, type Nano } from "../../vocabulary/money.ts";
import { isFree, type Price } from "../../vocabulary/price.ts";

/** Rates for a million are the finest: a bill is added up in millionths of a nano-USD. */
const MILLION = 1_000_000;
/** An hour has 3.6 million milliseconds: 18 fifths of a million. */
const HOUR_PARTS = { of: 5n, all: 18n };

/** A bill as it is added up: counts, whole and not negative, and the rates they are billed at, if at all. It is rounded once, at the end. */
export class Bill {
  /** Millionths: as a number while that is exact, which is five times as quick, and what is larger than that beside it. */
  #small = 0;
  #large = 0n;
  /** Milliseconds times rates for an hour. */
  #hours = 0n;
  #counted = false;
  #priced = false;

  /** What is billed by the million. */
  addMillions(count: number, rate: number | undefined): void {
    if (this.#isPriced(count, rate)) this.#add(count, rate, 1);
  }

  /** What is billed by the piece. */
  addEach(count: number, rate: number | undefined): void {
    if (this.#isPriced(count, rate)) this.#add(count, rate, MILLION);
  }

  /** What is billed by the second. */
  addSeconds(milliseconds: number, rate: number | undefined): void {
    if (this.#isPriced(milliseconds, rate)) this.#add(milliseconds, rate, 1000);
  }

  /** What is billed by the hour. */
  addHours(milliseconds: number, rate: number | undefined): void {
    if (this.#isPriced(milliseconds, rate)) this.#hours += BigInt(milliseconds) * BigInt(rate);
  }

  #isPriced(count: number, rate: number | undefined): rate is number {
    if (!(count > 0)) return false;
    this.#counted = true;
    if (rate === undefined) return false;
    this.#priced = true;
    return true;
  }

  #add(count: number, rate: number, times: number): void {
    const sum = this.#small + count * rate * times;
    // However a product is rounded that is not exact: it never becomes small enough to pass for one that is.
    if (Number.isSafeInteger(sum)) this.#small = sum;
    else this.#large += BigInt(count) * BigInt(rate) * BigInt(times);
  }

  /** Nano-USD, rounded half-up. `undefined`: there is something to bill, and the price knows nothing of it. */
  total(price: Price): Nano | undefined {
    if (this.#counted && !this.#priced && !isFree(price)) return undefined;
    if (this.#large === 0n && this.#hours === 0n) {
      const rest = this.#small % MILLION;
      return BigInt((this.#small - rest) / MILLION + (rest * 2 >= MILLION ? 1 : 0));
    }
    const millionths = this.#large + BigInt(this.#small);
    return dividedHalfUp(millionths * HOUR_PARTS.all + this.#hours * HOUR_PARTS.of, BigInt(MILLION) * HOUR_PARTS.all);
  }
}
