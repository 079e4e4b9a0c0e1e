import type { Taken } from "../counter.ts";
import type { Reading } from "../reading.ts";
import { costOf, type Step } from "../rule.ts";
import { askedStep, type Change, type ToldStep } from "./messages.ts";
import type { Batch } from "./owed.ts";

/** Refused, together with the others or alone. */
export class RefusedTaken implements Taken {
  readonly refused = true;
  readonly readings: readonly Reading[];
  readonly alone: boolean;

  constructor(readings: readonly Reading[], alone: boolean) {
    this.readings = readings;
    this.alone = alone;
  }

  undo(): void {}
  end(): void {}
}

interface Given {
  readonly step: Step;
  readonly tokens: number;
  readonly send: (batch: Batch | undefined) => void;
  /** The slot is free, if it was held: what is to be told of it. */
  readonly free: () => Batch | undefined;
}

interface SharedGiven extends Given {
  readonly told: ToldStep;
  /** The same as it is counted in memory; absent where it is not. */
  readonly here: Taken | undefined;
}

/** Given by Redis. */
export class SharedTaken implements Taken {
  readonly refused = false;
  readonly readings: readonly Reading[];
  readonly #given: SharedGiven;
  #over = false;

  constructor(given: SharedGiven) {
    this.#given = given;
    this.readings = given.told.readings;
  }

  undo(): void {
    if (this.#end()) return;
    const { tokens, here, told } = this.#given;
    here?.undo();
    this.#tell(({ rule }, place, index) => (rule.kind === "parallel" ? undefined : ["back", place, rule.kind, told.charges[index] ?? 0, costOf(rule, tokens)]));
  }

  end(tokens: number): void {
    if (this.#end()) return;
    const { here, told } = this.#given;
    here?.end(tokens);
    const surplus = tokens - this.#given.tokens;
    if (surplus === 0) return;
    this.#tell(({ rule }, place, index) => {
      if (rule.kind !== "tokens") return undefined;
      return surplus > 0 ? ["add", place, rule.kind, 0, surplus] : ["back", place, rule.kind, told.charges[index] ?? 0, -surplus];
    });
  }

  /** The slot is free. Was it over before? */
  #end(): boolean {
    if (this.#over) return true;
    this.#over = true;
    this.#given.send(this.#given.free());
    return false;
  }

  #tell(change: (reading: Reading, place: number, index: number) => Change | undefined): void {
    const { keys, places } = askedStep(this.#given.step);
    const changes = this.readings.map((reading, index) => change(reading, places[index] ?? 0, index)).filter((each) => each !== undefined);
    this.#given.send({ keys, changes });
  }
}

interface AloneGiven extends Given {
  readonly here: Taken;
  /** The same as Redis is to hear of it. */
  readonly owed: Taken;
  /** Has Redis not heard of it yet? */
  readonly isOwed: () => boolean;
}

/** Given by this gateway for itself. */
export class AloneTaken implements Taken {
  readonly refused = false;
  readonly alone = true;
  readonly readings: readonly Reading[];
  readonly #given: AloneGiven;
  #over = false;

  constructor(given: AloneGiven) {
    this.#given = given;
    this.readings = given.here.readings;
  }

  undo(): void {
    if (this.#end()) return;
    this.#given.here.undo();
    this.#given.owed.undo();
  }

  end(tokens: number): void {
    if (this.#end()) return;
    const { here, owed, isOwed, step, send } = this.#given;
    here.end(tokens);
    if (isOwed()) {
      owed.end(tokens);
      return;
    }
    // Redis has heard of what was reserved, by then: what is less stays counted, what is more is told.
    const surplus = tokens - this.#given.tokens;
    if (surplus <= 0) return;
    const { keys, places } = askedStep(step);
    const rules = step.flatMap((limited) => limited.rules);
    send({ keys, changes: rules.flatMap(({ kind }, index) => (kind === "tokens" ? [["add", places[index] ?? 0, kind, 0, surplus] as const] : [])) });
  }

  #end(): boolean {
    if (this.#over) return true;
    this.#over = true;
    this.#given.send(this.#given.free());
    return false;
  }
}
