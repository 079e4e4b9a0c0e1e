import { dividedHalfUp, type Nano } from "../../vocabulary/money.ts";
import { isFree, type Price } from "../../vocabulary/price.ts";

/** Rates for a million are the finest: a bill is added up in millionths of a nano-USD. */
const MILLION = 1_000_000n;
/** An hour has 3.6 million milliseconds: 18 fifths of a million. */
const HOUR_PARTS = { of: 5n, all: 18n };

/** A bill as it is added up: counts, whole and not negative, and the rates they are billed at, if at all. It is rounded once, at the end. */
export class Bill {
  #millionths = 0n;
  /** Milliseconds times rates for an hour. */
  #hours = 0n;
  #counted = false;
  #priced = false;

  /** What is billed by the million. */
  addMillions(count: number, rate: number | undefined): void {
    if (count > 0) this.#millionths += this.#product(count, rate);
  }

  /** What is billed by the piece. */
  addEach(count: number, rate: number | undefined): void {
    if (count > 0) this.#millionths += this.#product(count, rate) * MILLION;
  }

  /** What is billed by the second. */
  addSeconds(milliseconds: number, rate: number | undefined): void {
    if (milliseconds > 0) this.#millionths += this.#product(milliseconds, rate) * 1000n;
  }

  /** What is billed by the hour. */
  addHours(milliseconds: number, rate: number | undefined): void {
    if (milliseconds > 0) this.#hours += this.#product(milliseconds, rate);
  }

  #product(count: number, rate: number | undefined): bigint {
    this.#counted = true;
    if (rate === undefined) return 0n;
    this.#priced = true;
    return BigInt(count) * BigInt(rate);
  }

  /** Nano-USD, rounded half-up. `undefined`: there is something to bill, and the price knows nothing of it. */
  total(price: Price): Nano | undefined {
    if (this.#counted && !this.#priced && !isFree(price)) return undefined;
    if (this.#hours === 0n) return dividedHalfUp(this.#millionths, MILLION);
    return dividedHalfUp(this.#millionths * HOUR_PARTS.all + this.#hours * HOUR_PARTS.of, MILLION * HOUR_PARTS.all);
  }
}
