import type { Clock } from "../../../vocabulary/clock.ts";
import type { Timer } from "../../../vocabulary/timer.ts";
import type { Counter, Taken } from "../counter.ts";
import { MemoryCounter } from "../memory-counter.ts";
import type { Reading } from "../reading.ts";
import { type Step, shareOf } from "../rule.ts";
import { AloneTaken, RefusedTaken, SharedTaken } from "./given.ts";
import { HeldSlots, LEASE } from "./held-slots.ts";
import { InTime } from "./in-time.ts";
import { askedStep, isForgotten, markKey, toldStep } from "./messages.ts";
import { type Batch, owedBatches } from "./owed.ts";
import { CHANGE_SCRIPT, type LuaScript, TAKE_SCRIPT } from "./scripts.ts";

/** Redis, as far as limits need it. */
export interface SharedScripts {
  /** Rejects at once while it is known to be away. What is asked first is done first. */
  evaluate(script: LuaScript, keys: readonly string[], words: readonly string[]): Promise<unknown>;
  /** Why it cannot be used now. */
  trouble(): string | undefined;
}

export interface SharedParts {
  readonly redis: SharedScripts;
  readonly clock: Pick<Clock, "elapsed">;
  readonly timer: Timer;
  /** No two processes have the same. */
  readonly self: string;
  /** Longest wait for an answer. Milliseconds. */
  readonly deadline: () => number;
  /** How many gateways share the limits while they cannot count together. */
  readonly gateways: () => number;
  /** Microseconds; absent: the time of Redis. */
  readonly time?: () => number;
}

/** Between one look and the next whether Redis is back. Milliseconds. */
const LOOK_AGAIN = 100;
/** So much, counted alone, is sent in one go with what comes after it. Keys. */
const FEW = 500;
/** How long Redis remembers who has told it what: longer than anything counts. Milliseconds. */
const MARKED_FOR = 7_200_000;
/** What is kept for a Redis that is away: changes beyond that are lost, and only make limits stricter for a while. */
const MOST_KEPT = 10_000;

/**
 * What all gateways count together, in Redis. Everything is counted in memory too, so that each goes on by itself, with its share of every
 * limit, from the first answer that is late until Redis has heard what was counted meanwhile: nobody waits then, and nothing is counted as never
 * taken.
 */
export class SharedCounter implements Counter {
  readonly #parts: SharedParts;
  readonly #inTime: InTime;
  readonly #memory: MemoryCounter;
  readonly #slots: HeldSlots;
  /** What Redis does not know of yet: of now, and of times before that it has not confirmed. */
  #owed: MemoryCounter;
  #unconfirmed: MemoryCounter[] = [];
  #changes: Batch[] = [];
  #alone = true;
  /** Has anything been limited so far? */
  #used = false;
  /** Why it is alone. */
  #why = "Redis has not been reached yet.";
  #closed = false;
  #stopLooking = () => {};
  #stopRenewing = () => {};

  constructor(parts: SharedParts) {
    this.#parts = parts;
    this.#inTime = new InTime(parts);
    this.#memory = new MemoryCounter(parts);
    this.#owed = new MemoryCounter(parts);
    this.#slots = new HeldSlots(parts.self);
    this.#look(0);
    this.#renew();
  }

