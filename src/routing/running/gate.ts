/** Who may be at a deployment at once: exact, with a queue before it. Main hands in the one there is (`limits/gate.ts`). */
export interface Gate {
  readonly inside: number;
  readonly queued: number;
  /** A place at once; `undefined`: it is full. */
  enter(): Place | undefined;
  queue(waiter: Waiter): boolean;
  forget(waiter: Waiter): void;
  /** Lets in who may come by now: its limits may have grown. */
  letIn(): void;
}

export interface Place {
  /** Harmless the second time. */
  leave(): void;
}

interface Waiter {
  readonly priority: number;
  offered(place: Place): boolean;
}

/** A gate with limits that are read each time; `changed` is told of how many are inside or queued. */
export type GateFor = (limits: () => { readonly maxConcurrent?: number; readonly maxQueue?: number }, changed: (calls: number) => void) => Gate;

/** Waits for whichever lets in first; gives what ends the wait, `undefined` when every queue is full. */
export type WaitAt = (
  gates: readonly Gate[],
  waiting: { readonly priority: number; offered(place: Place, index: number): boolean; nowhere(): void },
) => (() => void) | undefined;
