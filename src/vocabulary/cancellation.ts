import type { Failure } from "./failure.ts";

/** Calls work off, with the reason. What `AbortController` and its signal do, without being an event target: one is made for every attempt. */
export class Cancellation {
  readonly #listeners: ((reason: Failure) => void)[] = [];
  #reason: Failure | undefined;

  /** Why it was called off; `undefined` while it was not. */
  get reason(): Failure | undefined {
    return this.#reason;
  }

  /** Only the first reason counts. */
  cancel(reason: Failure): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const then of this.#listeners) then(reason);
  }

  /** Calls back once, when it is called off; never when it already was. */
  onCancel(then: (reason: Failure) => void): void {
    this.#listeners.push(then);
  }
}
