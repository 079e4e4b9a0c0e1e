import type { Nano } from "./money.ts";

/** How fast and how much at once; absent: no limit. */
export interface RateLimits {
  readonly requestsPerSecond?: number;
  /** So many may come at once where `requestsPerSecond` is limited; absent: as many as in a second. */
  readonly burst?: number;
  readonly requestsPerMinute?: number;
  readonly requestsPerHour?: number;
  /** Prompt and answer together. */
  readonly tokensPerMinute?: number;
  /** Requests at once. */
  readonly maxParallel?: number;
}

/** Spans of time that budgets are for, in UTC; weeks begin on Monday, `total` never ends. */
export const WINDOWS = ["hour", "day", "week", "month", "total"] as const;
export type BudgetWindow = (typeof WINDOWS)[number];

/** Most that may be spent in each such span. */
export interface Budget {
  readonly amount: Nano;
  readonly window: BudgetWindow;
}

/** Whom limits and budgets are about. */
export type BoundScope = "key" | "user" | "team";

/** What binds one of those a caller is: its key, its user, its team. */
export interface Bounds {
  readonly scope: BoundScope;
  /** Of that key, user or team. */
  readonly id: string;
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
}
