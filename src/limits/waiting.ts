import type { Gate, Place } from "./gate.ts";

/** A wait for whichever of several gates lets in first. */
export interface Waiting {
  /** Higher is let in first. */
  readonly priority: number;
  /** The place, and at which of the gates. `false` turns it down: that gate is not waited for any more. */
  offered(place: Place, index: number): boolean;
  /** Every gate's place was turned down. */
  nowhere(): void;
}

/**
 * Stands in the queues of all these gates that have room, and leaves the others at the moment it takes a place: never two. Gives a
 * function that ends the wait, harmless when it is over; `undefined`: every queue is full.
 */
export function waitAt(gates: readonly Pick<Gate, "queue" | "forget">[], waiting: Waiting): (() => void) | undefined {
  const standing = new Map<number, () => void>();
  let over = false;
  let deciding = false;
  const end = () => {
    over = true;
    for (const forget of standing.values()) forget();
    standing.clear();
  };
  const offered = (place: Place, index: number): boolean => {
    standing.delete(index);
    if (over || deciding) return false;
    deciding = true;
    const taken = waiting.offered(place, index);
    deciding = false;
    if (taken) end();
    else if (standing.size === 0 && !over) {
      over = true;
      waiting.nowhere();
    }
    return taken;
  };
  for (const [index, gate] of gates.entries()) {
    const waiter = { priority: waiting.priority, offered: (place: Place) => offered(place, index) };
    if (gate.queue(waiter)) standing.set(index, () => gate.forget(waiter));
  }
  return standing.size === 0 ? undefined : end;
}
