/** Simulated time, in milliseconds: what is to happen happens in its order, at once. */
export class Timeline {
  readonly #events: { readonly at: number; readonly order: number; readonly then: () => void }[] = [];
  #order = 0;
  now = 0;

  /** Something to happen at this time, which is not before now. */
  at(at: number, then: () => void): void {
    this.#events.push({ at, order: this.#order++, then });
    this.#up(this.#events.length - 1);
  }

  /** Lets everything happen. */
  run(): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.now = next.at;
      next.then();
    }
  }

  #take() {
    const [first] = this.#events;
    const last = this.#events.pop();
    if (first !== last && last !== undefined) {
      this.#events[0] = last;
      this.#down(0);
    }
    return first;
  }

  #before(left: number, right: number): boolean {
    const [a, b] = [this.#events[left], this.#events[right]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
  }

  #swap(left: number, right: number): void {
    const [a, b] = [this.#events[left], this.#events[right]];
    if (a !== undefined && b !== undefined) [this.#events[left], this.#events[right]] = [b, a];
  }

  #up(index: number): void {
    for (let at = index; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(index: number): void {
    for (let at = index; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#before(child, least)) least = child;
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
