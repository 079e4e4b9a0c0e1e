import type { Target } from "../vocabulary/deployment.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Because, Out } from "./filter/sift.ts";
import type { Score } from "./reckoning/score.ts";

/** Up to so many candidates are told one by one. */
const MOST_TOLD = 6;
/** Of more than that, so many that may be asked: the one that is, and the one it was preferred to. All is written down with every request, at 1 to 2 µs each. */
const FIRST_TOLD = 2;
/** And so many that are left out. */
const OUT_TOLD = 3;

/** One of those that may be asked, with what its place was reckoned from at the time. */
export interface RankedTarget extends Target {
  readonly score: Score;
}

/** How many targets are made at first, of so many that may be asked, when so many others may not: those that are told. */
export function firstOf(targets: number, out: number): number {
  return targets + out <= MOST_TOLD ? targets : Math.min(targets, FIRST_TOLD);
}

/** All that were looked at: those that may be asked as they stand, then those that may not. */
export function allCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  return told(targets, out);
}

/** The first of them, and in one line how many more, `lower` of which may be asked and are not among the targets: `45 more: 44 stand lower, 1 rest`. */
export function firstCandidates(targets: readonly RankedTarget[], out: readonly Out[], lower: number): Candidate[] {
  const all = targets.length + out.length + lower;
  if (all <= MOST_TOLD) return allCandidates(targets, out);
  const candidates = told(targets, out, FIRST_TOLD, OUT_TOLD);
  const lowerOnes = targets.length + lower - FIRST_TOLD;
  const standLower = lowerOnes > 0 ? `${lowerOnes} stand lower` : "";
  const are = out.length > OUT_TOLD ? countsOf(out.slice(OUT_TOLD)) : "";
  candidates.push({ deployment: "", why: `${all - candidates.length} more: ${standLower}${standLower === "" || are === "" ? "" : ", "}${are}` });
  return candidates;
}

/** So many of each at most. */
function told(targets: readonly RankedTarget[], out: readonly Out[], mostTargets = targets.length, mostOut = out.length): Candidate[] {
  const candidates: Candidate[] = [];
  for (let at = 0; at < targets.length && at < mostTargets; at++) candidates.push(standing(targets[at] as RankedTarget));
  for (let at = 0; at < out.length && at < mostOut; at++) candidates.push(leftOut(out[at] as Out));
  return candidates;
}

function countsOf(out: readonly Out[]): string {
  return Array.from(
    Map.groupBy(out, ({ because }) => because),
    ([because, { length }]) => `${length} ${WORDS[because].many}`,
  ).join(", ");
}

const WORDS: Readonly<Record<Because, { readonly one: string; readonly many: string }>> = {
  cloud: { one: "it is a cloud service, and this key never uses one", many: "are cloud services, which this key never uses" },
  rule: { one: "the rule wants others only", many: "are not what the rule wants" },
  unable: { one: "it cannot do what this needs", many: "cannot do what this needs" },
  small: { one: "its context window is too small", many: "have too small a context window" },
  closed: { one: "it is outside its hours", many: "are outside their hours" },
  "used-up": { one: "it has nothing left for now", many: "have nothing left for now" },
  rests: { one: "it rests", many: "rest" },
};

function standing({ deployment, why, score }: RankedTarget): Candidate {
  return { deployment: deployment.id, why, score };
}

function leftOut({ option, because, rest, fallback }: Out): Candidate {
  const why = rest ?? WORDS[because].one;
  return { deployment: option.deployment.id, why: fallback === undefined ? why : `fallback ${fallback}: ${why}`, out: true };
}
