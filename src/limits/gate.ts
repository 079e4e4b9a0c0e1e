/** How many may be inside at once, and how many may wait for that; absent: no bound. */
export interface GateLimits {
  readonly maxConcurrent?: number;
  readonly maxQueue?: number;
}

/** Somebody inside: gives the place back, once. */
export interface Place {
  /** Harmless the second time. */
  leave(): void;
}

/** Somebody who waits for a place. */
export interface Waiter {
  /** Higher is let in first; of equals, who came first. */
  readonly priority: number;
  /** A place of its own, if it says yes. Either way it stands in this queue no longer. */
  offered(place: Place): boolean;
}

/**
 * Counts who is inside, exactly, and lets no more in than it may; the others wait in a queue or are turned away. Its limits are read
 * each time: a lower one throws nobody out. It knows no time: who has waited long enough is for the waiter to know.
 */
export class Gate {
  readonly #limits: () => GateLimits;
  readonly #changed: (calls: number) => void;
  readonly #queue = new Queue();
  #inside = 0;
  #letting = false;

  /** `changed` is told of how many are inside or queued. */
  constructor(limits: () => GateLimits, changed: (calls: number) => void = () => undefined) {
    this.#limits = limits;
    this.#changed = changed;
  }

  get inside(): number {
    return this.#inside;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** A place at once; `undefined`: it is full. */
  enter(): Place | undefined {
    if (this.#queue.size > 0) this.letIn();
    return this.#free() ? this.#take() : undefined;
  }

  /** Waits for a place, from its end of the queue; `false`: the queue is full. */
  queue(waiter: Waiter): boolean {
    if (this.#queue.size >= (this.#limits().maxQueue ?? Number.POSITIVE_INFINITY)) return false;
    this.#queue.add(waiter);
    this.#tell();
    return true;
  }

  /** Waits no longer. Harmless for one that does not wait. */
  forget(waiter: Waiter): void {
    this.#queue.remove(waiter);
    this.#tell();
  }

  #free(): boolean {
    return this.#inside < (this.#limits().maxConcurrent ?? Number.POSITIVE_INFINITY);
  }

  #take(): Place {
    this.#inside++;
    this.#tell();
    return new Taken(this.#left);
  }

  readonly #left = (): void => {
    this.#inside--;
    this.#tell();
    if (this.#queue.size > 0) this.letIn();
  };

  /** Lets in who may come by now: to be called when the limits have grown. Whoever is let in may leave at once, or turn the place down: the same loop goes on with the next. */
  letIn(): void {
    if (this.#letting) return;
    this.#letting = true;
    while (this.#free()) {
      const waiter = this.#queue.takeFirst();
      if (waiter === undefined) break;
      const place = this.#take();
      if (!waiter.offered(place)) place.leave();
    }
    this.#letting = false;
  }

  #tell(): void {
    this.#changed(this.#inside + this.#queue.size);
  }
}

/** A gate with these limits. */
export function gateFor(limits: () => GateLimits, changed: (calls: number) => void): Gate {
  return new Gate(limits, changed);
}

class Taken implements Place {
  #left: (() => void) | undefined;

  constructor(left: () => void) {
    this.#left = left;
  }

  leave(): void {
    const left = this.#left;
    this.#left = undefined;
    left?.();
  }
}

/** Waiters by priority, each priority in the order they came. Few priorities, any number of waiters. */
class Queue {
  readonly #lines: { readonly priority: number; readonly waiters: Set<Waiter> }[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter): void {
    const { priority } = waiter;
    let at = this.#lines.findIndex((line) => line.priority <= priority);
    if (at < 0) at = this.#lines.length;
    if (this.#lines[at]?.priority !== priority) this.#lines.splice(at, 0, { priority, waiters: new Set() });
    const waiters = this.#lines[at]?.waiters;
    if (waiters === undefined || waiters.has(waiter)) return;
    waiters.add(waiter);
    this.#size++;
  }

  remove(waiter: Waiter): void {
    const at = this.#lines.findIndex((line) => line.priority === waiter.priority);
    const waiters = this.#lines[at]?.waiters;
    if (waiters?.delete(waiter) !== true) return;
    this.#size--;
    if (waiters.size === 0) this.#lines.splice(at, 1);
  }

  takeFirst(): Waiter | undefined {
    const [first] = this.#lines[0]?.waiters ?? [];
    if (first !== undefined) this.remove(first);
    return first;
  }
}
