/** Something that happened, and why: for operators. */
export interface Happening {
  /** Rises by one with each. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: "engine" | "driver" | "window" | "order" | "circuit" | "config";
  readonly engine?: string;
  readonly generation?: number;
  /** The engine's states before and after. */
  readonly from?: string;
  readonly to?: string;
  readonly deployment?: string;
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

  /** Those after this one, oldest first. All that are remembered without it, and after one that is still to come: that was before a restart. */
  since(id = 0): readonly Happening[] {
    return this.#kept.filter((each) => each.id > id || id > this.#last);
  }

  /** Gives a function that ends it. */
  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
