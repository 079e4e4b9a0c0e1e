import type { Failure } from "../../vocabulary/failure.ts";
import type { RateLeft, RatesLeft } from "../../vocabulary/rates.ts";
import type { Taken } from "./counter.ts";
import { bindingOf, mostOf, type Reading, remainingOf, tightestOf } from "./reading.ts";
import type { RateScope } from "./rule.ts";
import { refusal } from "./words.ts";

/** What limits gave one request, or why they did not. */
export class Turn {
  readonly #taken: Taken[] = [];
  readonly #met: RateScope[] = [];
  #refusal: Failure | undefined;

  /** Why it is turned away, if it is: then it has taken nothing. */
  get refusal(): Failure | undefined {
    return this.#refusal;
  }

  /** One more step, which asked for so many tokens. When it was refused, the steps before it are given back. */
  add(step: Taken, tokens: number): void {
    if (step.refused) {
      for (const taken of this.#taken) taken.undo();
      const binding = bindingOf(step.readings);
      if (binding !== undefined) this.#refusal = refusal(binding, tokens);
    }
    this.#taken.push(step);
  }

  /** Is this the first time that it meets a limit of this scope? */
  meets(scope: RateScope): boolean {
    if (this.#met.includes(scope)) return false;
    this.#met.push(scope);
    return true;
  }

  /** The request is over, and used so many tokens. Harmless after the first time. */
  end(tokens: number): void {
    for (const taken of this.#taken) taken.end(tokens);
  }

  /** What the answer tells of what is left. */
  left(): RatesLeft {
    const readings = this.#taken.length === 1 ? (this.#taken[0]?.readings ?? []) : this.#taken.flatMap((taken) => taken.readings);
    return {
      requests: leftOf(tightestOf(readings, false)),
      tokens: leftOf(tightestOf(readings, true)),
    };
  }
}

function leftOf(reading: Reading | undefined): RateLeft | undefined {
  return reading && { limit: mostOf(reading.rule), remaining: remainingOf(reading), resets: reading.resets };
}
