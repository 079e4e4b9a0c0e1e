/** How many lines of all batches may be asked at once. */
export class Places {
  readonly #most: () => number;
  readonly #told: () => void;
  #taken = 0;

  /** `told`: one has come free. */
  constructor(most: () => number, told: () => void) {
    this.#most = most;
    this.#told = told;
  }

  take(): boolean {
    if (this.#taken >= this.#most()) return false;
    this.#taken++;
    return true;
  }

  leave(): void {
    this.#taken--;
    this.#told();
  }

  /** Nothing was asked after all: nobody is told, or those who find nothing would wake one another for ever. */
  turnDown(): void {
    this.#taken--;
  }
}
