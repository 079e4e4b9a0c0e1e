import { LRUCache } from "lru-cache";
import type { KeyHolder } from "../store/keys/holder.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { callerOf, expired, refusalOf, replaced, unknownKey } from "./caller-of.ts";
import { credentialOf } from "./credentials.ts";
import { hashOf } from "./mint.ts";
import type { CallerCache } from "./tokens/caller-cache.ts";
import { looksLikeToken } from "./tokens/shape.ts";

export interface Identity {
  /**
   * Who is asking: at once for a key seen lately (0.2 µs), else a promise. Throws or rejects with `invalid-key`, and with
   * `overloaded` when the ledger cannot be asked about a key nobody here has seen.
   */
  identify(headers: Headers, queryKey?: string): Caller | Promise<Caller>;
  /** A key, a user or a team was made, changed, blocked or revoked: the next request it concerns asks the ledger. */
  forget(id: string): void;
  /** Any of them may have been: every request asks the ledger once more. */
  forgetAll(): void;
  /** Entries held, for the tests of their bounds. */
  sizes(): { readonly known: number; readonly unknown: number };
}

export interface IdentityParts {
  readonly keys: Pick<KeyStore, "holderByHash">;
  /** Who asks with a JSON Web Token; absent: they are looked up as keys. */
  readonly tokens?: Pick<CallerCache, "caller">;
  readonly clock?: Clock;
  readonly bounds?: Partial<IdentityBounds>;
}

interface IdentityBounds {
  readonly known: number;
  readonly unknown: number;
  /** Milliseconds after which the ledger is asked again about a known key: the bound should an event go missing. */
  readonly knownForMs: number;
  readonly unknownForMs: number;
  /** Milliseconds that the caller of a known key waits while the ledger is asked again; past that it is believed once more. */
  readonly patienceMs: number;
  /** Milliseconds a known key is believed while the ledger is away. */
  readonly trustedForMs: number;
  /** Milliseconds until a ledger that was away is asked again about the same key. */
  readonly awayForMs: number;
}

const BOUNDS: IdentityBounds = {
  known: 10_000,
  unknown: 10_000,
  knownForMs: 60_000,
  unknownForMs: 30_000,
  patienceMs: 10,
  trustedForMs: 24 * 3_600_000,
  awayForMs: 1_000,
};

interface Known {
  readonly caller: Caller;
  /** Why it is refused from `endsAt` on; milliseconds since 1970. */
  readonly ended: typeof expired;
  readonly endsAt: number;
  /** Not past this without the ledger. */
  readonly trustedUntil: number;
  freshUntil: number;
}

