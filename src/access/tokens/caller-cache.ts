import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";

/** Whom a token stands for, and until when. Milliseconds since 1970. */
export interface Recognised {
  readonly caller: Caller;
  readonly expiresAt: number;
}

export interface CallerCache {
  /** Who asks with this token: at once for one seen lately, else a promise. Throws or rejects as `recognise` does. */
  caller(token: string): Caller | Promise<Caller>;
  /** A user or a team was changed: their next request asks anew, and nobody waits to be let in. */
  forget(id: string): void;
  /** Any user may have been. */
  forgetAll(): void;
  /** Entries held, for the tests of their bounds. */
  sizes(): { readonly known: number; readonly refused: number };
}

export interface CallerCacheParts {
  /** Who asks with this token. Rejects with `invalid-key` when nobody may, and with anything else when that cannot be said now. */
  recognise(token: string): Promise<Recognised>;
  /** What all this rests on: secrets, issuers. With another one nothing is remembered of before. */
  basis(): unknown;
  readonly clock: Clock;
  readonly bounds?: Partial<CacheBounds>;
}

interface CacheBounds {
  readonly known: number;
  /** Characters of all known tokens together. */
  readonly characters: number;
  readonly refused: number;
  /** Milliseconds after which a known token is looked at anew: the bound should an event go missing. */
  readonly knownForMs: number;
  /** Short, since what is refused for an unknown key may be good once its issuer is asked again. */
  readonly refusedForMs: number;
}

const BOUNDS: CacheBounds = { known: 10_000, characters: 16 * 1024 * 1024, refused: 10_000, knownForMs: 60_000, refusedForMs: 10_000 };

interface Known extends Recognised {
  freshUntil: number;
}

/** Remembers whom tokens stand for, by the whole token: two that differ in a letter have nothing in common. */
export function createCallerCache({ recognise, basis, clock, bounds }: CallerCacheParts): CallerCache {
  const most = { ...BOUNDS, ...bounds };
  const known = new LRUCache<string, Known>({ max: most.known, maxSize: most.characters, sizeCalculation: (_entry, token) => token.length });
  /** By hash, so that what strangers send takes a fixed room. */
  const refused = new LRUCache<string, { readonly failure: Failure; readonly until: number }>({ max: most.refused });
  const asking = new Map<string, Promise<Caller>>();
  /** Grows with everything that is forgotten: an answer under way by then is not remembered. */
  let generation = 0;
  let restsOn = basis();

  const forgetRefused = (): void => {
    generation++;
    refused.clear();
    asking.clear();
  };
  const use = (entry: Known, now: number): Caller => {
    if (now < entry.expiresAt) return entry.caller;
    throw new Failure("invalid-key", "This token has expired. Get a new one.");
  };
  const ask = async (token: string, hash: string, stale: Known | undefined): Promise<Caller> => {
    const begun = generation;
    try {
      const found = await recognise(token);
      const now = clock.now();
      const entry: Known = { ...found, freshUntil: Math.min(found.expiresAt, now + most.knownForMs) };
      if (begun === generation) known.set(token, entry);
      return use(entry, now);
    } catch (error) {
      const now = clock.now();
      const refusal = error instanceof Failure && error.kind === "invalid-key";
      // Known tokens keep working while the users or the issuer's keys cannot be asked.
      if (!refusal && stale !== undefined && begun === generation) return use(stale, now);
      if (refusal && begun === generation) {
        known.delete(token);
        refused.set(hash, { failure: error, until: now + most.refusedForMs });
      }
      throw error;
    }
  };

  return {
    caller(token) {
      const current = basis();
      if (current !== restsOn) {
        restsOn = current;
        known.clear();
        forgetRefused();
      }
      const now = clock.now();
      const entry = known.get(token);
      if (entry !== undefined && now < entry.freshUntil) return use(entry, now);
      const hash = createHash("sha256").update(token).digest("base64");
      const refusal = refused.get(hash);
      if (refusal !== undefined && now < refusal.until) throw refusal.failure;
      const already = asking.get(hash);
      if (already !== undefined) return already;
      const answer = ask(token, hash, entry).finally(() => {
        if (asking.get(hash) === answer) asking.delete(hash);
      });
      asking.set(hash, answer);
      return answer;
    },
    forget(id) {
      forgetRefused();
      for (const [token, { caller }] of known.entries()) if (caller.userId === id || caller.teamId === id) known.delete(token);
    },
    forgetAll() {
      forgetRefused();
      for (const entry of known.values()) entry.freshUntil = 0;
    },
    sizes: () => ({ known: known.size, refused: refused.size }),
  };
}
