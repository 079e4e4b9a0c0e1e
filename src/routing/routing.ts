import type { Target } from "../vocabulary/deployment.ts";
import type { HeaderView } from "../vocabulary/dialect.ts";
import type { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Usage } from "../vocabulary/usage.ts";
import type { Ask, Prompt } from "./ask.ts";

/** Where a request may go, best first, and why. */
export interface Routing {
  /** Throws `model-not-found` when neither the model nor what is tried instead can do this at all. Never waits. */
  rank(model: Model, ask: Ask): Ranking;
  /** A seat at the target for one attempt, at once; a few words saying why there is none: it is full, or rests. */
  enter(target: Target): Seat | string;
  /**
   * A seat at whichever of these is free first, with another key of its service where the target's own rests. Rejects with `full` when
   * their queues are full or the wait takes too long, with `no-healthy-deployment` when all of them rest, with `rate-limited` when that is
   * because all have used up what they are given, and with the reason when it is called off.
   */
  wait(targets: readonly Target[], waiting: Waiting): Promise<Seat>;
}

export interface Ranking {
  /** By which it waits where all are full: higher is served first. */
  readonly priority: number;
  /** It may wait for the hours of an engine that opens soon; absent: no. */
  readonly waitsForHours?: boolean;
  /** The first few of those that may be asked, best first. Empty: none can be now. */
  readonly targets: readonly Target[];
  /** The others of those that may be asked, best first: put in order when first asked for, as they stand then. Most requests never do. */
  lower(): readonly Target[];
  /**
   * Those that were looked at until now, with their scores at the choice and why some are left out: the model's own, and since they were asked
   * for those of fallbacks. Of more than six some are told, and the others counted in one line. Made when read.
   */
  readonly candidates: readonly Candidate[];
  /**
   * Why there are no targets, as the client is told when nothing is tried instead (`mishapOf`): `context-overflow`, `not-scheduled`,
   * `invalid-request` (nobody can do what the prompt needs), `rate-limited` (nothing is left of any), `no-healthy-deployment`.
   */
  readonly nobody?: Failure;
  /** Those that are left out for their ill health alone, for a request that fails everywhere else. */
  lastResort(): readonly Target[];
  /** What to try instead of the model, ranked when first asked for; never those among its own. */
  instead(of: Mishap): readonly Target[];
}

/** Why a model's own deployments will not do: they fail, the prompt is too long for them, they refuse what it says, it is none of their hours. */
export const MISHAPS = ["failure", "overflow", "refusal", "closed"] as const;
export type Mishap = (typeof MISHAPS)[number];

/** What befell a model of whose deployments nobody may be asked, for this reason. */
export function mishapOf(nobody: Failure | undefined): Mishap {
  if (nobody?.kind === "context-overflow") return "overflow";
  return nobody?.kind === "not-scheduled" ? "closed" : "failure";
}

export interface Waiting {
  /** Higher is served first. */
  readonly priority: number;
  /** Called when it is over before its time: gives a function that ends the wait. */
  onCallOff(end: (reason: Failure) => void): void;
}

/** One attempt's place at a target: what becomes of it is told here, and makes the next choice better. */
export interface Seat {
  readonly target: Target;
  /** The engine it is at is up now: what it takes is counted from here. */
  begins(): void;
  /** An answer of the upstream's has begun: its rate-limit headers are read. Each but the first is of a further call. */
  heard(headers: HeaderView): void;
  /** A further place there for a call beside this one's, if one is free at once and nobody waits for it; gives what leaves it. */
  another(): (() => void) | undefined;
  /** Its first content is here, of an answer that comes in pieces. */
  answered(): void;
  /** The whole answer is. Now and then its prompt is estimated afterwards, if it was not before: to learn how far off estimates are. May come after it was left. */
  finished(usage: Usage | undefined, prompt?: Pick<Prompt, "estimated" | "tokens">): void;
  /** It failed, before its first content or after. May come after it was left. */
  failed(failure: Failure): void;
  /** The upstream is done with it, or was told that nobody wants it any more. Harmless the second time. */
  leave(): void;
}
