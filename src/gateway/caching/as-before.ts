import type { AnswerCache, Near, Plan } from "../../cache/cache.ts";
import type { Turn } from "../../cache/flights.ts";
import type { KeptAnswer, Said } from "../../cache/keep/answer.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { CacheOutcome } from "../../vocabulary/record.ts";
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

/**
 * The answer that was given before to the same request, else that of an identical one being answered, else a fresh one, which is kept on
 * its way. Throws what `fresh` does, and `not-cached` when the client wants none of it.
 */
export async function asBefore<Answer>(asking: Asking, plan: Plan, cache: AnswerCache, form: Form<Answer>, fresh: () => Promise<Answer>): Promise<Answer> {
  const { visit } = asking;
  const given = (kept: KeptAnswer, outcome: CacheOutcome): Answer | undefined => {
    const answer = form.again(kept.said);
    if (answer === undefined) return undefined;
    visit.cache = outcome;
    visit.age = Math.max(0, Math.floor((visit.startedAt + visit.elapsed() - kept.madeAt) / 1000));
    visit.warnings.push(...kept.warnings);
    cache.count(outcome);
    return answer;
  };
  if (plan.reads) {
    const kept = await cache.find(plan);
    const answer = kept === undefined ? undefined : given(kept, "hit");
    if (answer !== undefined) return answer;
  }
  const near: Near = plan.probe === undefined ? {} : await cache.near(plan);
  if (near.answer !== undefined) {
    const answer = given(near.answer, "semantic");
    if (answer !== undefined) return answer;
  }
  if (plan.only) throw new Failure("not-cached", "No answer to this request is kept, and a fresh one was not wanted (Cache-Control: only-if-cached).");
  let leads = false;
  if (plan.shares) {
    leads = cache.flights.lead(plan.key);
    const turn = leads ? undefined : await turnBehind(plan.key, cache, asking);
    if (turn?.type === "answer") {
      const answer = given(turn.answer, "shared");
      if (answer !== undefined) return answer;
    }
    leads ||= turn?.type === "lead";
  }
  // Whoever leads lands, whatever happens from here on.
  if (visit.calledOff !== undefined) {
    if (leads) cache.flights.land(plan.key, { type: "lost" });
    throw visit.calledOff;
  }
  visit.cache = plan.reads ? "miss" : "bypass";
  cache.count(visit.cache);
  if (!plan.keeps) return fresh();
  let said: () => Said | undefined = () => undefined;
  visit.owes(({ outcome }) => {
    const whole = outcome === "ok" ? said() : undefined;
    const kept =
      whole !== undefined && isModelsOwn(asking) ? { said: whole, madeAt: Math.floor(visit.startedAt + visit.elapsed()), warnings: visit.warnings } : undefined;
    if (leads) cache.flights.land(plan.key, kept !== undefined ? { type: "answer", answer: kept } : { type: outcome === "ok" ? "private" : "lost" });
    if (kept !== undefined) cache.keep(plan, kept, near.meaning);
  });
  const heard = form.heard(await fresh(), plan);
  said = heard.said;
  return heard.answer;
}

/** Another model stood in while this one failed: its answer is not this one's to give once that is over. */
function isModelsOwn({ model, visit }: Asking): boolean {
  const { served } = visit;
  return served !== undefined && model.deployments.some(({ id }) => id === served.deployment.id);
}

/** Waits behind an identical request, no longer than that may take. Throws when the visit is called off meanwhile. */
function turnBehind(key: string, { flights }: AnswerCache, { visit, box }: Asking): Promise<Turn<KeptAnswer>> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = flights.follow(key, (turn) => {
      clearTimeout(timer);
      resolve(turn);
    });
    timer = setTimeout(() => {
      leave();
      resolve({ type: "alone" });
    }, box.policy().total);
    visit.onCallOff((reason) => {
      clearTimeout(timer);
      leave();
      reject(reason);
    });
  });
}
