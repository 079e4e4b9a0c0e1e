import type { Deployment } from "../../vocabulary/deployment.ts";
import type { HeaderView } from "../../vocabulary/dialect.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { ServiceKey } from "../../vocabulary/service.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import { Breaker, type BreakerSettings, type Pass } from "../health/breaker.ts";
import { verdictOf } from "../health/verdicts.ts";
import { Allowance } from "../quota/allowance.ts";
import type { Pace, Standing, UsedUp } from "../standing.ts";
import type { Gate } from "./gate.ts";
import { KeyRing } from "./key-ring.ts";
import type { KeyState } from "./key-state.ts";
import { PaceKeeper } from "./pace.ts";
import { Recent } from "./recent.ts";
import { type Cause, Rests } from "./rests.ts";

/** An upstream that asks to be left alone is believed for so long: then it is looked whether that is still true. Milliseconds. */
const LONGEST_WORD = 3_600_000;

/** One call at a deployment, as its standing knows it. Times are milliseconds on a clock that never goes back. */
export interface Call {
  readonly key: KeyState;
  readonly began: number;
  readonly pass: Pass;
  readonly keyPass: Pass;
}

/** The last failure that was the deployment's or a key's own. */
export interface LastFailure {
  readonly failure: Failure;
  readonly at: number;
}

/** What a deployment is doing, has done, and whether it may be asked. */
export class DeploymentState implements Standing {
  deployment: Deployment;
  readonly slot: number;
  readonly gate: Gate;
  readonly breaker: Breaker;
  readonly rests = new Rests();
  readonly recent = new Recent();
  readonly keys: KeyRing;
  lastFailure: LastFailure | undefined;
  readonly #allowance = new Allowance(() => this.deployment.limits);
  readonly #pace: PaceKeeper;
  readonly #replaced = new WeakSet<Deployment>();
  #whyOpen = "";
  /** Is there anything to look up before it is asked? Else all is well, and nothing is. */
  #careful = false;

  readonly #alarm: () => void;

  /** `alarm` is called whenever it is not plain any more. */
  constructor(request: { deployment: Deployment; slot: number; gate: Gate; settings: () => BreakerSettings; alarm: () => void; now: number }) {
    this.deployment = request.deployment;
    this.slot = request.slot;
    this.gate = request.gate;
    this.#alarm = request.alarm;
    this.keys = new KeyRing(request.settings);
    this.breaker = new Breaker(request.settings);
    this.#pace = new PaceKeeper(request.now);
    this.adopt(request.deployment);
  }

  get inFlight(): number {
    return this.gate.inside;
  }

  get queued(): number {
    return this.gate.queued;
  }

  get pace(): Pace {
    return this.#pace;
  }

  get hitRate(): number {
    return this.#pace.hitRate;
  }

  get tokenFactor(): number {
    return this.#pace.tokenFactor;
  }

  get isPlain(): boolean {
    return !this.#careful;
  }

  get isIdle(): boolean {
    return this.gate.inside === 0 && this.gate.queued === 0;
  }

