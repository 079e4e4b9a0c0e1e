import type { Clock } from "../../../vocabulary/clock.ts";
import type { Timer } from "../../../vocabulary/timer.ts";
import { keyOf, keysOf, MEMORY_KEY, type TryKeys } from "./keys.ts";
import { createThrottle, type MemoryThrottle } from "./memory-throttle.ts";
import { BEGIN_SCRIPT, CHANGE_SCRIPT, type LuaScript, TRY_SCRIPT } from "./scripts.ts";
import { type Attempt, KINDS, RULES, type Throttle, tooMany } from "./throttle.ts";

/** Redis, as far as logins need it. */
export interface LoginScripts {
  /** Rejects at once while it is known to be away, and past its deadline. What is asked first is done first. */
  evaluate(script: LuaScript, keys: readonly string[], words: readonly string[]): Promise<unknown>;
}

export interface SharedThrottleParts {
  readonly redis: LoginScripts;
  readonly clock: Pick<Clock, "elapsed">;
  readonly timer: Timer;
  /** Milliseconds; absent: the time of Redis. */
  readonly time?: () => number;
}

/** A change Redis is to hear of; `at` is when somebody tried, by our clock. */
type Change =
  | { readonly what: "tried"; readonly key: string; readonly count: number; readonly at: number }
  | { readonly what: "back" | "clear" | "familiar"; readonly key: string };

/** Between one look and the next whether Redis hears what it is owed. Milliseconds. */
const LOOK_AGAIN = 500;
/** Changes sent at once: some hundred microseconds of the server's time. */
const BATCH = 200;
/** What is kept for a Redis that is away. What memory counts beyond that, this gateway goes by alone. */
const MOST_OWED = 10_000;
const FORGETFUL = "Redis forgets at once what it is told.";

/**
 * Tries as all gateways count them together, in Redis. Each counts what it has allowed in memory too, and goes by that alone while Redis does not
 * answer; when it does again it is told what was tried meanwhile, and everything where it has lost what it knew. What nobody knows
 * whether Redis has heard is told twice rather than never: somebody may have to wait who need not, and nobody guesses for free.
 */
export class SharedThrottle implements Throttle {
  readonly #parts: SharedThrottleParts;
  readonly #memory: MemoryThrottle;
  #owed: Change[] = [];
  /** The name of what Redis remembers, once it has been told what this gateway knows. */
  #known: string | undefined;
  #telling: Promise<void> | undefined;
  /** Why this gateway counts alone. */
  #why: string | undefined;
  #stopLooking: (() => void) | undefined;
  #closed = false;

  constructor(parts: SharedThrottleParts) {
    this.#parts = parts;
    this.#memory = createThrottle(parts.clock);
  }

  /** Why logins were not counted together when somebody last tried, for the operator. */
  trouble(): string | undefined {
    return this.#why && `Logins are not counted in Redis at the moment: each gateway throttles them for itself. ${this.#why}`;
  }

