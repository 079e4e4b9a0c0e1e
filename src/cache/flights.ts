/** What became of an answer that others wait for. */
export type Landing<Answer> =
  | { readonly type: "answer"; readonly answer: Answer }
  /** It failed, or its client left: somebody else may do better. */
  | { readonly type: "lost" }
  /** It is whole, but not for others. */
  | { readonly type: "private" };

/** What somebody who waits is told: here it is; ask yourself, and the others wait for you; ask yourself, for yourself. */
export type Turn<Answer> = Exclude<Landing<Answer>, { type: "lost" | "private" }> | { readonly type: "lead" } | { readonly type: "alone" };

type Waiting<Answer> = (turn: Turn<Answer>) => void;

/**
 * Requests of one key at the same time: the first leads and asks, the others wait for its answer. Whoever leads lands exactly once. When
 * an answer is lost, the one who has waited longest leads next, so that nobody asks more than once.
 */
export class Flights<Answer> {
  readonly #flights = new Map<string, Set<Waiting<Answer>>>();

  /** True: you lead, and must land. False: somebody else does. */
  lead(key: string): boolean {
    if (this.#flights.has(key)) return false;
    this.#flights.set(key, new Set());
    return true;
  }

  /** Waits behind who leads. The function it returns gives the place up: nothing is told after that. */
  follow(key: string, then: Waiting<Answer>): () => void {
    const waiting = this.#flights.get(key);
    waiting?.add(then);
    if (waiting === undefined) then({ type: "alone" });
    return () => void waiting?.delete(then);
  }

  land(key: string, landing: Landing<Answer>): void {
    const waiting = this.#flights.get(key);
    if (waiting === undefined) return;
    if (landing.type === "lost") {
      const [next] = waiting;
      if (next !== undefined) {
        waiting.delete(next);
        next({ type: "lead" });
        return;
      }
    }
    this.#flights.delete(key);
    const turn: Turn<Answer> = landing.type === "answer" ? landing : { type: "alone" };
    for (const then of waiting) then(turn);
  }

  /** How many answers are waited for, or could be. */
  get size(): number {
    return this.#flights.size;
  }
}
