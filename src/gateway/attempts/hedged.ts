import { Failure } from "../../vocabulary/failure.ts";
import type { Hedge } from "../../vocabulary/model.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import type { Itinerary } from "./itinerary.ts";
import { pause } from "./pause.ts";
import type { Trial, Trials } from "./trials.ts";

interface Hedging<Answer> {
  readonly trials: Trials<Answer>;
  readonly way: Itinerary;
  readonly visit: Visit;
  readonly box: Signalbox;
}

/** Nobody waits for this one any more. One for all: an error costs its stack trace. */
const SLOWER = new Failure("client-left", "Another deployment answered first.");

/**
 * The attempt itself when it has an outcome in time; else the first to answer of it and a second one beside it, as far as there is a free
 * target and the budget for such allows. When both fail, the first's failure has been dealt with and the second's is left.
 */
export async function hedged<Answer>(first: Trial<Answer>, { after, percent }: Hedge, { trials, way, visit, box }: Hedging<Answer>): Promise<Trial<Answer>> {
  box.hedges.count(visit.model, percent);
  const early = await Promise.race([first.outcome, pause(after, visit)]);
  // Asked now and not before the wait: when an upstream is slow, all that wait for it come to this point together.
  if (early !== undefined || visit.calledOff !== undefined || !box.hedges.may(visit.model)) return first;
  const second = besides(first, { trials, way, visit, box });
  if (second === undefined) return first;
  box.hedges.spend(visit.model);
  const winner = await firstAnswered([first, second]);
  if (winner !== undefined) {
    trials.lost(winner === first ? second : first, SLOWER);
    return winner;
  }
  const failed = await first.outcome;
  if (failed.type === "failed") trials.failed(first, failed.failure, way);
  return second;
}

/** A second attempt, at another deployment that is free at once. */
function besides<Answer>(first: Trial<Answer>, { trials, way, visit, box }: Hedging<Answer>): Trial<Answer> | undefined {
  if (way.spent) return undefined;
  const others = way.next(visit.elapsed()).targets.filter(({ deployment }) => deployment !== first.attempt.target.deployment);
  for (const target of others) {
    const seat = box.routing.enter(target);
    if (typeof seat !== "string") return trials.begin(seat, way);
  }
  return undefined;
}

/** The first of them to answer, or `undefined` once all have failed. */
function firstAnswered<Answer>(trials: readonly Trial<Answer>[]): Promise<Trial<Answer> | undefined> {
  const answered = trials.map((trial) => trial.outcome.then((outcome) => (outcome.type === "answered" ? trial : Promise.reject(outcome.failure))));
  return Promise.any(answered).catch(() => undefined);
}
