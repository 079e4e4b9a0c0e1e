import type { Clock } from "../vocabulary/clock.ts";
import type { Deployment, Target } from "../vocabulary/deployment.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { ables } from "./able/able.ts";
import type { Ask } from "./ask.ts";
import { nobody } from "./filter/nobody.ts";
import { type Out, type Sifting, sift } from "./filter/sift.ts";
import { type Group, groupsOf } from "./groups.ts";
import { allCandidates, firstCandidates, MOST_TOLD, type RankedTarget } from "./ranked.ts";
import type { Mishap, Ranking } from "./routing.ts";
import { matchingRule } from "./rules/matching.ts";
import type { PreparedRule } from "./rules/prepared.ts";
import type { Standings } from "./standing.ts";
import { rendezvous } from "./sticky/rendezvous.ts";
import { stickyKey } from "./sticky/sticky-key.ts";
import { prefixMemory } from "./strategies/prefix-memory.ts";
import { strategiesWith } from "./strategies/strategies.ts";
import type { Random, Reckoning } from "./strategies/strategy.ts";

/** Which models are tried instead of one, by what befell it. */
export type Instead = (model: Model, of: Mishap) => readonly Model[];

/** What a ranking goes by. */
export interface RankParts {
  readonly standings: Standings;
  readonly instead: Instead;
  readonly clock: Clock;
  readonly random: Random;
}

/** A ranking that nobody acts on, with all there is to tell of it. */
export interface Rehearsal extends Ranking {
  readonly targets: readonly RankedTarget[];
  /** The rule that holds for the request. */
  readonly rule?: PreparedRule;
  instead(of: Mishap): readonly RankedTarget[];
}

/** Puts deployments in order. Both throw `model-not-found` when neither the model nor what is tried instead can do this at all. */
export interface Ranker {
  rank(model: Model, ask: Ask): Ranking;
  /** What would be done, without doing it: nobody's turn is taken, nothing is remembered, and every candidate is told. */
  rehearse(model: Model, ask: Ask): Rehearsal;
}

export function createRanking({ standings, instead, clock, random }: RankParts): Ranker {
  const ableTo = ables({ standings, strategies: strategiesWith({ random, memory: prefixMemory() }) });

  const line = (model: Model, ask: Ask, earnest: boolean): Line => {
    const able = ableTo(model, ask); // who can do it at all
    const rule = able.rules.length === 0 ? undefined : matchingRule(able, ask, clock.now()); // what the operator wants for such requests
    const sifting = { able, ask, rule, now: clock.elapsed(), today: able.keepsHours ? clock.now() : 0 };
    const sifted = sift(sifting); // who may be asked now
    const holder = ask.holder === undefined ? undefined : sifted.eligible.find(({ deployment }) => deployment.id === ask.holder);
    const targets: RankedTarget[] = [];
    for (const group of groupsOf(sifted, rule, able)) {
      const first = targets.length === 0; // whom nobody stands before
      const reckoning = order(group, sifting, { first, earnest: earnest && first && holder === undefined }); // who stands before whom among equals, and why
      addTargets(targets, group, reckoning, { now: sifting.now, most: earnest ? MOST_TOLD : Number.POSITIVE_INFINITY, usual: able.usual });
    }
    return { sifting, targets: holder === undefined ? targets : holderFirst(targets, holder.deployment), out: sifted.out };
  };

  const ranking = (model: Model, ask: Ask, earnest: boolean): Rehearsal => {
    const own = line(model, ask, earnest);
    if (own.sifting.able.options.length === 0 && !instead(model, "failure").some((other) => ableTo(other, ask).options.length > 0)) throw cannot(model, ask);
    return rankingOf(own, (of) => instead(model, of).map((other) => asFallback(line(other, ask, earnest), other)), earnest ? firstCandidates : allCandidates);
  };

  return { rank: (model, ask) => ranking(model, ask, true), rehearse: (model, ask) => ranking(model, ask, false) };
}

/** One model's deployments, in line for one request. */
interface Line {
  readonly sifting: Sifting;
  readonly targets: readonly RankedTarget[];
  readonly out: readonly Out[];
}

function asFallback({ sifting, targets, out }: Line, { name }: Model): Line {
  return {
    sifting,
    targets: targets.map((target) => ({ ...target, why: `fallback ${name}: ${target.why}` })),
    out: out.map((each) => ({ ...each, fallback: name })),
  };
}

