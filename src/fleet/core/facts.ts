/** What decisions are made by besides the state. Times are milliseconds on a clock that never goes back. */
export interface Facts {
  readonly now: number;
  /** From 0 to 1. */
  random(): number;
  use(engine: string): Use;
  readonly settings: FleetSettings;
}

/** How an engine is used now. */
export interface Use {
  /** Requests it is answering. */
  readonly active: number;
  /** Requests that wait for it. */
  readonly waiting: number;
  /** Since when somebody has been waiting, or since when nobody has. */
  readonly since: number;
  /** Does any of them have somebody in front of it? Batches are patient. */
  readonly urgent: boolean;
  /** When its last answer ended; 0: it has not answered yet. */
  readonly lastUsed: number;
}

export const UNUSED: Use = { active: 0, waiting: 0, since: 0, urgent: false, lastUsed: 0 };

/** Durations are milliseconds. */
export interface FleetSettings {
  /** So long a request waits for an engine that is in the way and busy before that is drained. */
  readonly maxSwapWait: number;
  /** So long an engine is left in peace once it is ready. */
  readonly minReady: number;
  /** What an engine has begun it may finish for so long. */
  readonly drainFor: number;
  /** The first wait after a failure; twice as long after each in a row. */
  readonly backoff: { readonly first: number; readonly longest: number };
}
