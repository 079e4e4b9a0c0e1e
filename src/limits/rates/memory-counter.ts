import type { Clock } from "../../vocabulary/clock.ts";
import type { Counter, Taken } from "./counter.ts";
import type { Meter } from "./meter.ts";
import type { Reading } from "./reading.ts";
import { costOf, type Limited, type Rule, type Step } from "./rule.ts";
import { type Subject, Subjects } from "./subjects.ts";

/** Most of one scope who are known by name. */
const MOST = 50_000;

interface MemoryParts {
  readonly clock: Pick<Clock, "elapsed">;
  readonly most?: number;
}

/** What one process counts by itself. Never waits. */
export class MemoryCounter implements Counter {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly subjects: Subjects;

  constructor({ clock, most = MOST }: MemoryParts) {
    this.#clock = clock;
    this.subjects = new Subjects(most);
  }

  take(step: Step, tokens: number): Taken {
    const now = this.#clock.elapsed();
    const lines = this.#lines(step, tokens, now);
    for (const { wait } of lines) if (wait > 0) return new Refused(read(lines, now));
    return this.#charged(lines, tokens, now);
  }

  /** Takes it whether it fits or not: it has been admitted elsewhere. */
  charge(step: Step, tokens: number): Taken {
    const now = this.#clock.elapsed();
    return this.#charged(this.#lines(step, tokens, now), tokens, now);
  }

  look(step: Step): readonly Reading[] {
    const now = this.#clock.elapsed();
    return read(this.#lines(step, 1, now), now);
  }

  #lines(step: Step, tokens: number, now: number): Line[] {
    const lines: Line[] = [];
    for (const of of step) {
      const subject = this.subjects.of(of, now);
      for (const rule of of.rules) {
        const meter = subject.meter(rule.kind);
        lines.push({ of, rule, subject, meter, wait: meter.wait(costOf(rule, tokens), rule, now), used: 0, resets: 0, charge: 0 });
      }
    }
    return lines;
  }

  #charged(lines: readonly Line[], tokens: number, now: number): Taken {
    for (const line of lines) {
      const { of, rule, subject, meter } = line;
      line.wait = 0;
      line.charge = meter.charge(costOf(rule, tokens), rule, now);
      if (rule.kind === "parallel") this.subjects.holds(of, subject, 1);
    }
    return new Charged(read(lines, now), tokens, this.subjects, this.#clock);
  }
}

/** The same with how each stands now. */
function read(lines: readonly Line[], now: number): readonly Line[] {
  for (const line of lines) {
    line.used = line.meter.used(line.rule, now);
    line.resets = line.meter.resets(now);
  }
  return lines;
}

/** One rule on the way through a step. */
interface Line extends Reading {
  readonly of: Limited;
  readonly rule: Rule;
  readonly subject: Subject;
  readonly meter: Meter;
  wait: number;
  used: number;
  resets: number;
  charge: number;
}

class Refused implements Taken {
  readonly readings: readonly Reading[];
  readonly refused = true;

  constructor(readings: readonly Reading[]) {
    this.readings = readings;
  }

  undo(): void {}
  end(): void {}
}

class Charged implements Taken {
  readonly readings: readonly Line[];
  readonly refused = false;
  readonly #tokens: number;
  readonly #subjects: Subjects;
  readonly #clock: Pick<Clock, "elapsed">;
  #over = false;

  constructor(lines: readonly Line[], tokens: number, subjects: Subjects, clock: Pick<Clock, "elapsed">) {
    this.readings = lines;
    this.#tokens = tokens;
    this.#subjects = subjects;
    this.#clock = clock;
  }

  undo(): void {
    this.#end((line) => line.meter.giveBack(costOf(line.rule, this.#tokens), line.charge));
  }

  end(tokens: number): void {
    this.#end((line) => {
      if (line.rule.kind === "parallel") line.meter.giveBack(1, line.charge);
      else if (line.rule.kind === "tokens") this.#settle(line, tokens - this.#tokens);
    });
  }

  #end(each: (line: Line) => void): void {
    if (this.#over) return;
    this.#over = true;
    for (const line of this.readings) {
      each(line);
      if (line.rule.kind === "parallel") this.#subjects.holds(line.of, line.subject, -1);
    }
  }

  #settle({ of, rule, meter, charge }: Line, surplus: number): void {
    if (surplus < 0) meter.giveBack(-surplus, charge);
    if (surplus <= 0) return;
    // Whoever it was counted for may have been forgotten meanwhile.
    const now = this.#clock.elapsed();
    this.#subjects.of(of, now).meter(rule.kind).charge(surplus, rule, now);
  }
}
