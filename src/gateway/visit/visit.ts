import type { Caller } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { AttemptTrace, Candidate, Outcome, RequestRecord } from "../../vocabulary/record.ts";
import type { Target } from "../../vocabulary/service.ts";
import type { Usage } from "../../vocabulary/usage.ts";

/** How a visit ended: the status line the client got, and what failed, if anything did. */
export interface Ending {
  readonly status: number;
  readonly outcome: Outcome;
  readonly failure?: Failure;
}

/** Something to be put back or put right when the visit ends, however it ends. */
export type Debt = (ending: Ending) => void;

/** One request from its first byte to its last: what is known of it, and what is owed when it ends. */
export class Visit {
  readonly id: string;
  readonly startedAt: number;
  readonly candidates: Candidate[] = [];
  readonly attempts: AttemptTrace[] = [];
  readonly warnings: string[] = [];
  operation: RequestRecord["operation"] = "other";
  dialect = "";
  model = "";
  stream = false;
  caller: Caller | undefined;
  served: Target | undefined;
  usage: Usage | undefined;
  firstTokenMs: number | undefined;
  /** Is it the client who is being waited for: for the rest of its request, or to take what was written for it? */
  clientsTurn = false;

  readonly #clock: Clock;
  readonly #began: number;
  readonly #debts: Debt[] = [];
  readonly #departures: (() => void)[] = [];
  #left = false;
  #settled = false;

  constructor(id: string, clock: Clock) {
    this.id = id;
    this.#clock = clock;
    this.#began = clock.elapsed();
    this.startedAt = clock.now();
  }

  /** Milliseconds since the request began. */
  elapsed(): number {
    return this.#clock.elapsed() - this.#began;
  }

  /** Did the client hang up before its answer was complete? */
  get left(): boolean {
    return this.#left;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Remembers what to settle at the end; debts are settled once, the last one first. */
  owes(debt: Debt): void {
    this.#debts.push(debt);
  }

  /** Calls back when the client hangs up, at once when it already has. */
  onDeparture(then: () => void): void {
    if (this.#left) then();
    else this.#departures.push(then);
  }

  /** The client hung up. */
  depart(): void {
    if (this.#left || this.#settled) return;
    this.#left = true;
    for (const then of this.#departures) then();
  }

  /** Settles everything owed. Only the first call counts, so every path may call it. */
  settle(ending: Ending): void {
    if (this.#settled) return;
    this.#settled = true;
    for (let index = this.#debts.length - 1; index >= 0; index--) this.#debts[index]?.(ending);
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
      source: this.caller?.source,
      stream: this.stream,
      status: ending.status,
      outcome: ending.outcome,
      failure: ending.failure?.kind,
      message: ending.failure?.message,
      usage: this.usage,
      firstTokenMs: this.firstTokenMs,
      totalMs: this.elapsed(),
      trace: { candidates: this.candidates, attempts: this.attempts, warnings: this.warnings },
    };
  }
}
