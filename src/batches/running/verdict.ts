import type { FailureKind } from "../../vocabulary/failure.ts";
import type { LineAnswer } from "../parts.ts";

/** What becomes of a line after an answer: it is over, or waits again while its model is left alone for so long. Milliseconds. */
export type Verdict = "over" | { readonly tries: number; readonly rest: number };

/** What is known of a line's model and of itself. */
export interface Standing {
  /** How its tries weigh until now. */
  readonly tries: number;
  /** How often its model was left alone since the last answer. */
  readonly troubles: number;
}

/** Whoever says so may be right for hours, and nothing of it is the line's fault. */
const PATIENT: ReadonlySet<FailureKind> = new Set([
  "rate-limited",
  "full",
  "overloaded",
  "not-scheduled",
  "no-healthy-deployment",
  "upstream-unreachable",
  "upstream-credentials",
  "upstream-model-missing",
]);

/** Tries that weigh as much are enough. */
const MOST = 25;
/** So much weighs a failure while others are answered, and so little one of many. */
const [OWN, SHARED] = [5, 1];
const [SHORTEST, LONGEST] = [1_000, 15 * 60_000];

/**
 * An answer is an answer, and what no retry can mend is none. What may be mended by waiting is waited for: as long as its batch lasts, where
 * the line has nothing to do with it. A line whose provider fails is tried five times while others are answered; while nobody is, for some
 * three hours.
 */
export function verdictOn({ failure }: Pick<LineAnswer, "failure">, { tries, troubles }: Standing): Verdict {
  if (failure === undefined || !failure.row.retry || failure.facts.hopeless === true) return "over";
  const wanted = (failure.facts.retryAfter ?? 0) * 1000;
  const rest = Math.min(LONGEST, Math.max(wanted, SHORTEST * 2 ** Math.min(troubles, 20)));
  if (PATIENT.has(failure.kind)) return { tries, rest: wanted > 0 ? Math.min(LONGEST, wanted) : rest };
  const weighed = tries + (troubles === 0 ? OWN : SHARED);
  return weighed >= MOST ? "over" : { tries: weighed, rest };
}
