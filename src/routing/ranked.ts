import type { Target } from "../vocabulary/deployment.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Because, Out } from "./filter/sift.ts";
import type { Score } from "./strategies/strategy.ts";

/** So many candidates are told one by one; further ones are counted. Every one of them is written down with every request: 1 µs each. */
export const MOST_TOLD = 6;

/** One of those that may be asked, with what its place was reckoned from at the time; absent for those that will only be counted. */
export interface RankedTarget extends Target {
  readonly score: Score | undefined;
}

/** All that were looked at: those that may be asked as they stand, then those that may not. */
export function allCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  const told = targets.map(standing);
  for (const each of out) told.push(leftOut(each));
  return told;
}

/** The first of them, half of the room for those left out if there are any, and in one line how many more: `44 more: 43 stand lower, 1 rest`. */
export function firstCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  if (targets.length + out.length <= MOST_TOLD) return allCandidates(targets, out);
  const first = Math.min(targets.length, MOST_TOLD - Math.min(out.length, MOST_TOLD / 2));
  const toldOut = MOST_TOLD - first;
  const told = allCandidates(targets.slice(0, first), out.slice(0, toldOut));
  const counts = new Map<string, number>();
  if (targets.length > first) counts.set("stand lower", targets.length - first);
  for (const { because } of out.slice(toldOut)) counts.set(WORDS[because].many, (counts.get(WORDS[because].many) ?? 0) + 1);
  const parts = Array.from(counts, ([words, count]) => `${count} ${words}`);
  told.push({ deployment: "", why: `${targets.length + out.length - told.length} more: ${parts.join(", ")}` });
  return told;
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
