import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { listOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";

/** Asks an address with GET; rejects when nothing answers within the deadline, in milliseconds. */
export type Get = (url: string, headers: Readonly<Record<string, string>>, deadline: number) => Promise<{ readonly status: number; readonly text: string }>;

/** The public keys of one issuer. */
export interface KeySet {
  /**
   * The key a token says it is signed with. Waits for the issuer only when its keys were never had, or when it may have made a new one.
   * Throws jose's errors where there is none or more than one, and `overloaded` while the keys were never had.
   */
  readonly find: JWTVerifyGetKey;
}

export interface KeySetParts {
  readonly url: string;
  readonly get: Get;
  readonly clock: Clock;
}

/** Longest wait for the issuer. Milliseconds, as all below. */
const DEADLINE = 5000;
/** How long keys are good without a look at the issuer. */
const FRESH = 600_000;
/** A key nobody knows makes us ask the issuer, so often at most: anybody can invent one. */
const COOLDOWN = 10_000;

/** What an issuer signs with. A secret among public keys would be everybody's. */
const PUBLIC = new Set(["RSA", "EC", "OKP"]);

/** Keys of an issuer, kept for as long as it is away. */
export function openKeySet({ url, get, clock }: KeySetParts): KeySet {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  let trouble: unknown;

  const ask = (): Promise<void> => {
    askedAt = clock.elapsed();
    asking ??= get(url, { accept: "application/json" }, DEADLINE)
      .then((reply) => {
        keys = createLocalJWKSet(read(reply));
        freshUntil = clock.elapsed() + FRESH;
      })
      .catch((error: unknown) => {
        trouble = error;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  const rested = () => clock.elapsed() - askedAt >= COOLDOWN;

  type Token = Parameters<JWTVerifyGetKey>;
  const among = async (those: typeof keys, token: Token): Promise<CryptoKey> => {
    if (those === undefined) throw away(url, trouble);
    return those(...token);
  };
  return {
    async find(...token) {
      if (keys === undefined && (asking !== undefined || rested())) await ask();
      else if (clock.elapsed() >= freshUntil && rested()) void ask();
      const those = keys;
      try {
        return await among(those, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        // The issuer may have a new key: it is asked, unless that was just done or is being done.
        if (keys === those && (asking !== undefined || rested())) await (asking ?? ask());
        if (keys === those) throw error;
        return among(keys, token);
      }
    },
  };
}

function read({ status, text }: { readonly status: number; readonly text: string }): JSONWebKeySet {
  if (status !== 200) throw new Error(`it answered ${status}`);
  const keys = listOf(objectOf(parseJson(text))["keys"])
    .map(objectOf)
    .flatMap((key) => {
      const kty = stringOf(key["kty"]);
      return kty !== undefined && PUBLIC.has(kty) ? [{ ...key, kty }] : [];
    });
  if (keys.length === 0) throw new Error("it lists no public keys");
  return { keys };
}

function away(url: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : "no answer";
  return new Failure(
    "overloaded",
    `This token cannot be checked at the moment: the keys of its issuer are not to be had from ${new URL(url).origin} (${why}).`,
    {
      retryAfter: 10,
      cause,
    },
  );
}
