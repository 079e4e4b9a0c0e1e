import type { HeaderView } from "../../vocabulary/dialect.ts";
import type { ServiceKey } from "../../vocabulary/service.ts";
import { Breaker, type BreakerSettings } from "../health/breaker.ts";
import { restAfter } from "../quota/rate-headers.ts";

/** Rests of a key that asked too much, where the upstream does not say how long: each in a row twice the last. Milliseconds. */
const SHORTEST_REST = 1000;
const LONGEST_REST = 30_000;
/** No word of an upstream is believed for longer: keys have daily quotas. Milliseconds. */
const LONGEST_WORD = 86_400_000;
/** After so many answers that say nothing of limits only one in so many is looked at: most services never do. */
const SILENT = 8;
const NOW_AND_THEN = 32;

/** What is known of a key at one deployment. */
export class KeyState {
  key: ServiceKey;
  /** For what is wrong with the key itself. */
  readonly breaker: Breaker;
  /** Its quota at the provider is used up until then. */
  #until = 0;
  /** Who says so: its provider, or only we, for want of a word. */
  #told = false;
  #reason = "";
  #rest = 0;
  /** Answers in a row that said nothing of limits. */
  #silent = 0;

  constructor(key: ServiceKey, settings: () => BreakerSettings) {
    this.key = key;
    this.breaker = new Breaker(settings);
  }

  /** Is this the same key, whatever it is called now? */
  is(key: ServiceKey): boolean {
    return this.key === key || sameHeaders(this.key.headers, key.headers);
  }

  /** Nothing has to be looked up before it is used. */
  isPlain(now: number): boolean {
    return now >= this.#until && this.breaker.circuit(now) === "closed";
  }

  /** Why its provider does not want to hear of it yet, where it has said so itself. */
  limitedNow(now: number): string | undefined {
    return now < this.#until && this.#told ? this.#reason : undefined;
  }

  /** Why it may not be used now. */
  resting(now: number): string | undefined {
    if (now < this.#until) return this.#reason;
    if (this.breaker.allows(now)) return undefined;
    return this.breaker.circuit(now) === "open" ? "refused by its provider" : "one request is trying it";
  }

  /** When it may be used, as far as that is known. */
  due(now: number): number {
    return Math.max(now, this.#until, this.breaker.circuit(now) === "open" ? this.breaker.until : 0);
  }

  /** It asked too much: rests for so many milliseconds, or by itself, longer each time. */
  limited(now: number, wanted: number | undefined): void {
    const told = wanted !== undefined && wanted > 0;
    // Many calls hear of one limit: together they are once in a row.
    if (!told && now >= this.#until) this.#rest = Math.min(LONGEST_REST, Math.max(SHORTEST_REST, this.#rest * 2));
    this.usedUp(now, told ? wanted : this.#rest, { told, reason: "rate-limited" });
  }

  /** The headers of an answer: must it rest by what they say? `epoch` is the time since 1970. */
  heard(headers: HeaderView, now: number, epoch: number): boolean {
    if (this.#silent > SILENT && this.#silent++ % NOW_AND_THEN !== 0) return false;
    const rest = restAfter(headers, epoch);
    this.#silent = rest === undefined ? this.#silent + 1 : 0;
    if (rest === undefined || rest === 0) return false;
    this.usedUp(now, rest);
    return true;
  }

  /** Its quota is used up for so many milliseconds. */
  usedUp(now: number, rest: number, { told, reason } = { told: true, reason: "its quota is used up" }): void {
    const until = now + Math.min(rest, LONGEST_WORD);
    if (until <= this.#until) return;
    this.#until = until;
    this.#told = told;
    this.#reason = reason;
  }

  /** Nothing is held against it any more. */
  reset(): void {
    this.#until = 0;
    this.#rest = 0;
    this.breaker.reset();
  }

  /** It was accepted. */
  accepted(): void {
    this.#rest = 0;
  }
}

function sameHeaders(one: ServiceKey["headers"], other: ServiceKey["headers"]): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