/** Lines as the story reads them; what is seldom looked at is made when it is. */
function rankingOf(own: Line, fallbacks: (of: Mishap) => readonly Line[], tell: typeof allCandidates): Rehearsal {
  const lines = [own];
  let found: Map<Mishap, readonly RankedTarget[]> | undefined;
  const look = (of: Mishap): readonly RankedTarget[] => {
    const known = new Set(own.targets.map(({ deployment }) => deployment.id));
    const others = fallbacks(of).map((line): Line => ({ ...line, targets: line.targets.filter((each) => isNew(each, known)) }));
    lines.push(...others);
    return others.flatMap(({ targets }) => targets);
  };
  return {
    targets: own.targets,
    priority: own.sifting.rule?.rule.priority ?? 0,
    rule: own.sifting.rule,
    get candidates() {
      const told = new Set<string>();
      const targets = lines.length === 1 ? own.targets : lines.flatMap((line) => line.targets.filter((each) => isNew(each, told)));
      return tell(targets, lines.length === 1 ? own.out : lines.flatMap(({ out }) => out));
    },
    get nobody() {
      const { sifting, targets, out } = own;
      if (targets.length > 0) return undefined;
      return out.length === 0 ? cannot(sifting.able.model, sifting.ask) : nobody(sifting, out);
    },
    lastResort: () => lines.flatMap(restingOnes),
    instead(of) {
      const targets = found?.get(of) ?? look(of);
      found = (found ?? new Map<Mishap, readonly RankedTarget[]>()).set(of, targets);
      return targets;
    },
  };
}

/** Was its deployment not there yet? Now it is. */
function isNew({ deployment }: Target, known: Set<string>): boolean {
  return known.size < known.add(deployment.id).size;
}

const ALONE: Reckoning = { first: "the only deployment", later: "", score: () => ({}) };

/** Puts a group in order, in place: by what its requests have in common where a rule wants that, else by the strategy, whose turn it then was. */
function order({ options }: Group, { able, rule, ask, now }: Sifting, { first, earnest }: { readonly first: boolean; readonly earnest: boolean }): Reckoning {
  const { strategy, places } = able;
  if (able.options.length === 1) return ALONE;
  const key = first && rule?.rule.sticky !== undefined ? stickyKey(rule.rule.sticky, ask) : undefined;
  const reckoning = key === undefined ? strategy.reckon(options, places, { ask, now }) : rendezvous(key, options, places);
  places.sort(options);
  const [best] = options;
  if (earnest && key === undefined && best !== undefined) {
    strategy.took?.(best, options);
    places.takeTurn(best);
  }
  return options.length === 1 ? { ...reckoning, first: "the only one" } : reckoning;
}

function addTargets(
  targets: RankedTarget[],
  { options, note, resting }: Group,
  reckoning: Reckoning,
  { now, most, usual }: { readonly now: number; readonly most: number; readonly usual: RankedTarget[] },
): void {
  const evenResting = resting !== undefined;
  let words = note + reckoning.first;
  for (const option of options) {
    const { deployment, route, standing, soleKey } = option;
    const why = evenResting ? `${words} (${resting.get(option)})` : words;
    const key = soleKey ?? standing.nextKey(now);
    const last = usual[option.index];
    if (targets.length < most) targets.push({ deployment, key, route, why, evenResting, score: reckoning.score(option) });
    else if (last !== undefined && last.key === key && last.why === why && last.evenResting === evenResting) targets.push(last);
    else targets.push((usual[option.index] = { deployment, key, route, why, evenResting, score: undefined }));
    if (option === options[0]) words = note + reckoning.later;
  }
}

/** Those that were left out because they rest: the rule, the prompt and their hours are not against them. */
function restingOnes({ out, sifting: { now } }: Line): Target[] {
  return out.flatMap(({ option: { deployment, standing, route }, because, rest = "it rests" }) =>
    because === "rests" ? [{ deployment, key: standing.nextKey(now), route, why: `a last resort: ${rest}`, evenResting: true }] : [],
  );
}

function holderFirst(targets: readonly RankedTarget[], holder: Deployment): readonly RankedTarget[] {
  return [
    ...targets.filter(({ deployment }) => deployment === holder).map((target) => ({ ...target, why: "it keeps what this goes on from" })),
    ...targets.filter(({ deployment }) => deployment !== holder),
  ];
}

function cannot(model: Model, { operation }: Ask): Failure {
  return new Failure("model-not-found", `The model ${JSON.stringify(model.name)} cannot do ${operation}. Choose one that can.`, { param: "model" });
}
