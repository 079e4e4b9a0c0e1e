/** Seconds that count: a minute, and the second that has begun. */
const SECONDS = 61;
const SECOND = 1000;

/** What was used within the last minute, to the second and never less than it was. Times are milliseconds on a clock that never goes back. */
export class Minute {
  /** Most are never used. */
  #seconds: Float64Array | undefined;
  #last = 0;
  #used = 0;

  add(amount: number, now: number): void {
    const second = this.#forget(now);
    this.#seconds ??= new Float64Array(SECONDS);
    this.#seconds[second % SECONDS] = (this.#seconds[second % SECONDS] ?? 0) + amount;
    this.#used += amount;
  }

  used(now: number): number {
    this.#forget(now);
    return this.#used;
  }

  /** When less than this will have been used, if nothing is added. */
  below(limit: number, now: number): number {
    const last = this.#forget(now);
    let used = this.#used;
    let when = now;
    for (let second = Math.max(0, last - SECONDS + 1); second <= last && used >= limit; second++) {
      const then = this.#seconds?.[second % SECONDS] ?? 0;
      if (then === 0) continue;
      used -= then;
      when = (second + SECONDS) * SECOND;
    }
    return when;
  }

  /** Gives the second it is. */
  #forget(now: number): number {
    const second = Math.max(this.#last, Math.floor(now / SECOND));
    const seconds = this.#seconds;
    if (seconds === undefined) this.#last = second;
    else if (second - this.#last >= SECONDS) {
      seconds.fill(0);
      this.#used = 0;
      this.#last = second;
    } else
      while (this.#last < second) {
        this.#last++;
        this.#used -= seconds[this.#last % SECONDS] ?? 0;
        seconds[this.#last % SECONDS] = 0;
      }
    return second;
  }
}
