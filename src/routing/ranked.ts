import type { Target } from "../vocabulary/deployment.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Because, Out } from "./filter/sift.ts";
import type { Score } from "./strategies/strategy.ts";

/** Up to so many candidates are told one by one. */
const MOST_TOLD = 6;
/** Of more than that, so many that may be asked and so many that are left out; the others are counted. All is written down with every request, at 1 µs each. */
const SOME_TOLD = 3;

/** One of those that may be asked, with what its place was reckoned from at the time. */
export interface RankedTarget extends Target {
  readonly score: Score;
}

/** How many targets are made at first, of so many that may be asked, when so many others may not: those that are told. */
export function firstOf(targets: number, out: number): number {
  return targets + out <= MOST_TOLD ? targets : Math.min(targets, SOME_TOLD);
}

/** All that were looked at: those that may be asked as they stand, then those that may not. */
export function allCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  const told = targets.map(standing);
  for (const each of out) told.push(leftOut(each));
  return told;
}

/** The first of them, and in one line how many more, `lower` of which may be asked and are not among the targets: `47 more: 46 stand lower, 1 rest`. */
export function firstCandidates(targets: readonly RankedTarget[], out: readonly Out[], lower: number): Candidate[] {
  const all = targets.length + out.length + lower;
  if (all <= MOST_TOLD) return allCandidates(targets, out);
  const told = allCandidates(targets.slice(0, SOME_TOLD), out.slice(0, SOME_TOLD));
  const why = [...lowerOnes(targets.length + lower - SOME_TOLD), ...countsOf(out.slice(SOME_TOLD))].join(", ");
  told.push({ deployment: "", why: `${all - told.length} more: ${why}` });
  return told;
}

function lowerOnes(count: number): string[] {
  return count > 0 ? [`${count} stand lower`] : [];
}

function countsOf(out: readonly Out[]): string[] {
  if (out.length === 0) return [];
  return Array.from(
    Map.groupBy(out, ({ because }) => because),
    ([because, { length }]) => `${length} ${WORDS[because].many}`,
  );
}

const WORDS: Readonly<Record<Because, { readonly one: string; readonly many: string }>> = {
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