  /** The deployment as it is described now. A request that began before a reload does not bring its description back. */
  adopt(deployment: Deployment): void {
    if (this.#replaced.has(deployment)) return;
    if (deployment !== this.deployment) this.#replaced.add(this.deployment);
    this.deployment = deployment;
    this.keys.adopt(deployment.service.keys);
    this.#beCareful();
    if (this.gate.queued > 0) this.gate.letIn();
  }

  resting(now: number): string | undefined {
    return this.#careful ? this.#whyResting(now) : undefined;
  }

  usedUp(now: number): UsedUp | undefined {
    if (!this.#careful) return undefined;
    const allowance = this.#allowance.resting(now);
    if (allowance !== undefined) return { what: allowance, until: Math.max(this.#allowance.due(now), this.keys.limitedUntil(now) ?? now) };
    const until = this.keys.limitedUntil(now);
    return until === undefined ? undefined : { what: this.keys.resting(now) ?? "", until };
  }

  nextKey(now: number): ServiceKey {
    return (this.#careful ? this.keys.able(now) : this.keys.inTurn()).key;
  }

  /**
   * Why this key may not be used for a call now. `evenResting`: though it may be ill. What the operator gives it in a minute, and when the
   * provider wants to hear of the key again, stand above that.
   */
  against(key: ServiceKey, now: number, evenResting: boolean): string | undefined {
    if (!this.#careful) return undefined;
    const resting = evenResting ? this.#allowance.resting(now) : this.#whyResting(now);
    if (resting !== undefined) return resting;
    const state = this.keys.stateOf(key);
    const why = evenResting ? state.limitedNow(now) : state.resting(now);
    return why === undefined ? undefined : `${nameOf(key)}: ${why}`;
  }

  /** When it may be asked again, as far as that is known. */
  due(now: number): number {
    const closed = this.breaker.circuit(now) === "open" ? this.breaker.until : now;
    return Math.max(closed, this.rests.until(now), this.#allowance.due(now), this.keys.due(now));
  }

  /** A call begins, even where it is to rest. */
  begin(key: ServiceKey, now: number): Call {
    const state = this.keys.stateOf(key);
    this.keys.used(state);
    this.#allowance.began(now);
    return { key: state, began: now, pass: this.breaker.enter(now), keyPass: state.breaker.enter(now) };
  }

  /** A call that has begun already is made of one more request. */
  calledAgain(now: number): void {
    this.#allowance.began(now);
  }

  /** The headers of its answer. `epoch` is the time since 1970. */
  heard({ key }: Call, headers: HeaderView, now: number, epoch: number): void {
    if (key.heard(headers, now, epoch)) this.#beCareful();
  }

  /** The first content of an answer that comes in pieces. */
  answered(call: Call, now: number): void {
    this.#pace.answered(call.began, now);
    this.breaker.answered(call.pass, now);
    call.key.breaker.answered(call.keyPass, now);
    this.#proved(call);
  }

  finished(call: Call, answer: { answered: number | undefined; now: number; usage: Usage | undefined }): void {
    const { now, usage } = answer;
    this.#pace.finished({ began: call.began, answered: answer.answered, finished: now, usage });
    this.#allowance.finished(usage, now);
    this.recent.add(false);
    this.breaker.succeeded(call.pass);
    call.key.breaker.succeeded(call.keyPass);
    this.#proved(call);
  }

  /** A prompt that was estimated at so many tokens turned out to have those of its usage. */
  counted(usage: Usage, estimated: number, now: number): void {
    this.#pace.counted(usage, estimated, now);
  }

  /** Gives why the whole deployment is left alone, when this failure is what made it so. */
  failed(call: Call, failure: Failure, { now, heard }: { now: number; heard: boolean }): string | undefined {
    const { key, pass, keyPass } = call;
    const verdict = verdictOf(failure, heard);
    const wanted = failure.facts.retryAfter === undefined ? undefined : failure.facts.retryAfter * 1000;
    const atLeast = Math.min(wanted ?? 0, LONGEST_WORD);
    if (verdict === "nothing") return undefined;
    if (verdict === "alive") {
      this.breaker.succeeded(pass);
      key.breaker.succeeded(keyPass);
      this.#proved(call);
      return undefined;
    }
    this.#beCareful();
    this.lastFailure = { failure, at: now };
    switch (verdict) {
      case "trouble":
      case "missing":
        this.recent.add(true);
        if (!this.breaker.failed(pass, { now, atLeast, atOnce: verdict === "missing" })) return undefined;
        this.#whyOpen = whyOpen(this.breaker.failures, failure);
        return this.#whyOpen;
      case "key":
        key.breaker.failed(keyPass, { now, atLeast, atOnce: true });
        return undefined;
      case "limited":
        key.limited(now, wanted);
        return undefined;
      default:
        return verdict satisfies never;
    }
  }

  /** Over, with a verdict or without. */
  left({ key, pass, keyPass }: Call): void {
    this.breaker.left(pass);
    key.breaker.left(keyPass);
  }

  /** Rests, whatever its calls say. */
  rest(cause: Cause, rest: { reason: string; now: number; until: number; least?: number }): void {
    this.rests.add(cause, rest);
    this.#beCareful();
    if (cause !== "outlier") return;
    this.recent.forget();
    this.#pace.fade();
  }

  /** Nothing is held against it or its keys any more; what the operator gives it in a minute still bounds it. */
  reset(): void {
    this.breaker.reset();
    this.rests.clear();
    this.recent.forget();
    for (const key of this.keys.states) key.reset();
  }

  /** How many answers lately its time to the first token is known from. */
  evidence(now: number): number {
    return this.#pace.evidence(now);
  }

  /** A call has been answered: what others say of that time counts for nothing. */
  #proved({ key, began }: Call): void {
    key.accepted();
    this.rests.disprove(began);
  }

  #beCareful(): void {
    if (this.#careful) return;
    this.#careful = true;
    this.#alarm();
  }

  #whyResting(now: number): string | undefined {
    const why = this.rests.why(now) ?? this.#circuitOpen(now) ?? this.#allowance.resting(now) ?? this.keys.resting(now);
    if (why === undefined) this.#careful = !this.#isPlain(now);
    return why;
  }

  #isPlain(now: number): boolean {
    return this.#allowance.isUnlimited && this.breaker.circuit(now) === "closed" && this.keys.isPlain(now);
  }

  #circuitOpen(now: number): string | undefined {
    if (this.breaker.allows(now)) return undefined;
    return this.breaker.circuit(now) === "open" ? this.#whyOpen : "one request is trying it";
  }
}

function nameOf(key: ServiceKey): string {
  return key.name === "" ? "its key" : `its ${key.name}`;
}

function whyOpen(failures: number, { kind }: Failure): string {
  return failures > 1 ? `left alone after ${failures} failures, the last ${kind}` : `left alone after ${kind}`;
}
