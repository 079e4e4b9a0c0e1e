import type { FailureKind } from "./failure.ts";
import type { AccountId } from "./ledger.ts";
import type { Nano } from "./money.ts";
import type { Operation } from "./service.ts";
import type { Usage } from "./usage.ts";

/** How a request ended. */
export type Outcome = "ok" | "failed" | "client-left";

/**
 * What the cache did for a request: an answer of before was given again, that of an identical request at the same time, or that of nearly
 * the same question; none was there; it was not to be looked for, or the answer is not one to be kept.
 */
export type CacheOutcome = "hit" | "shared" | "semantic" | "miss" | "bypass";

/** Did the cache answer, and no upstream? */
export function isFromCache(outcome: CacheOutcome | undefined): boolean {
  return outcome === "hit" || outcome === "shared" || outcome === "semantic";
}

/** One request as it is remembered: a row of `requests`, a line of the log, a tick of the metrics. Times are milliseconds. */
export interface RequestRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly operation: Operation | "models" | "other";
  readonly dialect: string;
  /** What the client asked for; empty when the body was not read. */
  readonly model: string;
  readonly deployment?: string;
  readonly keyId?: string;
  readonly userId?: string;
  readonly teamId?: string;
  readonly source?: string;
  /** Whom the caller vouched for, and their conversation, by the client's own ids. */
  readonly endUser?: string;
  readonly session?: string;
  /** The batch that it is a line of. */
  readonly batch?: string;
  readonly stream: boolean;
  /** The status line the client got. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly failure?: FailureKind;
  readonly message?: string;
  /** Absent where the cache is off. The usage of what it answers is that of the first time. */
  readonly cache?: CacheOutcome;
  readonly usage?: Usage;
  /** What it cost the house; absent where no price is known. */
  readonly cost?: Nano;
  /** What its caller was charged; absent likewise. */
  readonly charge?: Nano;
  /** By which price it was charged. */
  readonly priceVersion?: string;
  /** What it counts against: the balance that pays for it, and budgets. Absent where nobody keeps count, and where nothing was to be paid. */
  readonly accounts?: readonly AccountId[];
  readonly firstTokenMs?: number;
  readonly totalMs: number;
  readonly trace: Trace;
}

/** Why this deployment served, and what else was tried. */
export interface Trace {
  readonly candidates: readonly Candidate[];
  readonly attempts: readonly AttemptTrace[];
  readonly warnings: readonly string[];
}

/** A deployment that was looked at. */
export interface Candidate {
  readonly deployment: string;
  /** Why it stands where it does, or why it may not be asked. */
  readonly why: string;
  /** It may not. */
  readonly out?: true;
  /** What its place was reckoned from, by the strategy: `{"in_flight": 2}`. */
  readonly score?: Readonly<Record<string, number>>;
}

/** How many tries these were: what counts against the request's budget. */
export function triesOf(attempts: readonly AttemptTrace[]): number {
  return attempts.reduce((sum, { again = 0 }) => sum + 1 + again, 0);
}

export interface AttemptTrace {
  readonly deployment: string;
  /** Which of its service's keys, where there are several. */
  readonly key?: string;
  readonly why: string;
  /** So often its call was made once more, as its kept connection closed before a byte of answer. */
  readonly again?: number;
  /** Milliseconds since the request began. */
  readonly startedMs: number;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
  /** The upstream's status. */
  readonly status?: number;
  readonly failure?: FailureKind;
  readonly message?: string;
  /** What was decided then: `answered`, `next`, `gave up: …`. */
  readonly decision: string;
}
