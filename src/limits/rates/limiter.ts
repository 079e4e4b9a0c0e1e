import type { Model } from "../../vocabulary/model.ts";
import type { Counter, Taken } from "./counter.ts";
import { bindingOf, type Reading } from "./reading.ts";
import type { RateScope, Step } from "./rule.ts";
import { Turn } from "./turn.ts";
import { type Asking, type RateSettings, WhoIsLimited } from "./who.ts";

/** A turn at once, or once it has been asked for elsewhere; `undefined`: nothing is limited, and nothing was counted. Never rejects. */
export type Admission = Turn | Promise<Turn> | undefined;

/** Not too fast, and not too much. */
export interface RateLimiter {
  /** A request of this caller's, before anything of it is read. */
  admit(asking: Asking): Admission;
  /** Somebody whose key is not known. */
  knock(network: () => string): Admission;
  /** The request goes to this model, and may take so many tokens. Goes on with the turn it has; a refusal gives back what that took. */
  reserve(turn: Turn | undefined, asking: Asking, wish: Wish): Admission;
  /** Something is to be changed, by whoever has this id: a key or a network. */
  manage(id: string): Admission;
  /** How all limits of this caller stand, and of the model where one is named; nothing is taken. */
  look(asking: Asking, model?: string): readonly Reading[] | Promise<readonly Reading[]>;
  /** How often requests met a limit, and what became of them. */
  counts(): Iterable<RateCount>;
}

/** What is asked of a model. */
export interface Wish {
  readonly model: Pick<Model, "name">;
  /** Prompt and answer, by an estimate: asked for only where tokens are limited. 0: the model is not to answer. */
  tokens(): number;
}

/** `alone`: by this gateway for itself, as long as several cannot count together. */
export type RateOutcome = "admitted" | "rejected" | "admitted_alone" | "rejected_alone";

export interface RateCount {
  readonly scope: RateScope;
  readonly outcome: RateOutcome;
  readonly count: number;
}

interface LimiterParts {
  readonly counter: Counter;
  /** The same object as long as nothing changes. */
  readonly settings: () => RateSettings;
}

/** Limits over a counter, by the settings in force. */
export function createLimiter({ counter, settings }: LimiterParts): RateLimiter {
  const outcomes = new Map<RateScope, Map<RateOutcome, number>>();
  let known: { readonly settings: RateSettings; readonly who: WhoIsLimited } | undefined;
  const who = (): WhoIsLimited => {
    const inForce = settings();
    if (known?.settings !== inForce) known = { settings: inForce, who: new WhoIsLimited(inForce) };
    return known.who;
  };
  const count = (scope: RateScope, outcome: RateOutcome) => {
    let counts = outcomes.get(scope);
    if (counts === undefined) outcomes.set(scope, (counts = new Map()));
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  };
  const remember = (step: Step, { refused, readings, alone }: Taken, turn: Turn) => {
    if (refused) {
      const binding = bindingOf(readings);
      if (binding !== undefined) count(binding.of.scope, alone ? "rejected_alone" : "rejected");
    } else for (const { scope } of step) if (turn.meets(scope)) count(scope, alone ? "admitted_alone" : "admitted");
  };
  const take = (step: Step, tokens: number, turn: Turn | undefined): Admission => {
    if (step.length === 0) return turn;
    const taken = counter.take(step, tokens);
    const added = (done: Taken): Turn => {
      const now = turn ?? new Turn();
      remember(step, done, now);
      now.add(done, tokens);
      return now;
    };
    return taken instanceof Promise ? taken.then(added) : added(taken);
  };
  return {
    admit(asking) {
      const limited = who();
      const { requests: network } = limited.network(asking);
      const { requests } = limited.caller(asking);
      return take(joined(network, requests), 0, undefined);
    },
    knock: (network) => take(who().stranger(network).requests, 0, undefined),
    reserve(turn, asking, { model, tokens }) {
      const limited = who();
      const byModel = limited.model(asking, model.name);
      const onTokens = joined(joined(limited.network(asking).tokens, limited.caller(asking).tokens), byModel.tokens);
      const needed = onTokens.length === 0 ? 0 : tokens();
      return take(needed === 0 ? byModel.requests : joined(byModel.requests, onTokens), needed, turn);
    },
    manage: (id) => take(who().manager(id), 0, undefined),
    look(asking, model) {
      const limited = who();
      const all = [limited.network(asking), limited.caller(asking), ...(model === undefined ? [] : [limited.model(asking, model)])];
      const step = all.flatMap(({ requests, tokens }) => [...requests, ...tokens]);
      return step.length === 0 ? [] : counter.look(step);
    },
    *counts() {
      for (const [scope, counts] of outcomes) for (const [outcome, count] of counts) yield { scope, outcome, count };
    },
  };
}

/** Both, with nothing made where one of them is empty. */
function joined(one: Step, other: Step): Step {
  return one.length === 0 ? other : other.length === 0 ? one : [...one, ...other];
}
