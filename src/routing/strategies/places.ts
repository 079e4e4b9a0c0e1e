import type { Option } from "../able/option.ts";

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

  /** In place. Equals in all stay as they are. */
  sort(options: Option[]): void {
    if (options.length > FEW) {
      options.sort((left, right) => this.#difference(left.index, right.index));
      return;
    }
    const { key } = this;
    for (let at = 1; at < options.length; at++) {
      const option = options[at] as Option;
      const own = key[option.index] as number;
      let to = at;
      for (; to > 0; to--) {
        const other = options[to - 1] as Option;
        const others = key[other.index] as number;
        if (others < own || (others === own && this.#difference(other.index, option.index) <= 0)) break;
        options[to] = other;
      }
      options[to] = option;
    }
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
