import type { PhaseName } from "./core/phase.ts";

/** Something the fleet did, and why: for operators, oldest first. */
export interface Happening {
  /** Rises by one with each. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: "engine" | "driver" | "window" | "gpus" | "order";
  readonly engine?: string;
  readonly generation?: number;
  readonly from?: PhaseName;
  readonly to?: PhaseName;
  /** In a sentence. */
  readonly why: string;
  /** Is it one that somebody should look at? */
  readonly alert?: true;
}

/** So many are remembered. */
const KEPT = 1000;

/** What happened lately, and who is told of it as it happens. */
export class Happenings {
  readonly #kept: Happening[] = [];
  readonly #listeners = new Set<(happening: Happening) => void>();
  readonly #now: () => number;
  #last = 0;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  tell(happening: Omit<Happening, "id" | "at">): void {
    const told = { id: ++this.#last, at: this.#now(), ...happening };
    this.#kept.push(told);
    if (this.#kept.length > KEPT) this.#kept.shift();
    for (const listener of this.#listeners) listener(told);
  }

  /** Those after this one; all that are remembered without. */
  since(id = 0): readonly Happening[] {
    return this.#kept.filter((each) => each.id > id);
  }

  /** Gives a function that ends it. */
  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
