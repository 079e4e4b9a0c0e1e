/** Where a client does not get all it asked for, and why. A row that is no longer needed fails the test. */
export interface Decision {
  readonly feature: string;
  /** Dialects of clients; absent: all. */
  readonly clients?: readonly string[];
  /** Upstreams by their column; absent: all. */
  readonly upstreams?: readonly string[];
  readonly why: string;
}

export const DECIDED: readonly Decision[] = [];

/** The decision that covers this cell, if there is one. */
export function decisionFor(feature: string, client: string, upstream: string): Decision | undefined {
  return DECIDED.find((row) => row.feature === feature && (row.clients?.includes(client) ?? true) && (row.upstreams?.includes(upstream) ?? true));
}
