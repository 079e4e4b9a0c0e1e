import type { AnswerCache, Near, Plan } from "../../cache/cache.ts";
import type { Landing, Turn } from "../../cache/flights.ts";
import type { KeptAnswer, Said } from "../../cache/keep/answer.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { CacheOutcome } from "../../vocabulary/record.ts";
import { chargeAgain } from "../billing/charge-again.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";

/** Who asks which model, and what is remembered of it. */
export interface Asking {
  readonly caller: Caller;
  readonly model: Model;
  readonly visit: Visit;
  readonly box: Signalbox;
}

/** How one kind of answer is given again, and heard when it is fresh. */
export interface Form<Answer> {
  /** The answer given again; `undefined` when it is of another kind. */
  again(said: Said): Answer | undefined;
  /** The fresh answer, listened to on its way; `said` is what it said, once it is whole, when that is to be kept. */
  heard(answer: Answer, plan: Plan): { readonly answer: Answer; said(): Said | undefined };
}

/** One request at the cache. */
interface AtCache<Answer> {
  readonly asking: Asking;
  readonly plan: Plan;
  readonly cache: AnswerCache;
  readonly form: Form<Answer>;
}

/**
 * The answer that was given before to the same request, else that of an identical one being answered, else a fresh one, which is kept on
 * its way. Throws what `fresh` does, and `not-cached` when the client wants none of it.
 */
export async function asBefore<Answer>(at: AtCache<Answer>, fresh: () => Promise<Answer>): Promise<Answer> {
  const { asking, plan, cache } = at;
  const kept = plan.reads ? await cache.find(plan) : undefined;
  const before = kept && (await given(kept, "hit", at)); // the very same was asked before
  if (before !== undefined) return before;
  const near: Near = plan.probe === undefined ? {} : await cache.near(plan);
  const similar = near.answer && (await given(near.answer, "semantic", at)); // nearly the same was
  if (similar !== undefined) return similar;
  if (plan.only) throw notCached();
  const turn = plan.shares ? await turnAt(plan.key, cache, asking) : ALONE;
  const shared = turn.type === "answer" ? await given(turn.answer, "shared", at) : undefined; // the same was being asked
  return shared ?? freshlyKept(at, { leads: turn.type === "lead", meaning: near.meaning }, fresh);
}

const ALONE = { type: "alone" } as const;

/** The answer given again, and the visit knows of it; `undefined` when it is of another kind. Rejects when its caller cannot pay for it. */
async function given<Answer>(kept: KeptAnswer, outcome: CacheOutcome, { asking, cache, form }: AtCache<Answer>): Promise<Answer | undefined> {
  const { visit } = asking;
  const answer = form.again(kept.said);
  if (answer === undefined) return undefined;
  await chargeAgain({ ...asking, used: kept.used });
  visit.cache = outcome;
  visit.age = Math.max(0, Math.floor((visit.startedAt + visit.elapsed() - kept.madeAt) / 1000));
  visit.warnings.push(...kept.warnings);
  cache.count(outcome);
  return answer;
}

/** A fresh answer, kept once it is whole. Who leads lands, whatever happens from here on. */
async function freshlyKept<Answer>(at: AtCache<Answer>, mine: { readonly leads: boolean; readonly meaning?: Float32Array }, fresh: () => Promise<Answer>) {
  const { asking, plan, cache, form } = at;
  const { visit } = asking;
  const land = (landing: Landing<KeptAnswer>) => {
    if (mine.leads) cache.flights.land(plan.key, landing);
  };
  if (visit.calledOff !== undefined) {
    land({ type: "lost" });
    throw visit.calledOff;
  }
  visit.cache = plan.reads ? "miss" : "bypass";
  cache.count(visit.cache);
  if (!plan.keeps) return fresh();
  let said: () => Said | undefined = () => undefined;
  visit.owes(({ outcome }) => {
    const whole = outcome === "ok" && isModelsOwn(asking) ? said() : undefined;
    if (whole === undefined) {
      land({ type: outcome === "ok" ? "private" : "lost" });
      return;
    }
    const { usage, served, warnings } = visit;
    const used = usage && { usage, deployment: served?.deployment.id };
    const kept = { said: whole, madeAt: Math.floor(visit.startedAt + visit.elapsed()), warnings, used };
    land({ type: "answer", answer: kept });
    cache.keep(plan, kept, mine.meaning);
  });
  const heard = form.heard(await fresh(), plan);
  said = heard.said;
  return heard.answer;
}

export function notCached(): Failure {
  return new Failure("not-cached", "No answer to this request is kept, and a fresh one was not wanted (Cache-Control: only-if-cached).");
}

/** Another model stood in while this one failed: its answer is not this one's to give once that is over. */
function isModelsOwn({ model, visit }: Asking): boolean {
  const { served } = visit;
  return served !== undefined && model.deployments.some(({ id }) => id === served.deployment.id);
}

/** Leads, or waits behind an identical request that does, no longer than that may take. Throws when the visit is called off meanwhile. */
function turnAt(key: string, { flights }: AnswerCache, { visit, box }: Asking): Turn<KeptAnswer> | Promise<Turn<KeptAnswer>> {
  if (flights.lead(key)) return { type: "lead" };
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = flights.follow(key, (turn) => {
      clearTimeout(timer);
      resolve(turn);
    });
    timer = setTimeout(() => {
      leave();
      resolve(ALONE);
    }, box.policy().total);
    visit.onCallOff((reason) => {
      clearTimeout(timer);
      leave();
      reject(reason);
    });
  });
}