/** Identifies callers by token, where there are any, and by key: a bounded cache of known keys, one of unknown ones, and the ledger behind them. */
export function createIdentity({ keys, tokens, clock = systemClock, bounds }: IdentityParts): Identity {
  const { known: maxKnown, unknown: maxUnknown, knownForMs, unknownForMs, patienceMs, trustedForMs, awayForMs } = { ...BOUNDS, ...bounds };
  /** By the credential itself: hashing it would cost more than the rest of the lookup. Only valid keys get in. */
  const known = new LRUCache<string, Known>({ max: maxKnown });
  /** By hash, so that what strangers send takes a fixed room. Value: until when. */
  const unknown = new LRUCache<string, { readonly failure: Failure; readonly until: number }>({ max: maxUnknown });
  const asking = new Map<string, Promise<Caller>>();
  /** Grows with every `forget`: an answer that was under way by then is not remembered. */
  let generation = 0;

  const use = (entry: Known, now: number): Caller => {
    if (now >= entry.endsAt) throw entry.ended(entry.endsAt);
    return entry.caller;
  };

  const ask = async (credential: string, hash: string, stale: Known | undefined): Promise<Caller> => {
    const begun = generation;
    let holder: KeyHolder | undefined;
    try {
      holder = await keys.holderByHash(hash);
    } catch (cause) {
      // Known keys keep working while the ledger is away; a key nobody has seen is not called wrong for it.
      const now = clock.now();
      if (stale && begun === generation && now < stale.trustedUntil) {
        stale.freshUntil = now + awayForMs;
        return use(stale, now);
      }
      throw new Failure("overloaded", "This key cannot be checked at the moment: the key store does not answer. Try again shortly.", { retryAfter: 5, cause });
    }
    const now = clock.now();
    const failure = holder && (refusalOf(holder, now) ?? formerly(holder, hash, now));
    if (failure || !holder) {
      const refused = failure ?? unknownKey();
      known.delete(credential);
      if (begun === generation) unknown.set(hash, { failure: refused, until: now + unknownForMs });
      throw refused;
    }
    const entry: Known = {
      caller: callerOf(holder),
      ...endOf(holder, hash),
      freshUntil: now + knownForMs,
      trustedUntil: now + trustedForMs,
    };
    if (begun === generation) known.set(credential, entry);
    return use(entry, now);
  };

  /** A known key's caller does not wait for a ledger that falls silent: it is believed meanwhile, and the answer counts for the next request. */
  const impatiently = async (answer: Promise<Caller>, stale: Known): Promise<Caller> => {
    const begun = generation;
    const early = await within(answer, patienceMs);
    const now = clock.now();
    if (early !== undefined || begun !== generation || now >= stale.trustedUntil) return answer;
    answer.catch(() => undefined);
    return use(stale, now);
  };

  const byKey = (credential: string): Caller | Promise<Caller> => {
    const now = clock.now();
    const entry = known.get(credential);
    if (entry && now < entry.freshUntil) return use(entry, now);
    const hash = hashOf(credential);
    const refused = unknown.get(hash);
    if (refused && now < refused.until) throw refused.failure;
    let answer = asking.get(hash);
    if (answer === undefined) {
      const asked = ask(credential, hash, entry).finally(() => {
        if (asking.get(hash) === asked) asking.delete(hash);
      });
      asking.set(hash, asked);
      answer = asked;
    }
    return entry ? impatiently(answer, entry) : answer;
  };

  /** A token that is not good may still be somebody's key; when it is none, it is told what is wrong with the token. */
  const orByKey = async (credential: string, refusal: unknown): Promise<Caller> => {
    try {
      return await byKey(credential);
    } catch (error) {
      throw error instanceof Failure && error.kind === "invalid-key" ? refusal : error;
    }
  };
  const byToken = (token: string, callers: Pick<CallerCache, "caller">): Caller | Promise<Caller> => {
    try {
      const found = callers.caller(token);
      return found instanceof Promise ? found.catch((refusal: unknown) => orByKey(token, refusal)) : found;
    } catch (refusal) {
      return orByKey(token, refusal);
    }
  };

  return {
    identify(headers, queryKey) {
      const credential = credentialOf(headers, queryKey);
      return tokens !== undefined && looksLikeToken(credential) ? byToken(credential, tokens) : byKey(credential);
    },
    forget(id) {
      generation++;
      for (const [credential, { caller }] of known.entries()) {
        if (caller.keyId === id || caller.userId === id || caller.teamId === id) known.delete(credential);
      }
      unknown.clear();
      asking.clear();
    },
    forgetAll() {
      generation++;
      for (const entry of known.values()) entry.freshUntil = 0;
      unknown.clear();
      asking.clear();
    },
    sizes: () => ({ known: known.size, unknown: unknown.size }),
  };
}

/** Why a value that is not the key's any more is refused. */
function formerly({ key }: KeyHolder, hash: string, now: number): Failure | undefined {
  const { formerUntil = 0 } = key;
  return key.hash === hash || now < formerUntil ? undefined : replaced(formerUntil);
}

/** What the work ends with, or `undefined` when that takes longer. Rejects as the work does. */
function within<Result>(work: Promise<Result>, milliseconds: number): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** When this value of a key comes to its end, and why: with the key, or before it. */
function endOf({ key }: KeyHolder, hash: string): Pick<Known, "ended" | "endsAt"> {
  const { expiresAt = Number.POSITIVE_INFINITY, formerUntil = 0 } = key;
  return key.hash === hash || expiresAt <= formerUntil ? { ended: expired, endsAt: expiresAt } : { ended: replaced, endsAt: formerUntil };
}
