import type { DeploymentLimits } from "../../vocabulary/deployment.ts";
import { promptTokens, type Usage } from "../../vocabulary/usage.ts";
import { Minute } from "./minute.ts";

/** What the operator gives a deployment to use in a minute, and what is left of it. Limits are read each time. */
export class Allowance {
  readonly #limits: () => DeploymentLimits;
  readonly #requests = new Minute();
  readonly #tokens = new Minute();

  constructor(limits: () => DeploymentLimits) {
    this.#limits = limits;
  }

  get isUnlimited(): boolean {
    const { requestsPerMinute, tokensPerMinute } = this.#limits();
    return requestsPerMinute === undefined && tokensPerMinute === undefined;
  }

  /** A call begins. */
  began(now: number): void {
    if (this.#limits().requestsPerMinute !== undefined) this.#requests.add(1, now);
  }

  finished(usage: Usage | undefined, now: number): void {
    if (usage !== undefined && this.#limits().tokensPerMinute !== undefined) this.#tokens.add(promptTokens(usage) + usage.output, now);
  }

  /** Why nothing is left of it. */
  resting(now: number): string | undefined {
    const { requestsPerMinute, tokensPerMinute } = this.#limits();
    if (requestsPerMinute !== undefined && this.#requests.used(now) >= requestsPerMinute) return `its ${requestsPerMinute} requests a minute are used up`;
    if (tokensPerMinute !== undefined && this.#tokens.used(now) >= tokensPerMinute) return `its ${tokensPerMinute} tokens a minute are used up`;
    return undefined;
  }

  /** When there is something left of it. */
  due(now: number): number {
    const { requestsPerMinute = Number.POSITIVE_INFINITY, tokensPerMinute = Number.POSITIVE_INFINITY } = this.#limits();
    return Math.max(this.#requests.below(requestsPerMinute, now), this.#tokens.below(tokensPerMinute, now));
  }
}
