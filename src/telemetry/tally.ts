import { Counter, type Registry } from "@prometheus-io/client";

/**
 * A counter whose labels are few and whose requests are many: counted in plain numbers, handed to the metrics client when somebody reads
 * the metrics. The client itself makes a labels object and a key of them for every count, which was a third of what a request's metrics cost.
 */
export class Tally {
  readonly #first: Branch = new Map();

  constructor(facts: { readonly name: string; readonly help: string; readonly labelNames: readonly string[]; readonly registers: Registry[] }) {
    const counts = this.#first;
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

  /** Counts so many for these values, in the order of the labels' names. */
  add(count: number, first: string, second = "", third = "", fourth = ""): void {
    const branch = grown(grown(grown(this.#first, first), second), third);
    branch.set(fourth, ((branch.get(fourth) as number | undefined) ?? 0) + count);
  }
}

/** Values to further values, four deep; the last lead to numbers. */
type Branch = Map<string, Branch | number>;

function grown(branch: Branch, value: string): Branch {
  let next = branch.get(value) as Branch | undefined;
  if (next === undefined) branch.set(value, (next = new Map()));
  return next;
}

function leavesOf(branch: Branch, above: readonly string[] = []): { readonly values: readonly string[]; readonly count: number }[] {
  return [...branch].flatMap(([value, next]) => (typeof next === "number" ? [{ values: [...above, value], count: next }] : leavesOf(next, [...above, value])));
}
