import type { Clock } from "../../../vocabulary/clock.ts";
import type { Timer } from "../../../vocabulary/timer.ts";

interface Waiting {
  readonly until: number;
  late(): void;
}

interface InTimeParts {
  readonly clock: Pick<Clock, "elapsed">;
  readonly timer: Timer;
  /** Milliseconds an answer may take. */
  readonly deadline: () => number;
}

/** Waits for answers no longer than a deadline; they come in turn, so that one timer serves them all. */
export class InTime {
  readonly #parts: InTimeParts;
  readonly #waiting = new Set<Waiting>();
  #watching = false;

  constructor(parts: InTimeParts) {
    this.#parts = parts;
  }

  /** The answer; rejects as it does, and when it is late. */
  wait<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        until: this.#parts.clock.elapsed() + this.#parts.deadline(),
        late: () => reject(new Error(`Redis did not answer within ${this.#parts.deadline()} ms.`)),
      };
      this.#waiting.add(one);
      this.#watch();
      answer.then(
        (value) => {
          this.#waiting.delete(one);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(one);
          reject(error);
        },
      );
    });
  }

  #watch(): void {
    const [oldest] = this.#waiting;
    if (this.#watching || oldest === undefined) return;
    this.#watching = true;
    const left = oldest.until - this.#parts.clock.elapsed();
    // Past the deadline a turn of the event loop is waited for: an answer that lay there while this process was busy is read in it.
    this.#parts.timer(Math.max(0, left), () => {
      this.#watching = false;
      if (left <= 0) this.#call();
      this.#watch();
    });
  }

  #call(): void {
    const now = this.#parts.clock.elapsed();
    for (const one of this.#waiting) {
      if (one.until > now) return;
      this.#waiting.delete(one);
      one.late();
    }
  }
}
