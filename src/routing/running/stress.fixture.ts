import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure, type FailureKind } from "../../vocabulary/failure.ts";
import { seeded } from "../../vocabulary/seeded.fixture.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { createRouting, type RunningRouting } from "../create.ts";
import { CHAT } from "../ranking.fixture.ts";
import type { Seat } from "../routing.ts";
import { testPrompt } from "../standing.fixture.ts";
import type { GateFor, WaitAt } from "./gate.ts";
import { failureOf } from "./running.fixture.ts";
import { type Config, LASTS, modelOf, type Request, type Story } from "./stories.fixture.ts";

/** What is known of a house while a story is played in it. */
export interface House extends Pick<RunningRouting, "standings"> {
  readonly now: () => number;
  /** Places at a deployment, as those who have them count. */
  taken(id: string): number;
  /** As the config in force says; of one that is gone as it last said. */
  limitOf(id: string): number;
  /** Those asked though they were ill, so far. */
  readonly lastResorts: ReadonlySet<string>;
}

/** What came of a story. */
export interface Outcome {
  readonly seated: number;
  readonly seatedAfterWait: number;
  readonly told: ReadonlySet<FailureKind>;
  /** Requests that were neither seated nor told why not, nor left. */
  readonly forgotten: number;
  /** The longest wait. */
  readonly longest: number;
  /** Times a place was given where there was none. */
  readonly tooMany: number;
}

export const BREAKER = { enabled: true, failures: 2, window: 30_000, open: 5000 };
export const PATIENCE = 20_000;
/** A wait that ends between two steps is seen at the next. Milliseconds. */
export const STEP = 100;
const NO_HEADERS = new Headers();

/** Plays a story with these gates, by a clock turned by hand; `look` is called at every step. */
export async function play(story: Story, gates: { readonly gateFor: GateFor; readonly waitAt: WaitAt }, look: (house: House) => void): Promise<Outcome> {
  const { clock, timer, turnTo } = handTurned();
  const now = clock.elapsed;
  const taken = new Map<string, number>();
  const lastResorts = new Set<string>();
  const told = new Set<FailureKind>();
  const counts = { seated: 0, seatedAfterWait: 0, forgotten: 0, longest: 0, tooMany: 0 };
  const [first, ...later] = story.configs as [Config, ...Config[]];
  let model = modelOf(first);

  const isOver = (gate: { readonly inside: number }, limits: () => { readonly maxConcurrent?: number }) =>
    gate.inside > (limits().maxConcurrent ?? Number.POSITIVE_INFINITY);
  const limitsOf = new WeakMap<object, () => { readonly maxConcurrent?: number }>();
  const routing = createRouting({
    instead: () => [],
    models: () => [model],
    settings: () => ({ breaker: BREAKER, outliers: { enabled: true, slower: 4, rest: 3000 }, patience: PATIENCE }),
    gateFor(limits, changed) {
      const gate = gates.gateFor(limits, changed);
      limitsOf.set(gate, limits);
      return gate;
    },
    waitAt: (those, waiting) =>
      gates.waitAt(those, {
        ...waiting,
        offered(place, index) {
          const gate = those[index];
          const limits = gate && limitsOf.get(gate);
          if (gate && limits && isOver(gate, limits)) counts.tooMany++;
          return waiting.offered(place, index);
        },
      }),
    clock,
    timer,
    random: seeded(1),
  });
  const limitOf = (id: string) =>
    (model.deployments.find((each) => each.id === id) ?? routing.standings.known(id)?.deployment)?.limits.maxConcurrent ?? Number.POSITIVE_INFINITY;
  const house: House = { standings: routing.standings, now, taken: (id) => taken.get(id) ?? 0, limitOf, lastResorts };

  const sit = (seat: Seat, request: Request, client: Client) => {
    const { id } = seat.target.deployment;
    counts.seated++;
    if (seat.target.evenResting) lastResorts.add(id);
    const places = [() => seat.leave(), ...Array.from({ length: request.beside }, () => seat.another() ?? [])].flat();
    taken.set(id, house.taken(id) + places.length);
    let over = false;
    const end = (verdict: () => void) => {
      if (over) return;
      over = true;
      verdict();
      taken.set(id, house.taken(id) - places.length);
      for (const leave of places.toReversed()) leave();
    };
    if (request.contentAfter !== undefined)
      timer(request.contentAfter, () => {
        if (over) return;
        seat.heard(
          request.usedUpFor === undefined
            ? NO_HEADERS
            : new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": `${request.usedUpFor}s` }),
        );
        seat.answered();
      });
    timer(request.takes, () => end(() => speak(seat, request)));
    client.onCallOff((reason) => end(() => seat.failed(reason)));
  };

  const arrive = (request: Request) => {
    const client = new Client();
    if (request.leavesAfter !== undefined) timer(request.leavesAfter, () => client.leave());
    const headers = new Headers({ "x-signalbox-source": request.source });
    const ranked = attempted(() => routing.rank(model, { ...CHAT, headers, prompt: testPrompt({}) }));
    if (ranked instanceof Failure) return void told.add(ranked.kind);
    if (ranked.nobody !== undefined) return void told.add(ranked.nobody.kind);
    for (const target of ranked.targets) {
      const seat = routing.enter(target);
      if (typeof seat !== "string") {
        if (routing.standings.of(target.deployment).inFlight > limitOf(target.deployment.id)) counts.tooMany++;
        return sit(seat, request, client);
      }
    }
    const began = now();
    counts.forgotten++;
    const over = () => {
      counts.forgotten--;
      counts.longest = Math.max(counts.longest, now() - began);
    };
    routing.wait(ranked.targets, { priority: ranked.priority, onCallOff: (then) => client.onCallOff(then) }).then(
      (seat) => {
        over();
        counts.seatedAfterWait++;
        sit(seat, request, client);
      },
      (failure: Failure) => {
        over();
        told.add(failure.kind);
      },
    );
  };

  for (const request of story.requests) timer(request.at, () => arrive(request));
  for (const config of later)
    timer(config.at, () => {
      model = modelOf(config);
      routing.standings.takeOver((id) => model.deployments.find((each) => each.id === id));
    });
  for (let time = 0; time <= LASTS + PATIENCE + 20_000; time += STEP) {
    turnTo(time);
    // Waits end in promises.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    look(house);
  }
  return { ...counts, told };
}

/** Who asked, until it hangs up. */
class Client {
  readonly #listeners: ((reason: Failure) => void)[] = [];
  #left: Failure | undefined;

  onCallOff(then: (reason: Failure) => void): void {
    if (this.#left === undefined) this.#listeners.push(then);
    else then(this.#left);
  }

  leave(): void {
    this.#left = failureOf("client-left");
    for (const then of this.#listeners) then(this.#left);
  }
}

function speak(seat: Seat, { ends, retryAfter }: Request): void {
  if (ends === "ok") seat.finished(usageOf({ input: 30, output: 10 }), testPrompt({}));
  else if (ends !== "without a verdict") seat.failed(failureOf(ends, retryAfter === undefined ? {} : { retryAfter }));
}

function attempted<Value>(work: () => Value): Value | Failure {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}
