/** Why a deployment rests though its own calls may say nothing against it. */
export type Cause = "checks" | "outlier" | "hint";

interface Rest {
  readonly since: number;
  readonly until: number;
  /** Not shortened below this by a check that succeeds. */
  readonly least: number;
  readonly reason: string;
}

/** What others say of a deployment: checks, the comparison with its peers, other replicas. Times on a clock that never goes back. */
export class Rests {
  readonly #rests = new Map<Cause, Rest>();

  /** From now on, or for longer than it was told before; never for less. `least`: until then it is not to be ended early. */
  add(cause: Cause, { reason, now, until, least = now }: { reason: string; now: number; until: number; least?: number }): void {
    const known = this.#rests.get(cause);
    const goesOn = known !== undefined && known.until > now;
    if (goesOn && known.until >= until) return;
    this.#rests.set(cause, { reason, until, since: goesOn ? known.since : now, least: goesOn ? known.least : least });
  }

  /** Its cause is gone: over, but not before it has lasted as long as it had to. */
  end(cause: Cause): void {
    const known = this.#rests.get(cause);
    if (known !== undefined) this.#rests.set(cause, { ...known, until: Math.min(known.until, known.least) });
  }

  /** All causes are gone, however long it had to. */
  clear(): void {
    this.#rests.clear();
  }

  /** A call that began then was answered. That it is slow beside its peers remains true. */
  disprove(began: number): void {
    if (this.#rests.size === 0) return;
    for (const cause of ["checks", "hint"] as const) if ((this.#rests.get(cause)?.since ?? Number.POSITIVE_INFINITY) <= began) this.#rests.delete(cause);
  }

  why(now: number): string | undefined {
    if (this.#rests.size === 0) return undefined;
    for (const [cause, { until, reason }] of this.#rests) {
      if (until > now) return reason;
      this.#rests.delete(cause);
    }
    return undefined;
  }

  until(now: number): number {
    let until = now;
    for (const rest of this.#rests.values()) until = Math.max(until, rest.until);
    return until;
  }
}
