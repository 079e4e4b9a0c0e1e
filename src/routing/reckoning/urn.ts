import type { Option, Peers } from "../able/option.ts";

/** Randomness from 0 to 1, 1 never. */
export type Random = () => number;

const DRAWN = -1;

type Some = Pick<Peers, "options" | "indexes">;

/** Draws one after the other by weight, and puts nobody back. All are alike where nobody who is left has any. */
export class Urn {
  /** By `Option.index`, as all columns here. */
  readonly #weights: Float64Array;
  readonly #random: Random;
  readonly #left: Float64Array;
  #peers: Some = { options: [], indexes: new Int32Array() };

  constructor(weights: Float64Array, random: Random) {
    this.#weights = weights;
    this.#random = random;
    this.#left = new Float64Array(weights.length);
  }

  /** These are in it now, all of them. */
  fill(peers: Some): void {
    this.#peers = peers;
    this.#left.set(this.#weights);
  }

  /** `undefined` when it is empty. */
  draw(): Option | undefined {
    const { options, indexes } = this.#peers;
    const left = this.#left;
    let total = 0;
    let count = 0;
    for (let at = 0; at < indexes.length; at++) {
      const weight = left[indexes[at] as number] as number;
      if (weight === DRAWN) continue;
      total += weight;
      count++;
    }
    if (count === 0) return undefined;
    const alike = total === 0;
    let rest = this.#random() * (alike ? count : total);
    let drawn = 0;
    for (let at = 0; at < indexes.length && rest >= 0; at++) {
      const weight = left[indexes[at] as number] as number;
      if (weight === DRAWN) continue;
      drawn = at; // the last, should rounding leave something over
      rest -= alike ? 1 : weight;
    }
    left[indexes[drawn] as number] = DRAWN;
    return options[drawn];
  }
}
