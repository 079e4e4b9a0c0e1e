import { LRUCache } from "lru-cache";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { KeyStore } from "../store/keys/keys.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { credentialOf } from "./credentials.ts";
import { hashOf } from "./mint.ts";

export interface Identity {
  /**
   * Who is asking: at once for a key seen lately (0.2 µs), else a promise. Throws or rejects with `invalid-key`, and with
   * `overloaded` when the ledger cannot be asked about a key nobody here has seen.
   */
  identify(headers: Headers, queryKey?: string): Caller | Promise<Caller>;
  /** A key was made, changed or revoked: the next request asks the ledger. */
  forget(keyId: string): void;
  /** Any key may have been: every request asks the ledger once more. */
  forgetAll(): void;
  /** Entries held, for the tests of their bounds. */
  sizes(): { readonly known: number; readonly unknown: number };
}

export interface IdentityParts {
  readonly keys: Pick<KeyStore, "findByHash" | "touch">;
  readonly clock?: Clock;
  readonly bounds?: Partial<IdentityBounds>;
}

interface IdentityBounds {
  readonly known: number;
  readonly unknown: number;
  /** Milliseconds after which the ledger is asked again about a known key: the bound should an event go missing. */
  readonly knownForMs: number;
  readonly unknownForMs: number;
  /** Milliseconds between two notes of a key's last use. */
  readonly touchEveryMs: number;
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
  touchEveryMs: 60_000,
  patienceMs: 10,
  trustedForMs: 24 * 3_600_000,
  awayForMs: 1_000,
};

interface Known {
  readonly caller: Caller;
  readonly expiresAt: number;
  /** Not past this without the ledger. */
  readonly trustedUntil: number;
  freshUntil: number;
  touchAfter: number;
}

/** Identifies callers by key: a bounded cache of known keys, one of unknown ones, and the ledger behind them. */
export function createIdentity({ keys, clock = systemClock, bounds }: IdentityParts): Identity {
  const { known: maxKnown, unknown: maxUnknown, knownForMs, unknownForMs, touchEveryMs, patienceMs, trustedForMs, awayForMs } = { ...BOUNDS, ...bounds };
  /** By the credential itself: hashing it would cost more than the rest of the lookup. Only valid keys get in. */
  const known = new LRUCache<string, Known>({ max: maxKnown });
  /** By hash, so that what strangers send takes a fixed room. Value: until when. */
  const unknown = new LRUCache<string, { readonly failure: Failure; readonly until: number }>({ max: maxUnknown });
  const asking = new Map<string, Promise<Caller>>();
  /** Grows with every `forget`: an answer that was under way by then is not remembered. */
  let generation = 0;

  const use = (entry: Known, now: number): Caller => {
    if (now >= entry.expiresAt) throw expired(entry.expiresAt);
    if (now >= entry.touchAfter) {
      entry.touchAfter = now + touchEveryMs;
      keys.touch(entry.caller.keyId, now);
    }
    return entry.caller;
  };

  const ask = async (credential: string, hash: string, stale: Known | undefined): Promise<Caller> => {
    const begun = generation;
    let row: KeyRow | undefined;
    try {
      row = await keys.findByHash(hash);
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
    const failure = refusalOf(row, now);
    if (failure || !row) {
      const refused = failure ?? unknownKey();
      known.delete(credential);
      if (begun === generation) unknown.set(hash, { failure: refused, until: now + unknownForMs });
      throw refused;
    }
    const entry: Known = {
      caller: callerOf(row),
      expiresAt: row.expiresAt ?? Number.POSITIVE_INFINITY,
      freshUntil: now + knownForMs,
      trustedUntil: now + trustedForMs,
      touchAfter: stale?.touchAfter ?? 0,
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

  return {
    identify(headers, queryKey) {
      const credential = credentialOf(headers, queryKey);
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
    },
    forget(keyId) {
      generation++;
      for (const [credential, entry] of known.entries()) if (entry.caller.keyId === keyId) known.delete(credential);
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

/** What the work ends with, or `undefined` when that takes longer. Rejects as the work does. */
function within<Result>(work: Promise<Result>, milliseconds: number): Promise<Result | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Who asks with this key. */
export function callerOf(key: KeyRow): Caller {
  const { id, name, userId, source, admin, models, vouches, strict } = key;
  return { keyId: id, keyName: name, userId, source, role: admin ? "admin" : "member", models, vouches, strict };
}

/** Why nobody may ask with this key, as whoever does is told; `now` is milliseconds since 1970. */
export function refusalOf(key: KeyRow | undefined, now: number): Failure | undefined {
  if (key === undefined) return unknownKey();
  if (key.revokedAt !== undefined)
    return new Failure("invalid-key", `This API key was revoked on ${dayOf(key.revokedAt)}. Ask whoever runs this Signalbox for a new one.`);
  if (key.expiresAt !== undefined && now >= key.expiresAt) return expired(key.expiresAt);
  return undefined;
}

function unknownKey(): Failure {
  return new Failure(
    "invalid-key",
    "This API key is not known here. Check it for missing characters; keys of OpenAI, Anthropic or Google are not valid, Signalbox has its own (`signalbox keys create`).",
  );
}

function expired(at: number): Failure {
  return new Failure("invalid-key", `This API key expired on ${dayOf(at)}. Ask whoever runs this Signalbox for a new one.`);
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace("T", " ").concat(" UTC");
}
