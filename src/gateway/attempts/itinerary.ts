import { type Mishap, mishapOf, type Ranking } from "../../routing/routing.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import type { Failure } from "../../vocabulary/failure.ts";

/** What one request may spend on tries. */
export interface Budget {
  /** Most tries, over all deployments. */
  readonly attempts: number;
  /** Shortest and longest wait before the same deployment is tried again. Milliseconds. */
  readonly backoff: readonly [number, number];
}

/** Whom to ask next: whoever of these is free first in their order, after a wait in milliseconds. */
export interface Step {
  readonly targets: readonly Target[];
  readonly wait: number;
}

/** The same deployment again, and not before this time. */
interface Revisit {
  readonly target: Target;
  readonly notBefore: number;
}

/** One for all: most requests fill none of its lists but one. */
const NONE: readonly never[] = [];

/**
 * Where one request goes from failure to failure: its budget, whom it has asked, who is left. Decides and does nothing. Times are
 * milliseconds on one clock; `random` gives numbers from 0 to 1.
 */
export class Itinerary {
  readonly #ranking: Ranking;
  readonly #budget: Budget;
  readonly #random: () => number;
  #open: readonly Target[];
  /** Are those that stand lower still to be added to them? */
  #mayWiden = true;
  #again: readonly Revisit[] = NONE;
  /** Whom it has asked, in order; the first so many of them are not among those above any more: most requests never look again. */
  #asked: readonly Target[] = NONE;
  #struckOut = 0;
  /** Whose fallbacks come after the targets that are open; absent: they are among them already. */
  #fallbacks: Mishap | undefined;
  /** May those who rest be asked when nobody else is left? Once, and not for what they would fail at in any health. */
  #mayAskResting = true;
  /** Whose fallbacks were taken. */
  #taken: readonly Mishap[] = NONE;
  #tried = 0;

  constructor(ranking: Ranking, budget: Budget, random: () => number = Math.random) {
    this.#ranking = ranking;
    this.#budget = budget;
    this.#random = random;
    this.#open = ranking.targets;
    this.#fallbacks = mishapOf(ranking.nobody);
  }

