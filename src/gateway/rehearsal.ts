import type { AnswerCache, Plan } from "../cache/cache.ts";
import type { RateLimiter } from "../limits/rates/limiter.ts";
import type { Reading } from "../limits/rates/reading.ts";
import type { Ask } from "../routing/ask.ts";
import type { Ranker, Rehearsal } from "../routing/rank.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { notCached } from "./caching/as-before.ts";
import type { AttemptPolicy, ResponseMemory, Signalbox } from "./signalbox.ts";
import type { Exchange, Route } from "./visit/exchange.ts";
import { Visit } from "./visit/visit.ts";

/** A route as it is found for a path, with what its pattern matched. */
export interface FoundHandle extends Pick<Route, "handle" | "face"> {
  readonly rest: string;
}

/** What requests are rehearsed with. */
export interface RehearsalParts {
  readonly box: Signalbox;
  readonly rehearse: Ranker["rehearse"];
  /** The very routes that clients use, over another box. Throws `not-found` or `method-not-allowed`. */
  readonly find: (box: Signalbox, path: string) => FoundHandle;
  readonly clock: Clock;
}

/** A request to be rehearsed. */
export interface Rehearsing {
  /** Its body and headers are the request's; whose it is does not count. */
  readonly exchange: Exchange;
  readonly path: string;
  /** The query, without its question mark. */
  readonly search: string;
  /** Who asks, or why nobody may. */
  readonly caller: Caller | Failure;
}

/** What would become of a request, as far as that is decided before anybody is asked. */
export interface Rehearsed {
  /** What is known of the request. Never recorded. */
  readonly visit: Visit;
  /** Where it would go; absent when it would not get so far. */
  readonly choice?: Choice;
  /** What the cache would do; absent where it is off. */
  readonly cache?: Look;
  /** How the limits of its caller and its model stand. */
  readonly limits: readonly Reading[];
  /** How it would be refused, and in whose words. */
  readonly refused?: Failure;
  readonly face: Route["face"];
  readonly policy: AttemptPolicy;
}

/** A model, what is asked of it, and where that would go. */
export interface Choice {
  readonly model: Model;
  readonly ask: Ask;
  readonly ranking: Rehearsal;
}

/** What the cache would do for it. */
export interface Look {
  readonly outcome: "hit" | "miss" | "bypass";
  /** Is nearly the same question looked for too? It is not in a rehearsal, as that costs an embedding. */
  readonly semantic: boolean;
}

/**
 * Plays the story of a request up to where somebody would be asked, by the very route that would serve it: who asks, what they want, whether
 * they may have it, where it goes. Nobody is asked, nobody's turn is taken, nothing is kept, counted or recorded.
 */
export async function rehearsed({ exchange, path, search, caller }: Rehearsing, { box, rehearse, find, clock }: RehearsalParts): Promise<Rehearsed> {
  let plan: Plan | undefined;
  const stage: Signalbox = {
    ...box,
    // Users are not looked up, as looking may make one.
    access: { ...box.access, identify: () => orThrown(caller), attributed: (asked) => asked },
    routing: {
      enter: () => unheardOf(),
      wait: () => unheardOf(),
      rank(model, ask) {
        throw new EndOfRehearsal({ model, ask, ranking: rehearse(model, ask) });
      },
    },
    limits: box.limits && unlimited(box.limits),
    responses: box.responses && readOnly(box.responses),
    files: undefined,
    batches: undefined,
    cache: box.cache && planning(box.cache, (planned) => (plan = planned)),
  };
  const { handle, face, rest } = find(stage, path);
  const visit = new Visit(exchange.visit.id, clock);
  const asked: Exchange = {
    visit,
    headers: exchange.headers,
    search,
    rest,
    address: () => exchange.address(),
    body: () => exchange.body(),
    form: (cap) => exchange.form(cap),
  };
  let choice: Choice | undefined;
  let refused: Failure | undefined;
  try {
    await handle(asked);
  } catch (thrown) {
    if (thrown instanceof EndOfRehearsal) choice = thrown.choice;
    else if (thrown instanceof Failure && thrown.kind !== "internal") refused = thrown;
    else throw thrown;
  } finally {
    visit.settle({ status: 200, outcome: "ok" });
  }
  const limits = (visit.caller && (await box.limits?.look({ caller: visit.caller, behalf: visit.behalf, network: () => "" }, choice?.model.name))) ?? [];
  const common = { visit, face, limits, policy: box.policy() };
  if (refused !== undefined) return { ...common, refused };
  const cache = plan && box.cache && (await look(plan, box.cache));
  return { ...common, choice, cache, refused: plan?.only && cache?.outcome !== "hit" && !cache?.semantic ? notCached() : choice && refusalOf(choice.ranking) };
}

/** The story ends here: from now on somebody would be asked. */
class EndOfRehearsal extends Error {
  readonly choice: Choice;

  constructor(choice: Choice) {
    super("The rehearsal is over.");
    this.choice = choice;
  }
}

function orThrown(caller: Caller | Failure): Caller {
  if (caller instanceof Failure) throw caller;
  return caller;
}

function unheardOf(): never {
  throw new Error("a rehearsal asks nobody");
}

/** Limits of which nothing is taken. */
function unlimited(limits: RateLimiter): RateLimiter {
  const nothing = () => undefined;
  return { ...limits, admit: nothing, knock: nothing, reserve: nothing, manage: nothing };
}

function readOnly(memory: ResponseMemory): ResponseMemory {
  return { ...memory, keep: () => undefined, remove: async () => false };
}

/** A cache that notes how it would be used, and is not. */
function planning(cache: AnswerCache, note: (plan: Plan | undefined) => void): AnswerCache {
  return {
    ...cache,
    plan(asked) {
      note(cache.plan(asked));
      return undefined;
    },
  };
}

async function look(plan: Plan, cache: AnswerCache): Promise<Look> {
  const outcome = !plan.reads ? "bypass" : (await cache.holds(plan)) ? "hit" : "miss";
  return { outcome, semantic: plan.probe?.mode === "on" };
}

/** Why nobody would be asked, when there is no other model either. */
function refusalOf(ranking: Rehearsal): Failure | undefined {
  const { nobody } = ranking;
  return nobody !== undefined && ranking.instead(nobody.kind === "context-overflow" ? "overflow" : "failure").length === 0 ? nobody : undefined;
}
