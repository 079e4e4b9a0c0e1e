/** USD for a million tokens of each kind, and for a request. */
export interface Price {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly perRequest?: number;
}
