import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Target } from "../vocabulary/service.ts";
import type { AttemptPolicy } from "./signalbox.ts";
import type { Pulse } from "./pulse.ts";
import type { Visit } from "./visit.ts";

/**
 * One try at one target, under its deadlines. A stream must show its first content, and then go on, within `firstToken` and `idle` of
 * the upstream's last sign of life; any call must be done within `total`. Past them it is called off, with the reason.
 */
export class Attempt {
  readonly target: Target;
  readonly startedMs: number;
  readonly connectWithin: number;
  readonly cancellation = new Cancellation();
  readonly #leave: () => void;
  #alive: number;
  #content = false;

  constructor(target: Target, stream: boolean, visit: Visit, policy: AttemptPolicy, pulse: Pulse) {
    this.target = target;
    this.startedMs = visit.elapsed();
    this.connectWithin = policy.connect;
    const { deadlines } = target.deployment.profile;
    const firstToken = deadlines.firstToken ?? policy.firstToken;
    const idle = deadlines.idle ?? policy.idle;
    const total = deadlines.total ?? policy.total;
    const began = performance.now();
    this.#alive = began;
    this.#leave = pulse.join((now) => {
      if (now - began > total) this.abort(late(target, `did not finish within ${total} ms`));
      else if (!stream) return;
      else if (!this.#content && now - this.#alive > firstToken) this.abort(late(target, `sent no content within ${firstToken} ms`));
      else if (this.#content && now - this.#alive > idle) this.abort(late(target, `fell silent for ${idle} ms`));
    });
    visit.onDeparture(() => this.abort(new Failure("client-left", "The client closed the connection.")));
  }

  /** The upstream gave a sign of life. */
  alive(): void {
    this.#alive = performance.now();
  }

  /** Its first content came: from now on `idle` counts. */
  content(): void {
    this.#content = true;
  }

  abort(reason: Failure): void {
    this.#leave();
    this.cancellation.cancel(reason);
  }

  /** The answer is whole: no deadline counts any more. */
  done(): void {
    this.#leave();
  }
}

function late(target: Target, what: string): Failure {
  return new Failure("upstream-timeout", `${target.deployment.id} ${what}.`);
}
