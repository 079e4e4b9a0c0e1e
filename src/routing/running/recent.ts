/** How many attempts are remembered. */
const REMEMBERED = 20;

/** How the last attempts at a deployment went. */
export class Recent {
  /** The newest first, a bit each: it failed. */
  #bits = 0;
  #attempts = 0;

  get attempts(): number {
    return this.#attempts;
  }

  get failures(): number {
    let failures = 0;
    for (let bits = this.#bits; bits !== 0; bits &= bits - 1) failures++;
    return failures;
  }

  add(failed: boolean): void {
    this.#bits = ((this.#bits << 1) | (failed ? 1 : 0)) & (2 ** REMEMBERED - 1);
    if (this.#attempts < REMEMBERED) this.#attempts++;
  }

  forget(): void {
    this.#bits = 0;
    this.#attempts = 0;
  }
}
