import { dividedHalfUp, type Nano } from "../../vocabulary/money.ts";
import { isFree, type Price } from "../../vocabulary/price.ts";

/** Rates for a million are the finest: a bill is added up in millionths of a nano-USD. */
const MILLION = 1_000_000;
/** An hour has 3.6 million milliseconds: 18 fifths of a million. */
const HOUR_PARTS = { of: 5n, all: 18n };

/** A bill as it is added up: counts, whole and not negative, and the rates they are billed at, if at all. It is rounded once, at the end. */
export class Bill {
  readonly #millionths = new Sum();
  /** Milliseconds times rates for an hour. */
  readonly #hours = new Sum();
  #counted = false;
  #priced = false;

  /** What is billed by the million. */
  addMillions(count: number, rate: number | undefined): void {
    if (this.#isPriced(count, rate)) this.#millionths.add(count, rate);
  }

  /** What is billed by the piece. */
  addEach(count: number, rate: number | undefined): void {
    if (this.#isPriced(count, rate)) this.#millionths.add(count, rate, MILLION);
  }

  /** What is billed by the second. */
  addSeconds(milliseconds: number, rate: number | undefined): void {
    if (this.#isPriced(milliseconds, rate)) this.#millionths.add(milliseconds, rate, 1000);
  }

  /** What is billed by the hour. */
  addHours(milliseconds: number, rate: number | undefined): void {
    if (this.#isPriced(milliseconds, rate)) this.#hours.add(milliseconds, rate);
  }

  #isPriced(count: number, rate: number | undefined): rate is number {
    if (!(count > 0)) return false;
    this.#counted = true;
    if (rate === undefined) return false;
    this.#priced = true;
    return true;
  }

  /** Nano-USD, rounded half-up. `undefined`: there is something to bill, and the price knows nothing of it. */
  total(price: Price): Nano | undefined {
    if (this.#counted && !this.#priced && !isFree(price)) return undefined;
    if (this.#hours.isNothing) return this.#millionths.inMillions();
    return dividedHalfUp(this.#millionths.whole * HOUR_PARTS.all + this.#hours.whole * HOUR_PARTS.of, BigInt(MILLION) * HOUR_PARTS.all);
  }
}

/** A sum of products, exact at any size: a number while it is safe as one, which is five times as quick, and then a bigint. */
class Sum {
  #small = 0;
  #large = 0n;

  get isNothing(): boolean {
    return this.#small === 0 && this.#large === 0n;
  }

  get whole(): bigint {
    return this.#large + BigInt(this.#small);
  }

  add(count: number, rate: number, times = 1): void {
    const sum = this.#small + count * rate * times;
    // Products that are not safe are never below what is, however they were rounded: no such sum seems safe that is not.
    if (Number.isSafeInteger(sum)) this.#small = sum;
    else this.#large += BigInt(count) * BigInt(rate) * BigInt(times);
  }

  /** Its millionth part, rounded half-up. */
  inMillions(): bigint {
    if (this.#large !== 0n) return dividedHalfUp(this.whole, BigInt(MILLION));
    const rest = this.#small % MILLION;
    return BigInt((this.#small - rest) / MILLION + (rest * 2 >= MILLION ? 1 : 0));
  }
}
