/** How many calls each deployment has been given and has not answered. One column: who compares fifty of them looks at little memory. */
export class CallCounts {
  #column = new Int32Array(64);
  readonly #free: number[] = [];
  #slots = 0;

  /** By slot; another one once there are more. */
  get column(): Int32Array {
    return this.#column;
  }

  /** Another one, without calls. Gives its slot. */
  add(): number {
    const slot = this.#free.pop() ?? this.#slots++;
    if (slot >= this.#column.length) {
      const longer = new Int32Array(this.#column.length * 2);
      longer.set(this.#column);
      this.#column = longer;
    }
    this.#column[slot] = 0;
    return slot;
  }

  set(slot: number, calls: number): void {
    this.#column[slot] = calls;
  }

  /** It is gone: another's from now on. */
  free(slot: number): void {
    this.#free.push(slot);
  }
}
