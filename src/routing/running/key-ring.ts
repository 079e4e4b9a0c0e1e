import type { ServiceKey } from "../../vocabulary/service.ts";
import type { BreakerSettings } from "../health/breaker.ts";
import { KeyState } from "./key-state.ts";

/** The keys of a service at one deployment: in turn, without those that rest. */
export class KeyRing {
  readonly #settings: () => BreakerSettings;
  #adopted: readonly ServiceKey[] = [];
  #states: readonly KeyState[] = [];
  /** Where the next turn begins. */
  #turn = 0;

  constructor(settings: () => BreakerSettings) {
    this.#settings = settings;
  }

  get states(): readonly KeyState[] {
    return this.#states;
  }

  /** The keys as they are now: one that is still the same keeps its state, whatever it is called. */
  adopt(keys: readonly ServiceKey[]): void {
    if (keys === this.#adopted) return;
    const known = this.#states;
    this.#adopted = keys;
    this.#states = keys.map((key) => {
      const state = known.find((each) => each.is(key));
      if (state !== undefined) state.key = key;
      return state ?? new KeyState(key, this.#settings);
    });
  }

  /** A key's state; one for itself when it is not in force any more. */
  stateOf(key: ServiceKey): KeyState {
    for (const state of this.#states) if (state.key === key) return state;
    return this.#states.find((state) => state.is(key)) ?? new KeyState(key, this.#settings);
  }

  /** The next call is another key's turn. */
  used(state: KeyState): void {
    this.#turn = this.#states.indexOf(state) + 1;
  }

  /** The next in turn, whether it rests or not. */
  inTurn(): KeyState {
    return this.#at(this.#turn);
  }

  /** The next in turn that does not rest; when all do, the one that is due first, of those with something left if there are any. */
  able(now: number): KeyState {
    let best = this.inTurn();
    for (let step = 0; step < this.#states.length; step++) {
      const state = this.#at(this.#turn + step);
      if (state.resting(now) === undefined) return state;
      if (isBetter(state, best, now)) best = state;
    }
    return best;
  }

  /** When one of them has something left; `undefined`: one has. */
  limitedUntil(now: number): number | undefined {
    let until = Number.POSITIVE_INFINITY;
    for (const state of this.#states) {
      if (state.limitedNow(now) === undefined) return undefined;
      until = Math.min(until, state.due(now));
    }
    return until;
  }

  /** Why none of them may be used. */
  resting(now: number): string | undefined {
    let why: string | undefined;
    for (const state of this.#states) {
      why = state.resting(now);
      if (why === undefined) return undefined;
    }
    return this.#states.length === 1 ? `its key: ${why}` : `none of its ${this.#states.length} keys may be used, the last: ${why}`;
  }

  /** When one of them may be used. */
  due(now: number): number {
    return Math.min(...this.#states.map((state) => state.due(now)));
  }

  /** Nothing has to be looked up before one is used. */
  isPlain(now: number): boolean {
    return this.#states.every((state) => state.isPlain(now));
  }

  #at(index: number): KeyState {
    const state = this.#states[this.#states.length === 1 ? 0 : index % this.#states.length];
    if (state === undefined) throw new Error("a service has one key at least");
    return state;
  }
}

/** Of two that rest, who may be asked before the other. */
function isBetter(one: KeyState, other: KeyState, now: number): boolean {
  const [isLimited, otherIs] = [one.limitedNow(now) !== undefined, other.limitedNow(now) !== undefined];
  return isLimited === otherIs ? one.due(now) < other.due(now) : otherIs;
}
