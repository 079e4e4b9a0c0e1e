import type { Target } from "../vocabulary/deployment.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Candidate } from "../vocabulary/record.ts";
import type { Ask } from "./ask.ts";
import { nobody } from "./filter/nobody.ts";
import { createLiner, type Extent, type Line, type LineParts, restingOnes } from "./line.ts";
import { allCandidates, firstCandidates, type RankedTarget } from "./ranked.ts";
import type { Mishap, Ranking } from "./routing.ts";
import type { PreparedRule } from "./rules/prepared.ts";

/** Which models are tried instead of one, by what befell it. */
export type Instead = (model: Model, of: Mishap) => readonly Model[];

/** What a ranking goes by. */
export interface RankParts extends LineParts {
  readonly instead: Instead;
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

export function createRanking({ instead, ...parts }: RankParts): Ranker {
  const { line, can } = createLiner(parts);
  const ranking = (model: Model, ask: Ask, own: Extent, others: Extent): Rehearsal => {
    const linesInstead = (of: Mishap) => instead(model, of).map((other) => asFallback(line(other, ask, others), other));
    const first = line(model, ask, own);
    if (first.sifting.able.options.length === 0 && !instead(model, "failure").some((other) => can(other, ask))) throw cannot(model, ask);
    return new RankedLines(first, { whole: () => line(model, ask, "look"), instead: linesInstead, tell: own === "look" ? allCandidates : firstCandidates });
  };
  return { rank: (model, ask) => ranking(model, ask, "turn", "whole"), rehearse: (model, ask) => ranking(model, ask, "look", "look") };
}

function asFallback({ targets, out, ...line }: Line, { name }: Model): Line {
  return {
    ...line,
    targets: targets.map((target) => ({ ...target, why: `fallback ${name}: ${target.why}` })),
    out: out.map((each) => ({ ...each, fallback: name })),
  };
}

/** How more lines are made. */
interface MoreLines {
  /** The model's own once more, all of it, as it stands now. */
  whole(): Line;
  instead(of: Mishap): readonly Line[];
  readonly tell: typeof firstCandidates;
}

/** Lines as the story reads them; what is seldom looked at is made when it is. A class, as one is made for every request. */
class RankedLines implements Rehearsal {
  readonly #own: Line;
  readonly #more: MoreLines;
  #lower: readonly RankedTarget[] | undefined;
  #others: { readonly of: Mishap; readonly lines: readonly Line[] }[] | undefined;

  constructor(own: Line, more: MoreLines) {
    this.#own = own;
    this.#more = more;
  }

  get targets(): readonly RankedTarget[] {
    return this.#own.targets;
  }

  get priority(): number {
    return this.rule?.rule.priority ?? 0;
  }

  get waitsForHours(): boolean {
    return this.#own.sifting.able.model.outsideSchedule === "queue";
  }

  get rule(): PreparedRule | undefined {
    return this.#own.sifting.rule;
  }

  get candidates(): readonly Candidate[] {
    const { targets, out, lower } = this.#own;
    const { tell } = this.#more;
    if (this.#others === undefined) return tell(targets, out, lower);
    const lines = this.#lines();
    return tell(
      lines.flatMap((line) => line.targets).filter(isNewTo([])),
      lines.flatMap((line) => line.out),
      lower,
    );
  }

  get nobody(): Failure | undefined {
    const { sifting, targets, out } = this.#own;
    if (targets.length > 0) return undefined;
    return out.length === 0 ? cannot(sifting.able.model, sifting.ask) : nobody(sifting, out);
  }

  lower(): readonly RankedTarget[] {
    this.#lower ??= this.#own.lower === 0 ? [] : this.#more.whole().targets.filter(isNewTo(this.#own.targets));
    return this.#lower;
  }

  lastResort(): readonly Target[] {
    return this.#lines().flatMap(restingOnes);
  }

  instead(of: Mishap): readonly RankedTarget[] {
    this.#others ??= [];
    let found = this.#others.find((each) => each.of === of);
    if (found === undefined) {
      const isNew = isNewTo([...this.targets, ...this.lower()]);
      found = { of, lines: this.#more.instead(of).map((line) => ({ ...line, targets: line.targets.filter(isNew) })) };
      this.#others.push(found);
    }
    return found.lines.flatMap(({ targets }) => targets);
  }

  /** All that were looked at until now. */
  #lines(): readonly Line[] {
    return [this.#own, ...(this.#others ?? []).flatMap(({ lines }) => lines)];
  }
}

/** Tells those whose deployments are not among these from the others, and of several with the same the first. */
function isNewTo(known: readonly Target[]): (target: Target) => boolean {
  const ids = new Set(known.map(({ deployment }) => deployment.id));
  return ({ deployment }) => ids.size < ids.add(deployment.id).size;
}

function cannot(model: Model, { operation }: Ask): Failure {
  return new Failure("model-not-found", `The model ${JSON.stringify(model.name)} cannot do ${operation}. Choose one that can.`, { param: "model" });
}
