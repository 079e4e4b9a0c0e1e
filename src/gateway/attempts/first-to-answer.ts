import type { Prompt } from "../../routing/ask.ts";
import type { Ranking, Seat } from "../../routing/routing.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Hedge } from "../../vocabulary/model.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import type { Attempt } from "./attempt.ts";
import { hedged } from "./hedged.ts";
import { Itinerary, type Step } from "./itinerary.ts";
import { pause } from "./pause.ts";
import { Trials } from "./trials.ts";

/** What is to be answered, and how a target is asked for it. */
export interface Question<Answer> {
  readonly ranking: Ranking;
  readonly stream: boolean;
  /** As it was put to the ranking. */
  readonly prompt?: Prompt;
  /** A second target may be asked while the first is silent. */
  readonly hedge?: Hedge;
  /** Resolves when the answer is committed (its first content has come) and throws while it is not. */
  ask(attempt: Attempt): Promise<Answer>;
}

/**
 * Asks one target after the other until one starts to answer, and says in the trace why. Throws the last failure when nobody answered.
 * One budget for all tries, wherever they go; what went wrong decides where that is (`Remedy`).
 */
export async function firstToAnswer<Answer>(question: Question<Answer>, visit: Visit, box: Signalbox): Promise<Answer> {
  const { ranking } = question;
  // Nobody waits for a line of a batch, and none is asked twice.
  const hedge = visit.batch === undefined ? question.hedge : undefined;
  visit.ranking = ranking;
  const trials = new Trials(question, visit, box);
  const way = new Itinerary(ranking, box.policy());
  for (let step = way.next(visit.elapsed()); ; step = way.next(visit.elapsed())) {
    if (step.wait > 0) await pause(step.wait, visit);
    const full: Target[] = [];
    const seat = freeSeat(step, full, way, visit, box) ?? (await seatInTime(full, visit, box).catch((why: unknown) => trials.nobodyLeft(why)));
    const first = trials.begin(seat, way);
    const trial = hedge === undefined ? first : await hedged(first, hedge, { trials, way, visit, box });
    const outcome = await trial.outcome;
    if (outcome.type === "answered") return trials.answered(trial, outcome.answer);
    trials.failed(trial, outcome.failure, way);
  }
}

/** A seat at the first target that is free, at a fallback's when none is. Those that were not are noted in `full`. */
function freeSeat({ targets }: Step, full: Target[], way: Itinerary, visit: Visit, box: Signalbox): Seat | undefined {
  for (let some = targets; some.length > 0; some = way.spill()) {
    for (const target of some) {
      const seat = box.routing.enter(target);
      if (typeof seat !== "string") return seat;
      visit.passedOver(target, seat);
      full.push(target);
    }
  }
  return undefined;
}

/** A seat at whichever of these is free first. Rejects when there will be none. */
function seatInTime(full: readonly Target[], visit: Visit, { routing }: Signalbox): Promise<Seat> {
  if (full.length > 0) return routing.wait(full, { priority: visit.priority, onCallOff: (end) => visit.onCallOff(end) });
  const nobody = new Failure("no-healthy-deployment", "No deployment of this model can be called now. Ask again in a moment.", { retryAfter: 5 });
  return Promise.reject(visit.ranking?.nobody ?? nobody);
}
