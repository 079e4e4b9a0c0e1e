import type { Seat } from "../../routing/routing.ts";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Beating } from "../visit/pulse.ts";
import type { Visit } from "../visit/visit.ts";
import { discreet } from "./discreet.ts";

/** What is tried. */
interface Try {
  readonly seat: Seat;
  readonly stream: boolean;
  /** Is there another model for a prompt that this one's provider refuses? */
  readonly refusalsGoElsewhere: () => boolean;
  /** May its call be made once more? Each time counts. */
  readonly again: () => boolean;
}

/**
 * One try at one target, under its deadlines. A stream must show its first content, and then go on, within `firstToken` and `idle` of
 * the upstream's last sign of life; any call must be done within `total`. Past them it is called off, with the reason. While it is
 * the client's turn, which is slow to take what came before, the upstream is not the one who is silent. Its seat is left when the
 * upstream has nothing to do with it any more.
 */
export class Attempt implements Beating {
  readonly seat: Seat;
  readonly target: Target;
  readonly refusalsGoElsewhere: () => boolean;
  readonly again: () => boolean;
  /** So often it was. */
  repeats = 0;
  readonly startedMs: number;
  readonly connectWithin: number;
  readonly cancellation = new Cancellation();
  readonly #visit: Visit;
  readonly #box: Pick<Signalbox, "pulse">;
  readonly #stream: boolean;
  readonly #began = performance.now();
  readonly #firstToken: number;
  readonly #idle: number;
  readonly #total: number;
  #alive = this.#began;
  #content = false;
  #calls = 0;
  #over = false;
  #others: Set<() => void> | undefined;
  #failure: Failure | undefined;

  constructor({ seat, stream, refusalsGoElsewhere, again }: Try, visit: Visit, box: Signalbox) {
    const { target } = seat;
    const policy = box.policy();
    this.seat = seat;
    this.target = target;
    this.refusalsGoElsewhere = refusalsGoElsewhere;
    this.again = () => {
      const may = again();
      if (may) this.repeats++;
      return may;
    };
    this.startedMs = visit.elapsed();
    this.connectWithin = policy.connect;
    const { deadlines } = target.deployment.profile;
    this.#firstToken = deadlines.firstToken ?? policy.firstToken;
    this.#idle = deadlines.idle ?? policy.idle;
    this.#total = deadlines.total ?? policy.total;
    this.#visit = visit;
    this.#stream = stream;
    this.#box = box;
    box.pulse.join(this);
    visit.onCallOff((reason) => this.abort(reason));
  }

  /** Has a deadline passed? */
  beat(now: number): void {
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

  /** Its first content came: from now on `idle` counts. */
  content(): void {
    this.#content = true;
    this.seat.answered();
  }

  /** A call has gone out, all of it. */
  sent(): void {
    this.#visit.asked = [...this.#visit.asked, this.target];
  }

  /** A call to the upstream begins. What it gives is to be called when the upstream is done with it. */
  call(): () => void {
    this.#calls++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#calls--;
      this.#leaveIfOver();
    };
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
    this.abort(this.#failure);
  }

  /**
   * Room for one more call beside those on their way, if the target has any. What it gives is to be called when that call was answered;
   * what is not given back so is left with the seat.
   */
  another(): (() => void) | undefined {
    const leave = this.#over ? undefined : this.seat.another();
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
    this.#over = true;
    this.#leaveIfOver();
  }

  #leaveIfOver(): void {
    if (!this.#over || this.#calls > 0) return;
    for (const leave of this.#others ?? []) leave();
    this.seat.leave();
  }

  #late(what: string): void {
    this.fail(new Failure("upstream-timeout", `${this.target.deployment.id} ${what}.`));
  }
}
