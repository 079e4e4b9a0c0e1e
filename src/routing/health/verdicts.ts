import type { Failure, FailureKind } from "../../vocabulary/failure.ts";

/**
 * What a failure says of where it happened. `trouble`: the deployment's own, whichever key was used. `missing`: it has no such model, and
 * will not have it soon. `key`: this key is refused, or its account is empty. `limited`: this key has asked too much. `alive`: it answered,
 * and the request was at fault. `nothing`: who was asked has no part in it.
 */
export type Verdict = "trouble" | "missing" | "key" | "limited" | "alive" | "nothing";

/** All others are what we say to clients, never what an upstream said to us. */
const VERDICTS: Readonly<Partial<Record<FailureKind, Verdict>>> = {
  "upstream-error": "trouble",
  "upstream-unreachable": "trouble",
  "upstream-timeout": "trouble",
  overloaded: "trouble",
  "upstream-model-missing": "missing",
  "upstream-credentials": "key",
  "quota-exhausted": "key",
  "rate-limited": "limited",
  "invalid-request": "alive",
  "context-overflow": "alive",
  "proof-refused": "alive",
  "content-refused": "alive",
  "too-large": "alive",
};

/** What a failure says of the deployment and the key that were asked. What we refuse to send at all is no sign of life. */
export function verdictOf(failure: Failure, heard: boolean): Verdict {
  const verdict = VERDICTS[failure.kind] ?? "nothing";
  return verdict === "alive" && !heard && failure.facts.upstreamStatus === undefined ? "nothing" : verdict;
}
