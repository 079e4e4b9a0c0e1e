import type { Clock } from "../../vocabulary/clock.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import type { HeaderView } from "../../vocabulary/dialect.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Timer } from "../../vocabulary/timer.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import type { Prompt } from "../ask.ts";
import { allUsedUp, type Exhausted } from "../quota/used-up.ts";
import type { Routing, Seat, Waiting } from "../routing.ts";
import type { Call, DeploymentState } from "./deployment-state.ts";
import type { Place, WaitAt } from "./gate.ts";
import type { RunningStandings } from "./standings.ts";

/** What seats are given out with. */
export interface SeatsRequest {
  readonly standings: RunningStandings;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly waitAt: WaitAt;
  /** The longest wait for a seat, in milliseconds, as it is in force now. */
  readonly patience: () => number;
  /** An attempt has ended, well or badly: the peers may be compared. */
  readonly ended?: () => void;
}

/** Nobody is told to come back later than this to those that are ill: they may be well before. Seconds. */
const LONGEST_RETRY = 60;

/** Of so many answers of a deployment one has its prompt estimated though nobody asked for that, beginning with the first. */
const SELDOM = 32;

/** Gives out seats: at once, or after a wait. */
export function createSeats(request: SeatsRequest): Pick<Routing, "enter" | "wait"> {
  const { standings, clock } = request;
  const enter = (target: Target): Seat | string => {
    const { deployment, key } = target;
    const state = standings.of(deployment);
    const now = clock.elapsed();
    const against = state.against(key, now, target.evenResting === true);
    if (against !== undefined) return against;
    const place = state.gate.enter();
    if (place === undefined) return `full: it is answering ${state.inFlight}`;
    return new TakenSeat(target, { state, place, call: state.begin(key, now), request });
  };
  return { enter, wait: (targets, waiting) => waitFor(targets, waiting, { ...request, enter }) };
}

/** A seat taken at once if there is one by now, else the first that comes free at those that are full and do not rest. */
function waitFor(targets: readonly Target[], waiting: Waiting, request: SeatsRequest & { readonly enter: (target: Target) => Seat | string }): Promise<Seat> {
  const { standings, clock, timer, waitAt, patience, enter } = request;
  const full: Target[] = [];
  for (const target of targets) {
    const able = ableTarget(target, standings, clock.elapsed());
    if (able === undefined || full.some(({ deployment }) => deployment.id === able.deployment.id)) continue;
    const seat = enter(able);
    if (typeof seat !== "string") return Promise.resolve(seat);
    full.push(able);
  }
  if (full.length === 0) return Promise.reject(allRest(targets, standings, clock.elapsed()));
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    const fail = (failure: Failure) => {
      stop?.();
      reject(failure);
    };
    const offered = (place: Place, index: number): boolean => {
      const now = clock.elapsed();
      const target = ableTarget(full[index] as Target, standings, now);
      if (target === undefined) return false;
      stop?.();
      const state = standings.of(target.deployment);
      resolve(new TakenSeat(target, { state, place, call: state.begin(target.key, now), request }));
      return true;
    };
    const gates = full.map(({ deployment }) => standings.of(deployment).gate);
    const end = waitAt(gates, { priority: waiting.priority, offered, nowhere: () => fail(allRest(targets, standings, clock.elapsed())) });
    if (end === undefined) {
      fail(new Failure("full", "Every deployment of this model is full, and so are their queues. Ask again in a moment.", { retryAfter: 1 }));
      return;
    }
    const longest = patience();
    stop = timer(longest, () => {
      end();
      fail(new Failure("full", `No deployment of this model had a place for this request within ${longest} ms. Ask again in a moment.`, { retryAfter: 1 }));
    });
    waiting.onCallOff((reason) => {
      end();
      fail(reason);
    });
  });
}

