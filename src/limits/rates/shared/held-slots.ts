import type { Step } from "../rule.ts";
import { slotsKey } from "./messages.ts";
import { BATCH, type Batch } from "./owed.ts";

/** How long a slot is held for somebody who does not say that it is still there. Milliseconds. */
export const LEASE = 30_000;

/** The slots this process holds, by their names. */
export class HeldSlots {
  readonly #self: string;
  readonly #held = new Map<string, readonly string[]>();
  #count = 0;

  /** `self`: no two processes have the same. */
  constructor(self: string) {
    this.#self = self;
  }

  name(): string {
    this.#count++;
    return `${this.#self}:${this.#count.toString(36)}`;
  }

  hold(slot: string, step: Step): void {
    const keys = step.filter(({ rules }) => rules.some(({ kind }) => kind === "parallel")).map(({ scope, id }) => slotsKey(scope, id));
    if (keys.length > 0) this.#held.set(slot, keys);
  }

  /** What to tell Redis of a slot that is free; `undefined`: it was not held. */
  free(slot: string): Batch | undefined {
    const keys = this.#held.get(slot);
    this.#held.delete(slot);
    return keys && { keys, changes: keys.map((_, index) => ["free", index + 1, slot] as const) };
  }

  /** That all of them are still held. */
  *renewals(): Iterable<Batch> {
    let keys: string[] = [];
    let changes: Batch["changes"][number][] = [];
    for (const [slot, own] of this.#held) {
      for (const key of own) changes.push(["hold", keys.push(key), slot, LEASE]);
      if (keys.length < BATCH) continue;
      yield { keys, changes };
      keys = [];
      changes = [];
    }
    if (keys.length > 0) yield { keys, changes };
  }
}
