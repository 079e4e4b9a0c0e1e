/** When a breaker opens, and for how long. Durations are milliseconds. */
export interface BreakerSettings {
  readonly enabled: boolean;
  /** So many failures within the window, with no success between them. */
  readonly failures: number;
  readonly window: number;
  readonly open: number;
}

/** `closed`: calls go through. `open`: none do. `half_open`: its time is over, and a single call tries. */
export type Circuit = "closed" | "open" | "half_open";

/** By which a call tells its verdict: how often the breaker had opened when it began, and whether it is the one that tries. */
export type Pass = number;

/** Openings in a row double the time, up to so many times. */
const LONGEST = 8;

/**
 * Leaves alone what fails. A call takes a pass when it begins, and tells by it how it went; what began before the last opening tells
 * nothing new. Times are milliseconds on a clock that never goes back.
 */
export class Breaker {
  readonly #settings: () => BreakerSettings;
  /** When the failures happened that no success has followed. */
  #failed: number[] = [];
  #isOpen = false;
  #until = 0;
  /** Somebody is trying it. */
  #probed = false;
  /** How often it has opened, ever; how often in a row. */
  #openings = 0;
  #row = 0;

  constructor(settings: () => BreakerSettings) {
    this.#settings = settings;
  }

  circuit(now: number): Circuit {
    if (!this.#isOpen || !this.#settings().enabled) return "closed";
    return now < this.#until ? "open" : "half_open";
  }

  /** Failures that no success has followed. */
  get failures(): number {
    return this.#failed.length;
  }

  /** Until when it is left alone, when it is not closed. */
  get until(): number {
    return this.#until;
  }

  /** May a call go through? */
  allows(now: number): boolean {
    const circuit = this.circuit(now);
    return circuit === "closed" || (circuit === "half_open" && !this.#probed);
  }

  /** A call goes through, even one that is not allowed: the first after the time is over is the one that tries. */
  enter(now: number): Pass {
    if (!this.#isOpen || this.circuit(now) !== "half_open" || this.#probed) return this.#openings * 2;
    this.#probed = true;
    return this.#openings * 2 + 1;
  }

  /** It has begun to answer. Who tries need not finish for others to follow, but the next failure opens it again at once. */
  answered(pass: Pass, now: number): void {
    if (!this.#isOpen || this.#isStale(pass)) return;
    this.#close();
    this.#failed = new Array<number>(this.#settings().failures - 1).fill(now);
  }

  succeeded(pass: Pass): void {
    if (this.#isStale(pass)) return;
    if (this.#failed.length > 0) this.#failed = [];
    this.#row = 0;
    if (this.#isOpen) this.#close();
  }

  /** A failure: has it opened? `atOnce`: one is enough. Once open it stays so for `atLeast` at least. */
  failed(pass: Pass, { now, atOnce = false, atLeast = 0 }: { now: number; atOnce?: boolean; atLeast?: number }): boolean {
    const { enabled, failures, window } = this.#settings();
    if (!enabled || this.#isStale(pass)) return false;
    if (this.#isOpen && !isProbe(pass)) {
      if (now < this.#until) this.#until = Math.max(this.#until, now + atLeast);
      return false;
    }
    this.#failed = this.#failed.filter((at) => at > now - window);
    this.#failed.push(now);
    if (!this.#isOpen && !atOnce && this.#failed.length < failures) return false;
    this.#open(now, atLeast);
    return true;
  }

  /** Over without a verdict: another may try. */
  left(pass: Pass): void {
    if (isProbe(pass) && !this.#isStale(pass)) this.#probed = false;
  }

  /** Closed, whatever was: as if nothing had failed. */
  reset(): void {
    this.#failed = [];
    this.#row = 0;
    this.#close();
  }

  #open(now: number, atLeast: number): void {
    const longer = Math.min(LONGEST, 2 ** this.#row);
    this.#until = Math.max(this.#until, now + Math.max(this.#settings().open * longer, atLeast));
    this.#isOpen = true;
    this.#probed = false;
    this.#openings++;
    this.#row++;
  }

  #close(): void {
    this.#isOpen = false;
    this.#probed = false;
    this.#until = 0;
  }

  #isStale(pass: Pass): boolean {
    return pass >> 1 !== this.#openings;
  }
}

function isProbe(pass: Pass): boolean {
  return (pass & 1) === 1;
}
