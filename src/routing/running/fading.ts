/**
 * A mean in which old values fade: after a half-life a value counts half, and all that came before a value weigh no more than `most`. The
 * first is taken whole. Times and half-life in milliseconds.
 */
export class Fading {
  readonly #halfLife: number;
  readonly #most: number;
  #mean: number | undefined;
  #weight = 0;
  #at = 0;

  constructor(halfLife: number, most = Number.POSITIVE_INFINITY) {
    this.#halfLife = halfLife;
    this.#most = most;
  }

  get mean(): number | undefined {
    return this.#mean;
  }

  /** A value that counts as much as `weight` of weight 1. */
  add(value: number, now: number, weight = 1): void {
    if (!(weight > 0)) return;
    const before = Math.min(this.#most, this.weightAt(now));
    this.#weight = before + weight;
    this.#at = now;
    this.#mean = this.#mean === undefined ? value : this.#mean + ((value - this.#mean) * weight) / this.#weight;
  }

  /** How much what the mean is made of still counts. */
  weightAt(now: number): number {
    return this.#weight * 0.5 ** (Math.max(0, now - this.#at) / this.#halfLife);
  }

  /** The mean stays until there is a new value, and then is that value. */
  fade(): void {
    this.#weight = 0;
  }
}
