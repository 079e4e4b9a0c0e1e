import type { Clock } from "../vocabulary/clock.ts";
import type { Target } from "../vocabulary/deployment.ts";
import type { Model } from "../vocabulary/model.ts";
import { ables } from "./able/able.ts";
import type { Option } from "./able/option.ts";
import type { Ask } from "./ask.ts";
import { type Engines, NO_ENGINES } from "./engines.ts";
import { type Out, type Sifting, sift } from "./filter/sift.ts";
import { type Group, groupsOf } from "./groups.ts";
import { firstOf, type RankedTarget } from "./ranked.ts";
import { prefixMemory } from "./reckoning/prefix-memory.ts";
import type { Random } from "./reckoning/urn.ts";
import { matchingRule } from "./rules/matching.ts";
import type { Standings } from "./standing.ts";
import { rendezvous } from "./sticky/rendezvous.ts";
import { stickyKey } from "./sticky/sticky-key.ts";
import { strategiesWith } from "./strategies/strategies.ts";
import type { Reckoning } from "./strategies/strategy.ts";

/** One model's deployments, in line for one request. */
export interface Line {
  readonly sifting: Sifting;
  /** Those that may be asked, best first: the first few of them, or all. */
  readonly targets: readonly RankedTarget[];
  /** So many more may be, and stand lower. */
  readonly lower: number;
  readonly out: readonly Out[];
}

/** How far a line is made. `turn`: the first few, and whoever comes first has had its turn; `whole`: all, and it has; `look`: all, and nobody has. */
export type Extent = "turn" | "whole" | "look";

export interface LineParts {
  readonly standings: Standings;
  readonly clock: Clock;
  readonly random: Random;
  /** Those of our own; absent: there are none. */
  readonly engines?: Engines;
}

/** Puts a model's deployments in line. */
export interface Liner {
  line(model: Model, ask: Ask, extent: Extent): Line;
  /** Can any of them do this at all? */
  can(model: Model, ask: Ask): boolean;
}

export function createLiner({ standings, clock, random, engines = NO_ENGINES }: LineParts): Liner {
  const ableTo = ables({ standings, strategies: strategiesWith({ random, memory: prefixMemory(), clock }) });
  const line = (model: Model, ask: Ask, extent: Extent): Line => {
    const able = ableTo(model, ask); // who can do it at all
    const rule = able.rules.length === 0 ? undefined : matchingRule(able, ask, clock.now()); // what the operator wants for such requests
    const sifting = { able, ask, rule, engines, now: clock.elapsed(), today: able.keepsHours || able.hasEngines ? clock.now() : 0 };
    const sifted = sift(sifting); // who may be asked now
    const { eligible, lastResort, out } = sifted;
    const holder = ask.holder === undefined ? undefined : eligible.find(({ deployment }) => deployment.id === ask.holder);
    const all = eligible.length + lastResort.size;
    const most = extent === "turn" && holder === undefined ? firstOf(all, out.length) : all;
    const targets: RankedTarget[] = [];
    for (const group of groupsOf(sifted, rule, able)) {
      if (targets.length === most) break;
      const first = targets.length === 0; // whom nobody stands before
      const ordered = order(group, sifting, {
        first,
        most: most - targets.length,
        turn: extent !== "look" && first && holder === undefined,
        calls: standings.calls,
      }); // who stands before whom among equals, and why
      addTargets(targets, group, ordered, sifting.now);
    }
    if (extent === "turn" && sifted.cold !== undefined && rule?.preferred !== undefined) tellMissed(sifted.cold, rule.preferred, targets[0], engines);
    return { sifting, targets: holder === undefined ? targets : holderFirst(targets, holder), lower: all - most, out };
  };
  return { line, can: (model, ask) => ableTo(model, ask).options.length > 0 };
}

/** An engine the rule prefers stands behind one that is up. */
function tellMissed(cold: ReadonlySet<Option>, preferred: readonly boolean[], first: RankedTarget | undefined, engines: Engines): void {
  for (const { index, deployment } of cold) {
    if (!preferred[index] || deployment.engine === undefined) continue;
    if (deployment !== first?.deployment) engines.missed(deployment.engine);
    return;
  }
}

/** Some of a group, best first, and what their places were reckoned from. */
interface Ordered {
  readonly options: readonly Option[];
  readonly reckoning: Reckoning;
}

const ALONE: Reckoning = { first: "the only deployment", later: "", score: () => ({}) };

/** The best of a group in order: by what its requests have in common where a rule wants that, else by the strategy, whose turn it then was. */
function order(
  group: Group,
  { able, rule, ask, now }: Sifting,
  { first, most, turn, calls }: { readonly first: boolean; readonly most: number; readonly turn: boolean; readonly calls: Int32Array },
): Ordered {
  const { strategy, places } = able;
  const { options } = group;
  if (able.options.length === 1) return { options, reckoning: ALONE };
  const key = first && rule?.rule.sticky !== undefined ? stickyKey(rule.rule.sticky, ask) : undefined;
  const reckoning = key === undefined ? strategy.reckon(group, places, { ask, now, most, calls }) : rendezvous(key, group, places);
  const ordered = places.best(group, most, reckoning.tie);
  const [best] = ordered;
  if (turn && key === undefined && best !== undefined) {
    strategy.took?.(best, group);
    places.takeTurn(best);
  }
  return { options: ordered, reckoning: options.length === 1 ? { ...reckoning, first: "the only one" } : reckoning };
}

function addTargets(targets: RankedTarget[], { note, resting }: Group, { options, reckoning }: Ordered, now: number): void {
  const evenResting = resting !== undefined;
  let words = note + reckoning.first;
  for (const option of options) {
    const { deployment, route, standing, soleKey } = option;
    const why = evenResting ? `${words} (${resting.get(option)})` : words;
    targets.push({ deployment, key: soleKey ?? standing.nextKey(now), route, why, evenResting, score: reckoning.score(option) });
    if (option === options[0]) words = note + reckoning.later;
  }
}

/** Those that were left out because they rest: the rule, the prompt and their hours are not against them. */
export function restingOnes({ out, sifting: { now } }: Line): Target[] {
  return out.flatMap(({ option: { deployment, standing, route }, because, rest = "it rests" }) =>
    because === "rests" ? [{ deployment, key: standing.nextKey(now), route, why: `a last resort: ${rest}`, evenResting: true }] : [],
  );
}

function holderFirst(targets: readonly RankedTarget[], { deployment: holder }: Option): readonly RankedTarget[] {
  return [
    ...targets.filter(({ deployment }) => deployment === holder).map((target) => ({ ...target, why: "it keeps what this goes on from" })),
    ...targets.filter(({ deployment }) => deployment !== holder),
  ];
}