  /** Why each gateway counts for itself at the moment, for the operator; `undefined`: they count together, or nothing has been counted. */
  trouble(): string | undefined {
    if (!this.#alone || !this.#used) return undefined;
    const gateways = this.#parts.gateways();
    const share = gateways === 1 ? "the whole of every limit (limits.replicas is 1)" : `1/${gateways} of every limit`;
    return `Limits are not counted in Redis at the moment: each gateway counts for itself, and grants ${share}. ${this.#why}`;
  }

  /** Is it counted in Redis now, together with the others? */
  get together(): boolean {
    return !this.#alone;
  }

  take(step: Step, tokens: number): Taken | Promise<Taken> {
    this.#used = true;
    if (this.#alone) return this.#takeAlone(step, tokens);
    const asked = askedStep(step);
    const slot = asked.takesSlots ? this.#slots.name() : "";
    const answer = this.#ask(asked.keys, [asked.rules, String(tokens), slot, String(LEASE), "take"]);
    return this.#inTime.wait(answer).then(
      (reply) => this.#taken(reply, step, { tokens, slot }),
      (error: unknown) => {
        this.#goAlone(error);
        this.#forgo(answer, step, { tokens, slot });
        return this.#takeAlone(step, tokens);
      },
    );
  }

  look(step: Step): readonly Reading[] | Promise<readonly Reading[]> {
    if (this.#alone) return this.#memory.look(this.#shareOf(step));
    const asked = askedStep(step);
    const here = () => this.#memory.look(this.#shareOf(step));
    return this.#inTime
      .wait(this.#ask(asked.keys, [asked.rules, "1", "", String(LEASE), "look"]))
      .then((reply) => (isForgotten(reply) ? here() : toldStep(reply, step, 1).readings), here);
  }

  close(): void {
    this.#closed = true;
    this.#stopLooking();
    this.#stopRenewing();
  }

  /** Tells Redis, or keeps it to be told. Nobody waits for it. */
  readonly send = (batch: Batch | undefined): void => {
    if (batch === undefined || batch.changes.length === 0) return;
    if (this.#alone) this.#keep(batch);
    else
      this.#change(batch).catch((error: unknown) => {
        this.#goAlone(error);
        this.#keep(repeatable(batch));
      });
  };

  #taken(reply: unknown, step: Step, { tokens, slot }: Asked): Taken {
    if (isForgotten(reply)) {
      this.#goAlone(new Error("Redis has lost what it was told, and is being told again."));
      return this.#takeAlone(step, tokens);
    }
    const told = toldStep(reply, step, tokens);
    if (!told.taken) return new RefusedTaken(told.readings, false);
    this.#slots.hold(slot, step);
    const here = this.#memory.charge(step, tokens);
    return new SharedTaken({ told, step, tokens, here, send: this.send, free: () => this.#slots.free(slot) });
  }

  #takeAlone(step: Step, tokens: number): Taken {
    const here = this.#memory.take(this.#shareOf(step), tokens);
    if (here.refused) return new RefusedTaken(here.readings, true);
    const owed = this.#owed;
    const slot = this.#slots.name();
    this.#slots.hold(slot, step);
    const isOwed = () => this.#owed === owed;
    return new AloneTaken({ step, tokens, here, owed: owed.charge(step, tokens), isOwed, send: this.send, free: () => this.#slots.free(slot) });
  }

  /** No answer came in time: it is taken here instead, and what Redis may yet take is to be put back. */
  #forgo(answer: Promise<unknown>, step: Step, { tokens, slot }: Asked): void {
    if (slot !== "") {
      this.#slots.hold(slot, step);
      this.send(this.#slots.free(slot));
    }
    answer.then(
      (reply) => {
        const told = isForgotten(reply) ? undefined : toldStep(reply, step, tokens);
        if (told?.taken) new SharedTaken({ told, step, tokens, here: undefined, send: this.send, free: () => undefined }).undo();
      },
      () => undefined,
    );
  }

  #goAlone(error: unknown): void {
    if (this.#alone || this.#closed) return;
    this.#why = error instanceof Error ? error.message : String(error);
    this.#alone = true;
    this.#look(LOOK_AGAIN);
  }

  #keep(batch: Batch): void {
    if (batch.changes.length > 0 && this.#changes.length < MOST_KEPT) this.#changes.push(batch);
  }

  #shareOf(step: Step): Step {
    const gateways = this.#parts.gateways();
    return gateways === 1 ? step : step.map((limited) => ({ ...limited, rules: limited.rules.map((rule) => shareOf(rule, gateways)) }));
  }

  #look(wait: number): void {
    if (this.#closed) return;
    this.#stopLooking = this.#parts.timer(wait, () => {
      if (this.#parts.redis.trouble() !== undefined) this.#look(LOOK_AGAIN);
      else this.#comeBack().catch(() => this.#look(LOOK_AGAIN));
    });
  }

  /** Tells Redis all it has missed, and counts with the others again. Rejects when it does not hear, with nothing forgotten. */
  async #comeBack(): Promise<void> {
    do {
      if (isForgotten(await this.#inTime.wait(this.#ask([], ["[]", "0", "", "0", "look"])))) await this.#tellAll();
      else if (this.#unconfirmed.length === 0) {
        this.#unconfirmed.push(this.#owed);
        this.#owed = new MemoryCounter(this.#parts);
      }
      for (let first = this.#changes[0]; first !== undefined; first = this.#changes[0]) {
        // From here on nobody knows whether Redis has done it.
        this.#changes[0] = repeatable(first);
        await this.#confirmed(first);
        this.#changes.shift();
      }
      for (let oldest = this.#unconfirmed[0]; oldest !== undefined; oldest = this.#unconfirmed[0]) {
        for (const batch of owedBatches(oldest, this.#parts.clock.elapsed())) await this.#confirmed(batch);
        this.#unconfirmed.shift();
      }
      for (const batch of this.#slots.renewals()) await this.#confirmed(batch);
    } while (this.#owed.subjects.size > FEW && !this.#closed);
    // What is left is sent before anything that is asked from now on, and so it is done before.
    const last = [...owedBatches(this.#owed, this.#parts.clock.elapsed()), ...this.#slots.renewals(), ...this.#changes.splice(0)];
    this.#owed = new MemoryCounter(this.#parts);
    this.#alone = false;
    for (const batch of last) this.send(batch);
  }

  /** Tells Redis, which knows nothing, everything this gateway has counted. Until all of it is heard, it knows nothing. */
  async #tellAll(): Promise<void> {
    const all = [...owedBatches(this.#memory, this.#parts.clock.elapsed())];
    this.#unconfirmed = [];
    this.#owed = new MemoryCounter(this.#parts);
    for (const batch of all) await this.#confirmed(batch);
    await this.#confirmed(this.#marked("mark"));
  }

  #marked(how: "mark" | "keep"): Batch {
    return { keys: [markKey(this.#parts.self)], changes: [[how, 1, MARKED_FOR]] };
  }

  /** From time to time Redis is told which slots are still held. */
  #renew(): void {
    this.#stopRenewing = this.#parts.timer(LEASE / 3, () => {
      if (!this.#alone) for (const batch of [this.#marked("keep"), ...this.#slots.renewals()]) this.send(batch);
      if (!this.#closed) this.#renew();
    });
  }

  #confirmed(batch: Batch): Promise<unknown> {
    return this.#inTime.wait(this.#change(batch));
  }

  /** Asks by the mark that shows what Redis knows of this gateway. */
  #ask(keys: readonly string[], words: readonly string[]): Promise<unknown> {
    return this.#evaluate(TAKE_SCRIPT, [...keys, markKey(this.#parts.self)], words);
  }

  #change({ keys, changes }: Batch): Promise<unknown> {
    return this.#evaluate(CHANGE_SCRIPT, keys, [JSON.stringify(changes)]);
  }

  #evaluate(script: LuaScript, keys: readonly string[], words: readonly string[]): Promise<unknown> {
    const { redis, time } = this.#parts;
    return redis.evaluate(script, keys, [time === undefined ? "" : String(time()), ...words]);
  }
}

/** What may be done twice, and is at worst too strict then: giving back twice would let one too many in. */
function repeatable({ keys, changes }: Batch): Batch {
  return { keys, changes: changes.filter(([what]) => what !== "back") };
}

interface Asked {
  readonly tokens: number;
  readonly slot: string;
}
