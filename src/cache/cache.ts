import type { Behalf, Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { Call, HeaderView } from "../vocabulary/dialect.ts";
import type { Model } from "../vocabulary/model.ts";
import type { CacheOutcome } from "../vocabulary/record.ts";
import type { Operation } from "../vocabulary/service.ts";
import { directivesOf } from "./directives.ts";
import { Flights } from "./flights.ts";
import { answerIn, bytesOf, type KeptAnswer } from "./keep/answer.ts";
import { boundsItsAnswer, isRepeatable } from "./keep/repeatable.ts";
import { keyOf, modelPrefix, type Question } from "./key/key.ts";
import type { Place } from "./places/place.ts";
import type { Probe, SemanticCache, ShadowCounts } from "./semantic/semantic.ts";

/** What the config says, read anew for each request. Durations are milliseconds. */
export interface CachePolicy {
  readonly enabled: boolean;
  readonly ttl: number;
  /** The largest answer that is kept. Bytes. */
  readonly largest: number;
  readonly shareInFlight: boolean;
}

/** A request that may be answered from the cache, or whose answer may be kept there. */
export interface Asked {
  readonly caller: Caller;
  readonly behalf?: Behalf;
  readonly model: Model;
  readonly operation: Operation;
  readonly call: Call<unknown>;
  readonly headers: HeaderView;
}

/** How one request uses the cache. */
export interface Plan {
  readonly question: Question;
  readonly key: string;
  /** Is there an answer to look for? */
  readonly reads: boolean;
  /** Is the answer to be kept? */
  readonly keeps: boolean;
  /** Rather no answer than a fresh one. */
  readonly only: boolean;
  /** Does it wait for an identical request that is being answered? */
  readonly shares: boolean;
  readonly maxAge?: number;
  readonly ttl: number;
  /** The largest answer that is kept. Bytes. */
  readonly largest: number;
  /** May an answer that was cut for its length be kept? */
  readonly mayBeCut: boolean;
  /** Nearly the same question may have been asked before. */
  readonly probe?: Probe;
}

/** An answer to nearly the same question, if there is one, and what the question means. */
export interface Near {
  readonly answer?: KeptAnswer;
  readonly meaning?: Float32Array;
}

/** The cache as operators see it. Counts are of this process since its start. */
export interface CacheState {
  readonly counts: Readonly<Record<CacheOutcome, number>>;
  /** Absent where the place is shared: it is its own to count. */
  readonly entries?: number;
  readonly bytes?: number;
  /** Calls to the place that failed. */
  readonly troubles: number;
  /** Questions remembered by their meaning, and how often their answers would have been right in shadow mode. */
  readonly questions: number;
  readonly shadow: ShadowCounts;
}

export interface AnswerCache {
  /** Is it on for this model? */
  isOn(model: Model): boolean;
  /** How this request uses the cache; `undefined` where it does not at all. Throws `invalid-request` for an override that makes no sense. */
  plan(asked: Asked): Plan | undefined;
  /** The answer given before, if it may be given again. Never rejects: a place that is away holds nothing. */
  find(plan: Plan): Promise<KeptAnswer | undefined>;
  /** Whether `find` would give one: nothing is counted, and no answer stays longer for it. Never rejects. */
  holds(plan: Plan): Promise<boolean>;
  /** The answer to nearly the same question, where that may be given. Never rejects. */
  near(plan: Plan): Promise<Near>;
  /** Keeps an answer, a moment later. Never throws. */
  keep(plan: Plan, answer: KeptAnswer, meaning?: Float32Array): void;
  /** Requests that wait for one another. */
  readonly flights: Flights<KeptAnswer>;
  /** A request was served so. */
  count(outcome: CacheOutcome): void;
  /** Removes all answers, or one model's, of all tenants, and gives how many there were. Rejects when the place is away. */
  clear(model?: string): Promise<number>;
  state(): CacheState;
}

export interface AnswerCacheParts {
  readonly place: Place;
  readonly policy: () => CachePolicy;
  /** Absent: only the very same request gets an answer again. */
  readonly semantic?: SemanticCache;
  readonly clock: Clock;
  /** Puts work off until what is being sent is sent. */
  readonly later: (work: () => void) => void;
}

const NOTHING_LEARNT = { questions: 0, shadow: { true: 0, false: 0 } };

/** Answers kept by what was asked. */
export function answerCache({ place, policy, semantic, clock, later }: AnswerCacheParts): AnswerCache {
  const counts: Record<CacheOutcome, number> = { hit: 0, shared: 0, semantic: 0, miss: 0, bypass: 0 };
  let troubles = 0;
  const young = (bytes: Uint8Array | undefined, maxAge: number | undefined): KeptAnswer | undefined => {
    const kept = bytes === undefined ? undefined : answerIn(bytes);
    return kept !== undefined && maxAge !== undefined && clock.now() - kept.madeAt > maxAge ? undefined : kept;
  };
  const found = async (key: string, maxAge: number | undefined): Promise<KeptAnswer | undefined> => {
    try {
      return young(await place.get(key), maxAge);
    } catch {
      troubles++;
      return undefined;
    }
  };
  /** What the question means is learnt once its answer is kept; in shadow mode, after looking at what would have been given. */
  const learn = async ({ probe, key, ttl, maxAge }: Plan, answer: KeptAnswer, given?: Float32Array): Promise<void> => {
    if (probe === undefined || semantic === undefined) return;
    const meaning = given ?? (probe.mode === "shadow" ? await semantic.meaning(probe) : undefined);
    if (meaning === undefined) return;
    const near = probe.mode === "shadow" ? semantic.near(probe, meaning) : undefined;
    const wouldBe = near === undefined || near === key ? undefined : await found(near, maxAge);
    semantic.learn(probe, meaning, key, ttl);
    if (wouldBe !== undefined) await semantic.compare(probe, wouldBe, answer);
  };
  return {
    flights: new Flights(),
    isOn: (model) => model.cache ?? policy().enabled,
    plan({ model, call, headers, ...who }) {
      const { ttl, largest, shareInFlight } = policy();
      const directives = directivesOf(headers, call.json["cache"]);
      const repeatable = isRepeatable(call);
      const reads = repeatable && directives.reads;
      const keeps = repeatable && directives.keeps;
      const question: Question = { ...who, model: model.name, call, headers, namespace: directives.namespace };
      return {
        question,
        // Reckoning it takes as long as the body is large.
        key: reads || keeps ? keyOf(question) : "",
        reads,
        keeps,
        only: directives.only,
        shares: reads && keeps && shareInFlight && !directives.only,
        maxAge: directives.maxAge,
        ttl: directives.ttl ?? ttl,
        largest,
        mayBeCut: boundsItsAnswer(call),
        probe: reads && keeps ? semantic?.probe(question) : undefined,
      };
    },
    find: ({ key, maxAge }) => found(key, maxAge),
    holds: ({ key, maxAge }) =>
      place.peek(key).then(
        (bytes) => young(bytes, maxAge) !== undefined,
        () => false,
      ),
    async near({ probe, maxAge }) {
      if (semantic === undefined || probe?.mode !== "on") return {};
      const meaning = await semantic.meaning(probe);
      const key = meaning === undefined ? undefined : semantic.near(probe, meaning);
      return { meaning, answer: key === undefined ? undefined : await found(key, maxAge) };
    },
    keep(plan, answer, meaning) {
      const { key, ttl, largest } = plan;
      later(() => {
        const bytes = bytesOf(answer);
        if (bytes.length > largest || ttl <= 0) return;
        place.set(key, bytes, ttl).then(
          () => learn(plan, answer, meaning),
          () => void troubles++,
        );
      });
    },
    count: (outcome) => void counts[outcome]++,
    clear(model) {
      const beginning = model === undefined ? "" : modelPrefix(model);
      semantic?.forget(beginning);
      return place.deleteAll(beginning);
    },
    state: () => ({ counts: { ...counts }, ...place.size(), troubles, ...(semantic?.state() ?? NOTHING_LEARNT) }),
  };
}
