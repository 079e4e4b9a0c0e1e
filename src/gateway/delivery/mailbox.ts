/** Where one reader waits for whatever comes first. Everything put is taken once, in order. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  #waiting: ((item: T) => void) | undefined;

  put(item: T): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#items.push(item);
      return;
    }
    this.#waiting = undefined;
    waiting(item);
  }

  /** The next item, now or later. One reader at a time. */
  take(): Promise<T> | T {
    const item = this.#items.shift();
    if (item !== undefined) return item;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
