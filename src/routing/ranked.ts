import type { Deployment, Target } from "../vocabulary/deployment.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Route, ServiceKey } from "../vocabulary/service.ts";
import type { Option } from "./able/option.ts";
import type { Because, Out } from "./filter/sift.ts";
import type { Reckoning } from "./strategies/strategy.ts";

/** So many candidates are told one by one; further ones are counted. */
const MOST_TOLD = 16;

/** One of those that may be asked. Its key is chosen when somebody looks at it, that is when it is asked: keys take turns, and those who are not asked have none. */
export class RankedTarget implements Target {
  readonly option: Option;
  readonly why: string;
  readonly reckoning: Reckoning;
  readonly #elapsed: () => number;
  #key: ServiceKey | undefined;

  constructor(option: Option, why: string, reckoning: Reckoning, elapsed: () => number) {
    this.option = option;
    this.why = why;
    this.reckoning = reckoning;
    this.#elapsed = elapsed;
  }

  get deployment(): Deployment {
    return this.option.deployment;
  }

  get route(): Route {
    return this.option.route;
  }

  get key(): ServiceKey {
    return (this.#key ??= this.option.standing.nextKey(this.#elapsed()));
  }

  /** The same, for another reason. */
  because(why: string): RankedTarget {
    return new RankedTarget(this.option, why, this.reckoning, this.#elapsed);
  }
}

/** All that were looked at: those that may be asked as they stand, then those that may not. */
export function allCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  return [...targets.map(standing), ...out.map(leftOut)];
}

/** The first of them, and in one line how many more there are: `34 more: 30 stand lower, 4 rest`. */
export function firstCandidates(targets: readonly RankedTarget[], out: readonly Out[]): Candidate[] {
  if (targets.length + out.length <= MOST_TOLD) return allCandidates(targets, out);
  const told = allCandidates(targets.slice(0, MOST_TOLD), out.slice(0, Math.max(0, MOST_TOLD - targets.length)));
  const lower = Math.max(0, targets.length - MOST_TOLD);
  const others = out.slice(Math.max(0, MOST_TOLD - targets.length));
  const counts = [
    [lower, "stand lower"] as const,
    ...(Object.keys(WORDS) as Because[]).map((because) => [others.filter((each) => each.because === because).length, WORDS[because].many] as const),
  ];
  const parts = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return [...told, { deployment: "", why: `${lower + others.length} more: ${parts.join(", ")}` }];
}

const WORDS: Readonly<Record<Because, { readonly one: string; readonly many: string }>> = {
  rule: { one: "the rule wants others only", many: "are not what the rule wants" },
  unable: { one: "it cannot do what this needs", many: "cannot do what this needs" },
  small: { one: "its context window is too small", many: "have too small a context window" },
  closed: { one: "it is outside its hours", many: "are outside their hours" },
  rests: { one: "it rests", many: "rest" },
};

function standing({ option, why, reckoning }: RankedTarget): Candidate {
  return { deployment: option.deployment.id, why, score: reckoning.score(option) };
}

function leftOut({ option, because, rest }: Out): Candidate {
  return { deployment: option.deployment.id, why: rest ?? WORDS[because].one, out: true };
}