  async attempt(network: string, account: string): Promise<Attempt> {
    const keys = keysOf(network, account);
    const told = await this.#ask(keys).catch((error: Error) => {
      this.#why = error.message;
    });
    if (told === undefined) return this.#attemptAlone(network, account, keys);
    this.#why = undefined;
    if (told.wait > 0) throw tooMany(told.wait);
    return this.#thatCounts(this.#memory.count(network, account), keys, told.places);
  }

  close(): void {
    this.#closed = true;
    this.#stopLooking?.();
  }

  #attemptAlone(network: string, account: string, keys: TryKeys): Attempt {
    const here = this.#memory.attempt(network, account);
    const at = this.#parts.clock.elapsed();
    this.#owe(keys.places.map((key) => ({ what: "tried", key, count: 1, at })));
    return this.#thatCounts(here, keys, keys.places.length);
  }

  /** An attempt that is counted here, and in Redis at so many places. */
  #thatCounts(here: Attempt, { familiar, places }: TryKeys, counted: number): Attempt {
    const [pair = "", ...others] = places.slice(0, counted);
    return {
      succeeded: () => {
        here.succeeded();
        this.#owe([{ what: "clear", key: pair }, { what: "familiar", key: familiar }, ...others.map((key) => ({ what: "back", key }) as const)]);
        this.#tell().catch((error: Error) => {
          this.#why = error.message;
        });
      },
    };
  }

  /** How long to wait in milliseconds, and at how many places it was counted. Rejects when Redis does not say. */
  async #ask({ familiar, places }: TryKeys): Promise<{ readonly wait: number; readonly places: number }> {
    const rules = JSON.stringify(KINDS.map((kind) => [RULES[kind].free, RULES[kind].longest]));
    for (let time = 0; time < 2; time++) {
      await this.#tell();
      const known = this.#known ?? "";
      const [wait, counted] = await this.#evaluate(TRY_SCRIPT, [MEMORY_KEY, familiar, ...places], known, rules);
      if (wait !== undefined && counted !== undefined) return { wait, places: counted };
      this.#forgotten(known);
    }
    throw new Error(FORGETFUL);
  }

  #owe(changes: readonly Change[]): void {
    if (this.#owed.length < MOST_OWED) this.#owed.push(...changes);
    this.#lookLater();
  }

  /** Tells Redis all it is owed, from time to time until it has heard. */
  #lookLater(): void {
    this.#stopLooking ??= this.#closed
      ? undefined
      : this.#parts.timer(LOOK_AGAIN, () => {
          this.#stopLooking = undefined;
          this.#tell().catch(() => this.#lookLater());
        });
  }

  /** Tells Redis all it is owed; everything this gateway knows, where that is lost there. Rejects when it does not hear. */
  #tell(): Promise<void> {
    if (this.#known !== undefined && this.#owed.length === 0) return Promise.resolve();
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (let time = 0; time < 2; time++) {
      if (this.#known === undefined) {
        const known = String(await this.#parts.redis.evaluate(BEGIN_SCRIPT, [MEMORY_KEY], [crypto.randomUUID()]));
        this.#owed = this.#everything();
        this.#known = known;
      }
      if (await this.#tellOwed(this.#known)) return;
    }
    throw new Error(FORGETFUL);
  }

  /** `false`: Redis does not remember what it was told by that name. */
  async #tellOwed(known: string): Promise<boolean> {
    while (this.#owed.length > 0) {
      const batch = this.#owed.slice(0, BATCH);
      // From here on nobody knows whether Redis has done it, and taking back twice would let one too many in.
      const again = batch.filter(({ what }) => what !== "back");
      this.#owed.splice(0, batch.length, ...again);
      const now = this.#parts.clock.elapsed();
      const changes = batch.map((change) => (change.what === "tried" ? [change.what, change.count, now - change.at] : [change.what]));
      const [done] = await this.#evaluate(CHANGE_SCRIPT, [MEMORY_KEY, ...batch.map(({ key }) => key)], known, JSON.stringify(changes));
      if (done === undefined) {
        this.#forgotten(known);
        return false;
      }
      this.#owed.splice(0, again.length);
    }
    return true;
  }

  /** All this gateway has counted, as changes to a Redis that knows nothing. */
  #everything(): Change[] {
    const now = this.#parts.clock.elapsed();
    return [
      ...[...this.#memory.counted()].map(({ kind, place, count, ago }) => ({ what: "tried", key: keyOf(kind, place), count, at: now - ago }) as const),
      ...[...this.#memory.familiar()].map((pair) => ({ what: "familiar", key: keyOf("familiar", pair) }) as const),
    ];
  }

  #forgotten(known: string): void {
    if (this.#known === known) this.#known = undefined;
  }

  /** Nothing where Redis does not remember what it was told by that name. */
  async #evaluate(script: LuaScript, keys: readonly string[], known: string, word: string): Promise<number[]> {
    const { redis, time } = this.#parts;
    const reply = await redis.evaluate(script, keys, [time === undefined ? "" : String(time()), known, word]);
    const numbers = Array.isArray(reply) ? reply.map(Number) : [];
    return numbers[0] === -1 ? [] : numbers;
  }
}
