import type { Seat } from "../../routing/routing.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import { engineUp } from "./at-engine.ts";
import { Attempt } from "./attempt.ts";
import { discreet } from "./discreet.ts";
import type { Question } from "./first-to-answer.ts";
import { inOurWords } from "./in-our-words.ts";
import type { Itinerary } from "./itinerary.ts";

/** One attempt on its way. */
export interface Trial<Answer> {
  readonly attempt: Attempt;
  /** Never rejects. */
  readonly outcome: Promise<Outcome<Answer>>;
}

type Outcome<Answer> = { readonly type: "answered"; readonly answer: Answer } | { readonly type: "failed"; readonly failure: Failure };

/** The attempts of one request: begun, told how they went to whoever keeps count of it, and written into the trace. */
export class Trials<Answer> {
  readonly #question: Question<Answer>;
  readonly #visit: Visit;
  readonly #box: Signalbox;
  /** What the client would be told if nothing more could be tried. */
  #last: Failure | undefined;

  constructor(question: Question<Answer>, visit: Visit, box: Signalbox) {
    this.#question = question;
    this.#visit = visit;
    this.#box = box;
  }

  begin(seat: Seat, way: Itinerary): Trial<Answer> {
    const { stream } = this.#question;
    way.asked(seat.target);
    const attempt = new Attempt({ seat, stream, way }, this.#visit, this.#box);
    const up = engineUp(attempt, this.#visit, this.#box);
    const answer = up === undefined ? this.#question.ask(attempt) : up.then(() => this.#question.ask(attempt));
    const outcome = answer.then(
      (answer): Outcome<Answer> => ({ type: "answered", answer }),
      (thrown): Outcome<Answer> => {
        const failure = this.#failureOf(thrown, attempt);
        attempt.fail(failure);
        return { type: "failed", failure };
      },
    );
    return { attempt, outcome };
  }

  /** From here on it is this one's answer, until the visit ends. */
  answered({ attempt }: Trial<Answer>, answer: Answer): Answer {
    const visit = this.#visit;
    visit.served = attempt.target;
    visit.engineSince = attempt.engineSince;
    visit.firstTokenMs = visit.elapsed();
    this.#note(attempt, "answered");
    visit.owes(({ outcome, failure }) => {
      if (outcome === "ok") attempt.seat.finished(visit.usage, this.#question.prompt);
      else if (failure !== undefined) attempt.seat.failed(failure);
    });
    return answer;
  }

  /** Throws its failure when nothing is left to do about it. */
  failed({ attempt }: Trial<Answer>, failure: Failure, way: Itinerary): void {
    const visit = this.#visit;
    const why = visit.calledOff === undefined ? way.failed(attempt.target, failure, visit.elapsed()) : visit.left ? "the client left" : "Signalbox is stopping";
    if (why === undefined) {
      const next = way.next(visit.elapsed()).targets[0];
      this.#note(attempt, `next: ${next?.deployment.id ?? "whoever is free"}`, failure);
      this.#last = inOurWords(failure, attempt);
      return;
    }
    this.#note(attempt, `gave up: ${why}`, failure);
    throw inOurWords(failure, attempt);
  }

  /** There is no seat for another try: what failed before says more than that. Throws. */
  nobodyLeft(why: unknown): never {
    throw this.#visit.calledOff ?? this.#last ?? why;
  }

  /** It was asked twice, and the other was first, or the only one to answer. */
  lost({ attempt }: Trial<Answer>, reason: Failure): void {
    attempt.abort(reason);
    this.#note(attempt, attempt.failure === undefined ? "dropped: another answered first" : "another answered", attempt.failure);
  }

  #failureOf(thrown: unknown, { target, baseUrl }: Attempt): Failure {
    return this.#visit.calledOff ?? discreet(this.#box.upstream.explain(thrown, baseUrl), target.deployment.service);
  }

  #note(attempt: Attempt, decision: string, failure?: Failure): void {
    const { target, startedMs, repeats } = attempt;
    const now = this.#visit.elapsed();
    const told = failure === undefined ? undefined : inOurWords(failure, attempt);
    this.#visit.attempts.push({
      deployment: target.deployment.id,
      key: target.key.name === "" ? undefined : target.key.name,
      why: target.why,
      again: repeats === 0 ? undefined : repeats,
      startedMs,
      firstTokenMs: failure === undefined ? now : undefined,
      totalMs: failure === undefined ? undefined : now,
      failure: told?.kind,
      message: told?.message,
      status: failure?.facts.upstreamStatus,
      decision,
    });
  }
}