/** The target as it can be asked now, with another key where its own rests; `undefined` when it cannot. */
function ableTarget(target: Target, standings: RunningStandings, now: number): Target | undefined {
  const state = standings.of(target.deployment);
  const { evenResting = false } = target;
  if (state.against(target.key, now, evenResting) === undefined) return target;
  const key = state.nextKey(now);
  return state.against(key, now, evenResting) === undefined ? { ...target, key } : undefined;
}

function allRest(targets: readonly Target[], standings: RunningStandings, now: number): Failure {
  const states = targets.map(({ deployment }) => standings.of(deployment));
  const exhausted = states.flatMap((state): Exhausted[] => {
    const usedUp = state.usedUp(now);
    return usedUp === undefined ? [] : [{ deployment: state.deployment.id, ...usedUp }];
  });
  if (exhausted.length === states.length) return allUsedUp("This model", exhausted, now);
  const soonest = Math.min(...states.map((state) => state.due(now)));
  const seconds = Math.min(LONGEST_RETRY, Math.max(1, Math.ceil((soonest - now) / 1000)));
  return new Failure("no-healthy-deployment", `No deployment of this model can be called now. Ask again in ${seconds} s.`, { retryAfter: seconds });
}

interface Taken {
  readonly state: DeploymentState;
  readonly place: Place;
  readonly call: Call;
  readonly request: SeatsRequest;
}

/** A seat at a deployment. Its verdict may come after it was left: the upstream is done before the client is. */
class TakenSeat implements Seat {
  readonly target: Target;
  #taken: Taken;
  #heard = false;
  #answered: number | undefined;
  #left: number | undefined;
  #judged = false;

  constructor(target: Target, taken: Taken) {
    this.target = target;
    this.#taken = taken;
  }

  begins(): void {
    const { call, request } = this.#taken;
    this.#taken = { ...this.#taken, call: { ...call, began: request.clock.elapsed() } };
  }

  heard(headers: HeaderView): void {
    const { state, call, request } = this.#taken;
    if (this.#heard) state.calledAgain(request.clock.elapsed());
    this.#heard = true;
    state.heard(call, headers, request.clock.elapsed(), request.clock.now());
  }

  another(): (() => void) | undefined {
    const { state, request } = this.#taken;
    // Who tries a deployment that was left alone tries it alone.
    if (this.#left !== undefined || state.resting(request.clock.elapsed()) !== undefined) return undefined;
    const place = state.gate.enter();
    return place && (() => place.leave());
  }

  answered(): void {
    if (this.#answered !== undefined || this.#judged) return;
    const { state, call, request } = this.#taken;
    this.#answered = request.clock.elapsed();
    state.answered(call, this.#answered);
  }

  finished(usage: Usage | undefined, prompt?: Pick<Prompt, "estimated" | "tokens">): void {
    if (this.#judged) return;
    this.#judged = true;
    const { state, call, request } = this.#taken;
    const { clock, timer } = request;
    state.finished(call, { answered: this.#answered, now: this.#left ?? clock.elapsed(), usage });
    request.ended?.();
    if (prompt === undefined || usage === undefined) return;
    if (prompt.estimated !== undefined) state.counted(usage, prompt.estimated, clock.elapsed());
    // The client is not to wait for what only we want to know.
    else if (state.pace.answers % SELDOM === 1) timer(0, () => state.counted(usage, prompt.tokens(), clock.elapsed()));
  }

  failed(failure: Failure): void {
    if (this.#judged) return;
    this.#judged = true;
    const { state, call, request } = this.#taken;
    const whyOpen = state.failed(call, failure, { now: request.clock.elapsed(), heard: this.#heard });
    if (whyOpen !== undefined) request.standings.tell(state.deployment.id, state.breaker.until, whyOpen);
    request.ended?.();
  }

  leave(): void {
    if (this.#left !== undefined) return;
    const { state, call, place, request } = this.#taken;
    this.#left = request.clock.elapsed();
    state.left(call);
    place.leave();
  }
}
