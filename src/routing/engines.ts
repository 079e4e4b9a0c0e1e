/** What routing asks of engines of our own. */
export interface Engines {
  readiness(engine: string): Readiness;
  /** When the schedule lets it run next, in milliseconds since 1970; absent: it is not known, or never. */
  opensFor(engine: string): number | undefined;
  /** So many requests at once it takes for now, where that is fewer than the config gives it. */
  limitOf(engine: string): number | undefined;
  /** A rule prefers it, and as it is not up another is asked: it may come up where that is in nobody's way. */
  missed(engine: string): void;
}

/** May it be asked now, and must it be waited for? */
export type Readiness =
  | { readonly type: "ready" }
  /** It is not up: who asks for it waits until it is. */
  | { readonly type: "cold" }
  /** The schedule gives it no work now. `soon`: it does before anybody who waits would tire. */
  | { readonly type: "closed"; readonly soon?: boolean }
  /** It has failed. */
  | { readonly type: "out"; readonly why: string };

/** Where there are none. */
export const NO_ENGINES: Engines = { readiness: () => ({ type: "ready" }), opensFor: () => undefined, limitOf: () => undefined, missed: () => undefined };
