import type { Option, Peers } from "../able/option.ts";

/** Past so many the library sorts. */
const FEW = 64;

/** Where each deployment stands, by its place in the model: the least comes first. */
export class Places {
  readonly key: Float64Array;
  /** Counts between equal keys. */
  readonly second: Float64Array;
  /** Counts last: who was first longest ago. */
  readonly #turn: Float64Array;
  #turns = 0;

  constructor(deployments: number) {
    this.key = new Float64Array(deployments);
    this.second = new Float64Array(deployments);
    this.#turn = new Float64Array(deployments);
  }

  /** It has had its turn. */
  takeTurn({ index }: Option): void {
    this.#turn[index] = ++this.#turns;
  }

  /** So many of these, the best first. Equals in all stay as they are. */
  best({ options, indexes }: Peers, most: number): Option[] {
    if (Math.min(options.length, most) > FEW) return options.toSorted((left, right) => this.#difference(left.index, right.index)).slice(0, most);
    const { key } = this;
    const best: Option[] = [];
    for (let at = 0; at < indexes.length; at++) {
      const index = indexes[at] as number;
      const own = key[index] as number;
      let to = best.length;
      for (; to > 0; to--) {
        const other = best[to - 1] as Option;
        const others = key[other.index] as number;
        if (others < own || (others === own && this.#difference(other.index, index) <= 0)) break;
        if (to < most) best[to] = other;
      }
      if (to < most) best[to] = options[at] as Option;
    }
    return best;
  }

  /** The better of the two. */
  better(one: Option, other: Option): Option {
    return this.#difference(one.index, other.index) <= 0 ? one : other;
  }

  #difference(left: number, right: number): number {
    return difference(this.key, left, right) || difference(this.second, left, right) || difference(this.#turn, left, right);
  }
}

/** Infinity and infinity are the same. */
function difference(column: Float64Array, left: number, right: number): number {
  const one = column[left] as number;
  const other = column[right] as number;
  return one === other ? 0 : one - other;
}
