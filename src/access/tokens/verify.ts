import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose";
import type { JwtSettings } from "../../config/schema/schema.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { type JsonObject, objectOf } from "../../vocabulary/json.ts";
import { OUR_TOKENS } from "./issue.ts";
import type { KeySet } from "./key-set.ts";
import { notAccepted, otherAudience, otherIssuer, refusalOf } from "./refusals.ts";
import { headerOf, saysTwice } from "./shape.ts";

/** Who made a token: we; somebody who has our secret and names no issuer; the issuer it names. */
export type Maker = "us" | "our-secret" | "issuer";

/** What a good token says. */
export interface Verified {
  readonly claims: JsonObject;
  readonly maker: Maker;
  /** Milliseconds since 1970, clock skew included. */
  readonly expiresAt: number;
}

/** The algorithms of public keys. None of them takes a secret, and no secret's algorithm is among them. */
const PUBLIC_KEY_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];
const SECRET_FAMILY = /^HS/;

export interface VerifyParts {
  readonly settings: JwtSettings;
  /** Absent where there is no JWKS. */
  readonly keySet: KeySet | undefined;
  readonly clock: Clock;
}

/**
 * What a token says, once it is known to be good. Rejects with `invalid-key`, and the one sentence of why it is not; with `overloaded` while
 * the issuer's keys are not to be had.
 *
 * Which key it is held against depends on the kind of algorithm it names, and on nothing else it says: a secret is never a public key, nor a
 * public key a secret, because each is offered with its own algorithms only. What else a token says is read once its signature is good.
 */
export async function verifyToken(token: string, { settings, keySet, clock }: VerifyParts): Promise<Verified> {
  const { algorithm, secret } = settings;
  const named = headerOf(token)?.["alg"];
  const alg = typeof named === "string" ? named : "none";
  const bySecret = SECRET_FAMILY.test(alg);
  const key = bySecret ? secret && new TextEncoder().encode(secret) : keySet?.find;
  const algorithms = bySecret ? [algorithm] : PUBLIC_KEY_ALGORITHMS;
  if (!key || !algorithms.includes(alg)) throw notAccepted(alg, settings);
  try {
    const skew = settings.clock_skew / 1000;
    const claims = await checked(token, key, { algorithms, clockTolerance: skew, currentDate: new Date(clock.now()), requiredClaims: ["exp"] });
    if (saysTwice(token)) throw new errors.JWTInvalid("a name is given twice");
    return { claims, maker: makerOf(claims, bySecret, settings), expiresAt: Number(claims["exp"]) * 1000 + settings.clock_skew };
  } catch (error) {
    throw refusalOf(error, bySecret, settings);
  }
}

/**
 * Who made a token whose signature is good. Beside a JWKS the secret is for our own tokens alone: whoever may sign for us may not sign for the
 * identity provider. Throws `invalid-key` for another issuer's, and for one that is not for us.
 */
function makerOf(claims: JsonObject, bySecret: boolean, { jwks_url, issuer, audience }: JwtSettings): Maker {
  const { iss, aud } = claims;
  if (bySecret && iss === OUR_TOKENS) return "us";
  const ownWanted = bySecret && jwks_url !== undefined;
  const nameless = bySecret && iss === undefined && (ownWanted || issuer === undefined);
  const wanted = ownWanted ? OUR_TOKENS : issuer;
  if (!nameless && (typeof iss !== "string" || (wanted !== undefined && iss !== wanted))) throw otherIssuer(iss, wanted);
  if (audience !== undefined && ![aud].flat().includes(audience)) throw otherAudience(aud, audience);
  return nameless ? "our-secret" : "issuer";
}

/** An issuer may list several keys that fit a token without a key id: each is tried. */
async function checked(token: string, key: Uint8Array | JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JsonObject> {
  if (typeof key !== "function") return fieldsOf(await jwtVerify(token, key, options));
  try {
    return fieldsOf(await jwtVerify(token, key, options));
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const candidate of error) {
      try {
        return fieldsOf(await jwtVerify(token, candidate, options));
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function fieldsOf({ payload }: { readonly payload: unknown }): JsonObject {
  return objectOf(payload);
}
