import type { Clock } from "../vocabulary/clock.ts";
import type { Failure } from "../vocabulary/failure.ts";
import type { Use } from "./core/facts.ts";

/** A request that comes to an engine. */
export interface Guest {
  /** Higher is served first; below 0 it is patient: nobody busy is sent off for it. */
  readonly priority: number;
  /** When its upstream last gave a sign of life. Milliseconds on the clock that never goes back. */
  lastSign(): number;
}

/** A request at an engine that is up: it is not stopped under it before its time. */
export interface Stay {
  /** Where the engine is called, with its version path. */
  readonly baseUrl: string;
  /** Nobody listens there: whoever else would come is not sent there before it has been looked at. */
  unreachable(): void;
  /** Harmless the second time. */
  leave(): void;
}

/** How often an engine was up when somebody came (warm), on its way (joined), or neither (cold). */
export interface Arrivals {
  warm: number;
  joined: number;
  cold: number;
}

interface Waiter {
  readonly guest: Guest;
  readonly since: number;
  admit(stay: Stay): void;
  refuse(failure: Failure): void;
}

/** What those at an engine tell. */
interface CallersListener {
  /** One of them has left. */
  left(): void;
  /** Nobody listens where one of them was sent to: at this start of it. */
  unreachable(generation: number): void;
}

/** A start of an engine that is up. */
interface UpStart {
  /** With its version path. */
  readonly baseUrl: string;
  readonly generation: number;
}

/** Who is at an engine, and who waits for it. */
export class Callers {
  /** Who came since the gateway started, but for those who were refused. */
  readonly arrivals: Arrivals = { warm: 0, joined: 0, cold: 0 };
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #told: CallersListener;
  readonly #guests = new Set<Guest>();
  readonly #waiting = new Set<Waiter>();
  #urgent = 0;
  /** Since when somebody has been waiting, or nobody. */
  #since: number;
  #lastUsed = 0;

  constructor(clock: Pick<Clock, "elapsed">, told: CallersListener) {
    this.#clock = clock;
    this.#told = told;
    this.#since = clock.elapsed();
  }

  get use(): Use {
    return { active: this.#guests.size, waiting: this.#waiting.size, since: this.#since, urgent: this.#urgent > 0, lastUsed: this.#lastUsed };
  }

  /** When one of its guests last got something; absent: there are none. */
  get lastSign(): number | undefined {
    let last: number | undefined;
    for (const guest of this.#guests) last = Math.max(last ?? 0, guest.lastSign());
    return last;
  }

  enter(guest: Guest, { baseUrl, generation }: UpStart): Stay {
    this.#guests.add(guest);
    return { baseUrl, unreachable: () => this.#told.unreachable(generation), leave: () => this.#leave(guest) };
  }

  /** Waits until it is admitted or refused. Gives a function that ends the wait, harmless when it is over. */
  wait(waiting: Omit<Waiter, "since">): () => void {
    const now = this.#clock.elapsed();
    if (this.#waiting.size === 0) this.#since = now;
    const waiter = { ...waiting, since: now };
    this.#waiting.add(waiter);
    if (waiter.guest.priority >= 0) this.#urgent++;
    return () => this.#forget(waiter);
  }

  /** How many come before this one. */
  ahead(guest: Guest): number {
    const waiting = this.#inOrder();
    const at = waiting.findIndex((waiter) => waiter.guest === guest);
    return Math.max(0, at);
  }

  /** It is up: all who wait come in, in their order. */
  admit(start: UpStart): void {
    for (const waiter of this.#inOrder()) {
      this.#forget(waiter);
      waiter.admit(this.enter(waiter.guest, start));
    }
  }

  /** It will not come up for those who have waited since before this time. */
  refuse(failure: Failure, before = Number.POSITIVE_INFINITY): void {
    for (const waiter of this.#inOrder()) {
      if (waiter.since >= before) continue;
      this.#forget(waiter);
      waiter.refuse(failure);
    }
  }

  #inOrder(): Waiter[] {
    return [...this.#waiting].sort((one, other) => other.guest.priority - one.guest.priority);
  }

  #forget(waiter: Waiter): void {
    if (!this.#waiting.delete(waiter)) return;
    if (waiter.guest.priority >= 0) this.#urgent--;
    if (this.#waiting.size === 0) this.#since = this.#clock.elapsed();
  }

  #leave(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    this.#lastUsed = this.#clock.elapsed();
    this.#told.left();
  }
}
