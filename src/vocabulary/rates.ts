/** What is left of a limit. */
export interface RateLeft {
  /** The most there may be. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resets: number;
}

/** What is left of the tightest limits that apply to a request, as its answer tells; absent where nothing of the kind is limited. */
export interface RatesLeft {
  readonly requests?: RateLeft;
  readonly tokens?: RateLeft;
}
