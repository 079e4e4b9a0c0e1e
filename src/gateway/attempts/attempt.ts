import { Cancellation } from "../../vocabulary/cancellation.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { AttemptPolicy } from "../signalbox.ts";
import type { Beating, Pulse } from "../visit/pulse.ts";
import type { Visit } from "../visit/visit.ts";

/**
 * One try at one target, under its deadlines. A stream must show its first content, and then go on, within `firstToken` and `idle` of
 * the upstream's last sign of life; any call must be done within `total`. Past them it is called off, with the reason. While it is
 * the client's turn, which is slow to take what came before, the upstream is not the one who is silent.
 */
export class Attempt implements Beating {
  readonly target: Target;
  readonly startedMs: number;
  readonly connectWithin: number;
  readonly cancellation = new Cancellation();
  readonly #visit: Visit;
  readonly #pulse: Pulse;
  readonly #stream: boolean;
  readonly #began = performance.now();
  readonly #firstToken: number;
  readonly #idle: number;
  readonly #total: number;
  #alive = this.#began;
  #content = false;

  constructor(target: Target, stream: boolean, visit: Visit, policy: AttemptPolicy, pulse: Pulse) {
    this.target = target;
    this.startedMs = visit.elapsed();
    this.connectWithin = policy.connect;
    const { deadlines } = target.deployment.profile;
    this.#firstToken = deadlines.firstToken ?? policy.firstToken;
    this.#idle = deadlines.idle ?? policy.idle;
    this.#total = deadlines.total ?? policy.total;
    this.#visit = visit;
    this.#stream = stream;
    this.#pulse = pulse;
    pulse.join(this);
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
  }

  abort(reason: Failure): void {
    this.#pulse.leave(this);
    this.cancellation.cancel(reason);
  }

  /** The answer is whole: no deadline counts any more. */
  done(): void {
    this.#pulse.leave(this);
  }

  #late(what: string): void {
    this.abort(new Failure("upstream-timeout", `${this.target.deployment.id} ${what}.`));
  }
}
