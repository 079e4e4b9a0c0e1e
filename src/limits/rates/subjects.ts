import { type Meter, meterFor } from "./meter.ts";
import type { Limited, RateKind, RateScope } from "./rule.ts";

/** What is counted for one of those who are limited. */
export class Subject {
  readonly #meters = new Map<RateKind, Meter>();

  meter(kind: RateKind): Meter {
    let meter = this.#meters.get(kind);
    if (meter === undefined) this.#meters.set(kind, (meter = meterFor(kind)));
    return meter;
  }

  meters(): Iterable<readonly [RateKind, Meter]> {
    return this.#meters;
  }

  /** Is nothing counted any more, so that it may be forgotten without a hole? */
  idle(now: number): boolean {
    for (const meter of this.#meters.values()) if (meter.resets(now) > 0) return false;
    return true;
  }

  copy(): Subject {
    const other = new Subject();
    for (const [kind, meter] of this.#meters) other.#meters.set(kind, meter.copy());
    return other;
  }
}

/** How many of one scope are looked at for one that may be forgotten. */
const LOOKED_AT = 16;

/** Those of one scope. */
class Scope {
  readonly known = new Map<string, Subject>();
  /** All for whom there is no room, counted as one. */
  readonly crowd = new Subject();
  /** Who of the crowd holds how many slots: until they are back, it stays in it. */
  readonly holders = new Map<string, number>();
  #hand = this.known.entries();

  /** Forgets some for whom nothing is counted, if it meets any. Was there one? */
  sweep(now: number): boolean {
    const before = this.known.size;
    for (let looked = 0; looked < LOOKED_AT; looked++) {
      let next = this.#hand.next();
      if (next.done) {
        this.#hand = this.known.entries();
        next = this.#hand.next();
      }
      if (next.done) break;
      const [id, subject] = next.value;
      if (subject.idle(now)) this.known.delete(id);
    }
    return this.known.size < before;
  }
}

/**
 * Everybody who is limited, in bounded room: of each scope so many. Only those are forgotten for whom nothing counts any more; when there is
 * none, newcomers are counted together as one, and who of them finds room later begins with all that was counted for the crowd. So nobody
 * ever has more than the limit, whatever a flood of strangers does.
 */
export class Subjects {
  readonly #scopes = new Map<RateScope, Scope>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  of({ scope, id }: Limited, now: number): Subject {
    const { known, crowd, holders } = this.#scope(scope);
    const subject = known.get(id);
    if (subject !== undefined) return subject;
    if (holders.has(id) || (known.size >= this.#most && !this.#scope(scope).sweep(now))) return crowd;
    const fresh = crowd.copy();
    known.set(id, fresh);
    return fresh;
  }

  /** So many slots more, or less, are held by this one. */
  holds({ scope, id }: Limited, subject: Subject, change: number): void {
    const { crowd, holders } = this.#scope(scope);
    if (subject !== crowd) return;
    const held = (holders.get(id) ?? 0) + change;
    if (held > 0) holders.set(id, held);
    else holders.delete(id);
  }

  /** All who are known by name. */
  *all(): Iterable<{ readonly scope: RateScope; readonly id: string; readonly subject: Subject }> {
    for (const [scope, { known }] of this.#scopes) for (const [id, subject] of known) yield { scope, id, subject };
  }

  get size(): number {
    let size = 0;
    for (const { known } of this.#scopes.values()) size += known.size;
    return size;
  }

  #scope(name: RateScope): Scope {
    let scope = this.#scopes.get(name);
    if (scope === undefined) this.#scopes.set(name, (scope = new Scope()));
    return scope;
  }
}
