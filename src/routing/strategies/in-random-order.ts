import type { Option, Peers } from "../able/option.ts";
import type { Random } from "./strategy.ts";

/** One after the other, each drawn from those left by its weight; all are alike where nobody has any. Whoever stops early has looked at few. `weights` are by index. */
export function* inRandomOrder({ options, indexes }: Peers, weights: Float64Array, random: Random): Iterable<Option> {
  const drawn = new Set<number>();
  while (drawn.size < options.length) {
    const at = draw(indexes, weights, drawn, random);
    drawn.add(at);
    yield options[at] as Option;
  }
}

/** The place of one that is not drawn yet. */
function draw(indexes: Int32Array, weights: Float64Array, drawn: ReadonlySet<number>, random: Random): number {
  let total = 0;
  for (let at = 0; at < indexes.length; at++) if (!drawn.has(at)) total += weights[indexes[at] as number] as number;
  let left = random() * (total || indexes.length - drawn.size);
  let last = 0;
  for (let at = 0; at < indexes.length; at++) {
    if (drawn.has(at)) continue;
    last = at;
    left -= total > 0 ? (weights[indexes[at] as number] as number) : 1;
    if (left < 0) return at;
  }
  return last; // what is left over by rounding
}
