import type { Turn } from "../../limits/rates/turn.ts";
import type { Ranking } from "../../routing/routing.ts";
import type { Behalf, Caller } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import type { HeaderView } from "../../vocabulary/dialect.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { AccountId } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { AttemptTrace, CacheOutcome, Candidate, Outcome, RequestRecord } from "../../vocabulary/record.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import type { Bill } from "../billing/bill.ts";

/** How a visit ended: the status line the client got, and what failed, if anything did. */
export interface Ending {
  readonly status: number;
  readonly outcome: Outcome;
  readonly failure?: Failure;
}

/** The ending of a visit that failed, with the status line its client got. */
export function failed(failure: Failure, status: number): Ending {
  return { status, outcome: failure.kind === "client-left" ? "client-left" : "failed", failure };
}

/** The batch that a request is a line of: it is charged by another price, and waits behind others. */
export interface InBatch {
  readonly id: string;
  /** Where deployments are full, who waits with a higher one is served first; 0 is everybody's. */
  readonly priority: number;
}

/** Something to be put back or put right when the visit ends, however it ends. */
export type Debt = (ending: Ending) => void;

const nowhere = () => "";
const NOBODY: readonly Target[] = [];

/** One request from its first byte to its last: what is known of it, and what is owed when it ends. */
export class Visit {
  readonly id: string;
  readonly startedAt: number;
  /** Who might have answered. */
  ranking: Ranking | undefined;
  readonly #passedOver: Candidate[] = [];
  readonly attempts: AttemptTrace[] = [];
  readonly warnings: string[] = [];
  operation: RequestRecord["operation"] = "other";
  dialect = "";
  model = "";
  stream = false;
  caller: Caller | undefined;
  behalf: Behalf | undefined;
  /** Absent for all that is no line of a batch. */
  batch: InBatch | undefined;
  /** Where its client is, as limits know it; empty where that is nowhere. */
  network: () => string = nowhere;
  /** What limits gave it; absent where nothing is limited. */
  turn: Turn | undefined;
  /** The request's. */
  headers: HeaderView | undefined;
  served: Target | undefined;
  /** Since when who serves it has had an engine for it. Milliseconds since it began. */
  engineSince: number | undefined;
  /** How long it took of GPUs, once its answer is whole: what is told of it then is what is paid. */
  gpuMilliseconds: number | undefined;
  /** Those whose request has gone out, all of it, and who have not failed. */
  asked: readonly Target[] = NOBODY;
  /** What the cache did; absent where it is off. */
  cache: CacheOutcome | undefined;
  /** Seconds since what the cache answers was made. */
  age: number | undefined;
  usage: Usage | undefined;
  /** What an answer on its way has used until now. */
  soFar: (() => Usage | undefined) | undefined;
  /** Told how many tokens of a streamed answer were delivered, by our own count; absent where nobody minds. */
  delivered: ((tokens: number) => void) | undefined;
  /** What its usage comes to; absent for what nobody pays for. */
  bill: ((usage: Usage) => Bill | undefined) | undefined;
  cost: Nano | undefined;
  charge: Nano | undefined;
  /** By which price it was charged. */
  priceVersion: string | undefined;
  /** What it counts against; absent where nobody keeps count. */
  accounts: readonly AccountId[] | undefined;
  /** Settles once what it was charged is durable: before that its last bytes do not leave. Absent where nothing was. */
  paid: Promise<void> | undefined;
  firstTokenMs: number | undefined;
  /** What it waits for before anybody can be asked, in words; absent: nothing. */
  outlook: (() => string) | undefined;
  /** Is it the client who is being waited for: for the rest of its request, or to take what was written for it? */
  clientsTurn = false;

  readonly #clock: Clock;
  readonly #began: number;
  readonly #debts: Debt[] = [];
  readonly #listeners: ((reason: Failure) => void)[] = [];
  #calledOff: Failure | undefined;
  #settled = false;

  constructor(id: string, clock: Clock) {
    this.id = id;
    this.#clock = clock;
    this.#began = clock.elapsed();
    this.startedAt = clock.now();
  }

  /** Of those that wait the higher are served first; a line of a batch has its batch's. */
  get priority(): number {
    return this.batch?.priority ?? this.ranking?.priority ?? 0;
  }

  /** Milliseconds since the request began, to the microsecond: what is finer is noise, and is written down with every request. */
  elapsed(): number {
    return Math.round((this.#clock.elapsed() - this.#began) * 1000) / 1000;
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now();
  }

  /** Why it was ended before its answer was complete: its client hung up, or we close. */
  get calledOff(): Failure | undefined {
    return this.#calledOff;
  }

  /** Did the client hang up before its answer was complete? */
  get left(): boolean {
    return this.#calledOff?.kind === "client-left";
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** A candidate was not asked when its turn came, for this reason. */
  passedOver({ deployment }: Target, why: string): void {
    this.#passedOver.push({ deployment: deployment.id, why: `passed over: ${why}`, out: true });
  }

  /** Remembers what to settle at the end; debts are settled once, the last one first. */
  owes(debt: Debt): void {
    this.#debts.push(debt);
  }

  /** Calls back, with the reason, when the visit is called off; at once when it already is. */
  onCallOff(then: (reason: Failure) => void): void {
    if (this.#calledOff !== undefined) then(this.#calledOff);
    else this.#listeners.push(then);
  }

  /** Ends it before its time. Only the first reason counts. */
  callOff(reason: Failure): void {
    if (this.#calledOff !== undefined || this.#settled) return;
    this.#calledOff = reason;
    for (const then of this.#listeners) then(reason);
  }

  /** The client hung up. */
  depart(): void {
    this.callOff(new Failure("client-left", "The client closed the connection."));
  }

  /** Settles everything owed. Only the first call counts, so every path may call it. */
  settle(ending: Ending): void {
    if (this.#settled) return;
    this.#settled = true;
    for (let index = this.#debts.length - 1; index >= 0; index--) this.#debts[index]?.(ending);
  }

  #candidates(): readonly Candidate[] {
    const ranked = this.ranking?.candidates ?? [];
    return this.#passedOver.length === 0 ? ranked : [...ranked, ...this.#passedOver];
  }

  /** The request as it is remembered. */
  record(ending: Ending): RequestRecord {
    return {
      id: this.id,
      startedAt: this.startedAt,
      operation: this.operation,
      dialect: this.dialect,
      model: this.model,
      deployment: this.served?.deployment.id,
      keyId: this.caller?.keyId,
      userId: this.caller?.userId,
      teamId: this.caller?.teamId,
      source: this.caller?.source,
      endUser: this.behalf?.endUser,
      session: this.behalf?.session,
      batch: this.batch?.id,
      stream: this.stream,
      status: ending.status,
      outcome: ending.outcome,
      failure: ending.failure?.kind,
      message: ending.failure?.message,
      cache: this.cache,
      usage: this.usage,
      cost: this.cost,
      charge: this.charge,
      priceVersion: this.priceVersion,
      accounts: this.accounts,
      firstTokenMs: this.firstTokenMs,
      totalMs: this.elapsed(),
      trace: { candidates: this.#candidates(), attempts: this.attempts, warnings: this.warnings },
    };
  }
}