  /**
   * The next step; without targets when there is nobody left. Fallbacks are asked before those that rest, those that rest before one that
   * has just failed, and the last try belongs to a fallback, if there is any.
   */
  next(now: number): Step {
    this.#strikeOut();
    const last = this.#tried > 0 && this.#tried === this.#budget.attempts - 1;
    if (last) this.#open = [...this.#takeFallbacks(), ...this.#open];
    else if (this.#open.every(({ evenResting }) => evenResting)) this.#open = [...this.#takeFallbacks(), ...this.#open];
    if (this.#open.length === 0 && this.#tried > 0) this.#open = this.#takeResting();
    if (this.#open.length > 0) return { targets: wellOnesFirst(this.#open), wait: 0 };
    const [first] = this.#again.toSorted((left, right) => left.notBefore - right.notBefore);
    return first === undefined ? { targets: [], wait: 0 } : { targets: [first.target], wait: Math.max(0, first.notBefore - now) };
  }

  /** Who may be asked when none of the last step's targets is free: those that stand lower, then the fallbacks, each once. */
  spill(): readonly Target[] {
    this.#strikeOut();
    const lower = this.#widen();
    const may = wellOnesFirst(this.#open) === this.#open ? lower : lower.filter(({ evenResting }) => evenResting !== true);
    if (may.length > 0) return may;
    const others = this.#takeFallbacks();
    this.#open = [...this.#open, ...others];
    return others;
  }

  /** Has it had all its tries? */
  get spent(): boolean {
    return this.#tried >= this.#budget.attempts;
  }

  /** Is another model left for a prompt that this one refuses? */
  get refusalsGoElsewhere(): boolean {
    if (this.spent) return false;
    this.#strikeOut();
    return this.#taken.includes("refusal") ? this.#open.length > 0 : this.#ranking.instead("refusal").length > 0;
  }

  /** This one is being asked. */
  asked(target: Target): void {
    this.#tried++;
    this.#asked = [...this.#asked, target];
  }

  /** The call has to be made once more, since its connection broke: a try like any other, as the upstream may have read it. May it? */
  again(): boolean {
    if (this.spent) return false;
    this.#tried++;
    return true;
  }

  /** It failed, without content. Gives why there is nothing left to do; `undefined` while there is. */
  failed(target: Target, failure: Failure, now: number): string | undefined {
    this.#strikeOut();
    switch (failure.row.remedy) {
      case "none":
        return "no other deployment would do better";
      case "other-model":
        if (!this.#taken.includes("refusal")) this.#open = [];
        this.#again = [];
        this.#mayAskResting = false;
        this.#fallbacks = "refusal";
        break;
      case "larger-window":
        this.#open = this.#open.filter(({ deployment }) => mayTakeMore(deployment, target.deployment));
        this.#again = [];
        this.#mayAskResting = false;
        this.#fallbacks = "overflow";
        break;
      case "another-key":
        this.#open = [...this.#otherKeys(target), ...this.#open.filter(({ deployment }) => deployment.id !== target.deployment.id)];
        if (failure.kind === "rate-limited" && failure.facts.retryAfter !== undefined) this.#revisit(target, failure, now);
        break;
      case "again":
        this.#revisit(target, failure, now);
        break;
      case "elsewhere":
        break;
      default:
        return failure.row.remedy satisfies never;
    }
    if (this.spent) return this.#budget.attempts === 1 ? "there is one try only" : `all ${this.#budget.attempts} tries are used up`;
    return this.next(now).targets.length === 0 ? "nothing left to try" : undefined;
  }

  #strikeOut(): void {
    if (this.#asked.length === this.#struckOut) return;
    this.#widen();
    const asked = this.#asked.slice(this.#struckOut);
    this.#open = this.#open.filter((each) => !asked.includes(each));
    this.#again = this.#again.filter(({ target }) => !asked.includes(target));
    this.#struckOut = this.#asked.length;
  }

  #widen(): readonly Target[] {
    if (!this.#mayWiden) return [];
    this.#mayWiden = false;
    const lower = this.#ranking.lower();
    if (lower.length > 0) this.#open = [...this.#open, ...lower];
    return lower;
  }

  #takeFallbacks(): readonly Target[] {
    const of = this.#fallbacks;
    this.#fallbacks = undefined;
    if (of === undefined || this.#taken.includes(of)) return [];
    this.#taken = [...this.#taken, of];
    return this.#ranking.instead(of);
  }

  #takeResting(): readonly Target[] {
    const may = this.#mayAskResting;
    this.#mayAskResting = false;
    return may ? this.#ranking.lastResort() : [];
  }

  /** Not when the upstream wants to be left alone for longer than anybody should wait. */
  #revisit(target: Target, { facts: { retryAfter = 0 } }: Failure, now: number): void {
    const [shortest, longest] = this.#budget.backoff;
    if (retryAfter * 1000 > longest) return;
    const wait = Math.min(longest, shortest * 2 ** (this.#tried - 1)) * (0.5 + this.#random() / 2);
    this.#again = [...this.#again, { target, notBefore: now + Math.max(wait, retryAfter * 1000) }];
  }

  #otherKeys(target: Target): Target[] {
    const { id, service } = target.deployment;
    const used = this.#asked.flatMap(({ deployment, key }) => (deployment.id === id ? key.name : []));
    return service.keys.filter(({ name }) => !used.includes(name)).map((key) => ({ ...target, key, why: `another key, for ${target.key.name} was refused` }));
  }
}

/** Those that do not rest, as long as there are any: one that is full is waited for rather than one that fails. */
function wellOnesFirst(open: readonly Target[]): readonly Target[] {
  if (open.at(-1)?.evenResting !== true) return open; // they stand last
  const well = open.filter(({ evenResting }) => evenResting !== true);
  return well.length > 0 ? well : open;
}

/** May one take a prompt that was too long for the other? Where their windows are not known, another model may. */
function mayTakeMore(one: Target["deployment"], other: Target["deployment"]): boolean {
  if (one.contextWindow === undefined || other.contextWindow === undefined) return one.model !== other.model;
  return one.contextWindow > other.contextWindow;
}
