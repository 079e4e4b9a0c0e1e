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
      options.sort((left, right) => (this.#isBefore(left.index, right.index) ? -1 : this.#isBefore(right.index, left.index) ? 1 : 0));
      return;
    }
    for (let at = 1; at < options.length; at++) {
      const option = options[at] as Option;
      let to = at;
      for (; to > 0; to--) {
        const other = options[to - 1] as Option;
        if (!this.#isBefore(option.index, other.index)) break;
        options[to] = other;
      }
      options[to] = option;
    }
  }

  #isBefore(left: number, right: number): boolean {
    return isLess(this.key, left, right) ?? isLess(this.second, left, right) ?? isLess(this.#turn, left, right) ?? false;
  }
}

function isLess(column: Float64Array, left: number, right: number): boolean | undefined {
  const one = column[left] as number;
  const other = column[right] as number;
  return one === other ? undefined : one < other;
}
