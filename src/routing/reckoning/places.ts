import type { Option, Peers } from "../able/option.ts";

/** Past so many the library sorts. */
const FEW = 64;

/** What decides between equal keys, the least first: worked out for those few only. */
export type Tie = (option: Option) => number;

/** Where each deployment stands, by its place in the model: the least comes first. */
export class Places {
  readonly key: Float64Array;
  /** Counts last: who was first longest ago. */
  readonly #turn: Float64Array;
  #taken = 0;

  constructor(deployments: number) {
    this.key = new Float64Array(deployments);
    this.#turn = new Float64Array(deployments);
  }

  /** It has had its turn. */
  takeTurn({ index }: Option): void {
    this.#turn[index] = ++this.#taken;
  }

  /** So many of these, the best first. Equals in all stay as they are. */
  best({ options, indexes }: Peers, most: number, tie?: Tie): Option[] {
    if (Math.min(options.length, most) > FEW) return options.toSorted((left, right) => this.#difference(left, right, tie)).slice(0, most);
    const { key } = this;
    const best: Option[] = [];
    for (let at = 0; at < indexes.length; at++) {
      const index = indexes[at] as number;
      const option = options[at] as Option;
      const own = key[index] as number;
      let to = best.length;
      for (; to > 0; to--) {
        const other = best[to - 1] as Option;
        const others = key[other.index] as number;
        if (others < own || (others === own && (tied(tie, other, option) || this.#byTurn(other.index, index)) <= 0)) break;
        if (to < most) best[to] = other;
      }
      if (to < most) best[to] = option;
    }
    return best;
  }

  /** The better of the two. */
  better(one: Option, other: Option, tie?: Tie): Option {
    return this.#difference(one, other, tie) <= 0 ? one : other;
  }

  #difference(left: Option, right: Option, tie: Tie | undefined): number {
    return difference(this.key[left.index] as number, this.key[right.index] as number) || tied(tie, left, right) || this.#byTurn(left.index, right.index);
  }

  #byTurn(left: number, right: number): number {
    return difference(this.#turn[left] as number, this.#turn[right] as number);
  }
}

function tied(tie: Tie | undefined, left: Option, right: Option): number {
  return tie === undefined ? 0 : difference(tie(left), tie(right));
}

/** Infinity and infinity are the same. */
function difference(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
