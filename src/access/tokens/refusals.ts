import { errors } from "jose";
import type { JwtSettings } from "../../config/schema/schema.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { numberOf } from "../../vocabulary/json.ts";

/** Why a token is not good, in one sentence each. None repeats the token, nor anything of it whose signature was not good. */

export function notAccepted(alg: string, { secret, algorithm, jwks_url }: JwtSettings): Failure {
  if (secret === undefined && jwks_url === undefined)
    return refused(
      "This is a JSON Web Token, and none are accepted here. Whoever runs this Signalbox sets auth.jwt.secret or auth.jwt.jwks_url, or gives you a key.",
    );
  if (alg === "none" || alg === "None" || alg === "NONE") return refused("This token is not signed (its alg is none), and so anybody could have made it.");
  const accepted = [...(secret === undefined ? [] : [algorithm]), ...(jwks_url === undefined ? [] : ["the algorithms of public keys (RS, PS, ES, EdDSA)"])];
  return refused(`This token is signed with ${shown(alg)}, and here only ${accepted.join(" and ")} count.`);
}

export function otherIssuer(issuer: unknown, wanted: string | undefined): Failure {
  const from = typeof issuer === "string" ? `is from ${shown(issuer)}` : "does not say who made it (iss)";
  return refused(`This token ${from}, and ${wanted === undefined ? "here every token must" : `here only those of ${wanted} count`}.`);
}

export function otherAudience(audience: unknown, wanted: string): Failure {
  const meant = audience === undefined ? "does not say for whom it is (aud)" : `is for ${shown([audience].flat().join(", "))}`;
  return refused(`This token ${meant}, and here only those for ${wanted} count.`);
}

export function nameless(claim: string): Failure {
  return refused(`This token does not say who it is for: it has no ${claim}.`);
}

export function unknownUser(subject: string, issuer: string): Failure {
  return refused(
    `This token is good, but its user, ${shown(subject)} of ${shown(issuer)}, has no account here. Whoever runs this Signalbox makes one, or sets create_users.`,
  );
}

export function blocked(at: number): Failure {
  return refused(`Your account here was blocked on ${dayOf(at)}. Ask whoever runs this Signalbox.`);
}

export function otherPassword(): Failure {
  return refused("This token is from before your password was changed. Log in with the new one.");
}

/** Another cannot be had for this token, at so many milliseconds since its login. */
export function sessionOver(longest: number): Failure {
  return refused(`Since your login more than ${longest / 3_600_000} h have passed: so long a session lasts here. Log in again.`);
}

/** What went wrong in checking a token, as its bearer is told. `bySecret`: held against the shared secret, not against public keys. */
export function refusalOf(error: unknown, bySecret: boolean, { issuer }: JwtSettings): Failure {
  if (error instanceof Failure) return error;
  const fact = { cause: error };
  if (error instanceof errors.JWTExpired) return refused(`This token expired on ${timeOf(error.payload.exp)}. Get a new one.`, fact);
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "nbf" && error.reason === "check_failed")
      return refused(`This token is not valid before ${timeOf(error.payload.nbf)}. Wait, or check both clocks.`, fact);
    if (error.claim === "exp" && error.reason === "missing") return refused("This token never ends: it has no exp. Get one that does.", fact);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return refused(
      `The signature of this token is not good: it was made with another ${bySecret ? "secret than auth.jwt.secret here" : `key than those of ${issuer}`}, or it was changed.`,
      fact,
    );
  if (error instanceof errors.JWKSNoMatchingKey) return refused(`This token is signed with a key that ${issuer} does not list. Get a new one.`, fact);
  return refused("This is no sound JSON Web Token: a part of it is not what it must be, or is given twice.", fact);
}

function refused(message: string, facts?: { readonly cause: unknown }): Failure {
  return new Failure("invalid-key", message, facts);
}

/** What a token says, short and without what a terminal would obey. */
function shown(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, "?");
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain;
}

function timeOf(seconds: unknown): string {
  return dayOf((numberOf(seconds) ?? 0) * 1000);
}

function dayOf(time: number): string {
  // Beyond what a date can be there are tokens too.
  const date = new Date(Math.min(Math.max(time, 0), 8.64e15));
  return date.toISOString().slice(0, 16).replace("T", " ").concat(" UTC");
}
