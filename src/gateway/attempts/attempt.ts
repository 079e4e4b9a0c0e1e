import type { Stay } from "../../fleet/callers.ts";
import type { Seat } from "../../routing/routing.ts";
import type { CallListener } from "../../upstream/client.ts";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Beating } from "../visit/pulse.ts";
import type { Visit } from "../visit/visit.ts";
import { discreet } from "./discreet.ts";
import type { Itinerary } from "./itinerary.ts";

/** What is tried. */
interface Try {
  readonly seat: Seat;
  readonly stream: boolean;
  /** Where its request goes. */
  readonly way: Pick<Itinerary, "again" | "refusalsGoElsewhere">;
}

/**
 * One try at one target, under its deadlines. A stream must show its first content, and then go on, within `firstToken` and `idle` of
 * the upstream's last sign of life; any call must be done within `total`. Past them it is called off, with the reason. While it is
 * the client's turn, which is slow to take what came before, the upstream is not the one who is silent. Its seat is left when the
 * upstream has nothing to do with it any more.
 */
export class Attempt implements Beating, CallListener {
  readonly seat: Seat;
  readonly target: Target;
  /** So often its call was made once more. */
  repeats = 0;
  readonly startedMs: number;
  /** Where it is asked. Of an engine of ours it is known once that is up. */
  baseUrl: string;
  readonly connectWithin: number;
  readonly cancellation = new Cancellation();
  readonly #visit: Visit;
  readonly #way: Try["way"];
  readonly #box: Pick<Signalbox, "pulse">;
  readonly #stream: boolean;
  #began = performance.now();
  readonly #firstToken: number;
  readonly #idle: number;
  readonly #total: number;
  #alive = this.#began;
  #content = false;
  #calls = 0;
  #ended = false;
  #stay: Stay | undefined;
  /** Since when it has been at an engine, in milliseconds since the request began; absent: it is at none. */
  engineSince: number | undefined;
  /** Does it wait for its engine? That has deadlines of its own. */
  #waits = false;
  #others: Set<() => void> | undefined;
  #failure: Failure | undefined;

  constructor({ seat, stream, way }: Try, visit: Visit, box: Signalbox) {
    const { target } = seat;
    const policy = box.policy();
    this.seat = seat;
    this.target = target;
    this.startedMs = visit.elapsed();
    this.baseUrl = target.deployment.service.baseUrl;
    this.connectWithin = policy.connect;
    const { deadlines } = target.deployment.profile;
    this.#firstToken = deadlines.firstToken ?? policy.firstToken;
    this.#idle = deadlines.idle ?? policy.idle;
    this.#total = deadlines.total ?? policy.total;
    this.#visit = visit;
    this.#way = way;
    this.#stream = stream;
    this.#box = box;
    box.pulse.join(this);
    visit.onCallOff((reason) => this.abort(reason));
  }

  /** Has a deadline passed? */
  beat(now: number): void {
    if (this.#waits) return;
    const silent = now - this.#alive;
    const over = now - this.#began > this.#total;
    if (over && this.#visit.clientsTurn) this.abort(new Failure("client-left", `The client had not taken its answer after ${this.#total} ms.`));
    else if (over) this.#late(`did not finish within ${this.#total} ms`);
    else if (!this.#stream || this.#visit.clientsTurn) return;
    else if (!this.#content && silent > this.#firstToken) this.#late(`sent no content within ${this.#firstToken} ms`);
    else if (this.#content && silent > this.#idle) this.#late(`fell silent for ${this.#idle} ms`);
  }

  /** The upstream gave a sign of life, or is listened to again: silence is counted from now on. */
  alive(): void {
    this.#alive = performance.now();
  }

  /** When that was. Milliseconds on the clock that never goes back. */
  get lastSign(): number {
    return this.#alive;
  }

  /** It waits for its engine. */
  waits(): void {
    this.#waits = true;
  }

  /** Its engine is up, and stays so while this has to do with it: all its time is counted from now on. */
  staysAt(stay: Stay): void {
    this.#waits = false;
    this.#stay = stay;
    this.engineSince = this.#visit.elapsed();
    this.baseUrl = stay.baseUrl;
    this.#began = this.#alive = performance.now();
    this.seat.begins();
    this.#leaveIfOver();
  }

  /** Its first content came: from now on `idle` counts. */
  content(): void {
    this.#content = true;
    this.seat.answered();
  }

  /** Is there another model for a prompt that this one's provider refuses? */
  get refusalsGoElsewhere(): boolean {
    return this.#way.refusalsGoElsewhere;
  }

  /** A call to the upstream begins, which tells the attempt how it goes. */
  calls(): CallListener {
    this.#calls++;
    return this;
  }

  again(): boolean {
    const may = this.#way.again();
    if (may) this.repeats++;
    return may;
  }

  sent(): void {
    this.#visit.asked = [...this.#visit.asked, this.target];
  }

  over(): void {
    this.#calls--;
    this.#leaveIfOver();
  }

  /** Why it failed; `undefined` while it has not. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Whatever the upstream still sends, nobody reads. The seat is told before it is left: who waits for it is not let in where something has just failed. */
  fail(failure: Failure): void {
    this.#failure ??= discreet(failure, this.target.deployment.service);
    if (failure.kind !== "client-left") this.#visit.asked = this.#visit.asked.filter((each) => each !== this.target);
    this.seat.failed(this.#failure);
    if (failure.kind === "upstream-unreachable") this.#stay?.unreachable();
    this.abort(this.#failure);
  }

  /**
   * Room for one more call beside those on their way, if the target has any. What it gives is to be called when that call was answered;
   * what is not given back so is left with the seat.
   */
  another(): (() => void) | undefined {
    const leave = this.#ended ? undefined : this.seat.another();
    if (leave === undefined) return undefined;
    const others = (this.#others ??= new Set());
    others.add(leave);
    return () => {
      others.delete(leave);
      leave();
    };
  }

  abort(reason: Failure): void {
    this.cancellation.cancel(reason);
    this.#end();
  }

  /** The answer is whole: no deadline counts any more. */
  done(): void {
    this.#end();
  }

  #end(): void {
    this.#box.pulse.leave(this);
    this.#ended = true;
    this.#leaveIfOver();
  }

  #leaveIfOver(): void {
    if (!this.#ended || this.#calls > 0) return;
    for (const leave of this.#others ?? []) leave();
    this.#stay?.leave();
    this.seat.leave();
  }

  #late(what: string): void {
    this.fail(new Failure("upstream-timeout", `${this.target.deployment.id} ${what}.`));
  }
}
