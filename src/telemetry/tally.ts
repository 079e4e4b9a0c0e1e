import { Counter, type Registry } from "@prometheus-io/client";

/**
 * A counter whose labels are few and whose requests are many: counted in plain numbers, handed to the metrics client when somebody reads
 * the metrics. The client itself makes a labels object and a key of them for every count, which was a third of what a request's metrics cost.
 * Labels with many values come last: then all of these lie in one map.
 */
export class Tally {
  readonly #counts: Branch = new Map();

  constructor(facts: { readonly name: string; readonly help: string; readonly labelNames: readonly string[]; readonly registers: Registry[] }) {
    const counts = this.#counts;
    const { labelNames } = facts;
    new Counter({
      ...facts,
      labelNames: [...labelNames],
      registers: [...facts.registers],
      collect() {
        this.reset();
        for (const { values, count } of leavesOf(counts)) this.inc(Object.fromEntries(labelNames.map((name, index) => [name, values[index] ?? ""])), count);
      },
    });
  }

  /** Counts so many for these values, one for each of the labels' names, in their order. */
  add(count: number, ...values: readonly [string, ...string[]]): void {
    let branch = this.#counts;
    const last = values.length - 1;
    for (let at = 0; at < last; at++) branch = grown(branch, values[at] as string);
    const value = values[last] as string;
    branch.set(value, ((branch.get(value) as number | undefined) ?? 0) + count);
  }
}

/** Values to further values, one level for each label; the last lead to numbers. */
type Branch = Map<string, Branch | number>;

function grown(branch: Branch, value: string): Branch {
  let next = branch.get(value) as Branch | undefined;
  if (next === undefined) branch.set(value, (next = new Map()));
  return next;
}

function leavesOf(branch: Branch, above: readonly string[] = []): { readonly values: readonly string[]; readonly count: number }[] {
  return [...branch].flatMap(([value, next]) => (typeof next === "number" ? [{ values: [...above, value], count: next }] : leavesOf(next, [...above, value])));
}
