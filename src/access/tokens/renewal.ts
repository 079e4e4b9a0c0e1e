import type { JwtSettings } from "../../config/schema/schema.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { type JsonObject, numberOf } from "../../vocabulary/json.ts";
import { credentialOf } from "../credentials.ts";
import { bearerOf } from "./bearer.ts";
import { type IssuedToken, issueToken, sessionEnd } from "./issue.ts";
import { sessionOver } from "./refusals.ts";
import { looksLikeToken } from "./shape.ts";
import { asked, type UserBook } from "./user-book.ts";
import { verifyToken } from "./verify.ts";

/**
 * Another token for the one of ours that a request shows. Rejects with `invalid-request` where it shows none, with `invalid-key` once the session
 * that began with the login is over, or for somebody who may not ask any more: the database is asked, whatever is remembered of the token.
 */
export type Renew = (headers: Headers) => Promise<IssuedToken>;

export interface RenewalParts {
  readonly settings: () => JwtSettings;
  readonly book: Pick<UserBook, "find">;
  readonly clock: Clock;
}

export function renewal({ settings, book, clock }: RenewalParts): Renew {
  return async (headers) => {
    const current = settings();
    const claims = await ourClaims(credentialOf(headers), current, clock);
    const { id } = await asked(() => bearerOf(claims, book));
    const loggedInAt = numberOf(claims["auth_time"]) ?? numberOf(claims["iat"]) ?? 0;
    const now = clock.now();
    if (now >= sessionEnd(loggedInAt, current) * 1000) throw sessionOver(current.session);
    return issueToken({ id, loggedInAt }, current, now);
  };
}

async function ourClaims(credential: string, settings: JwtSettings, clock: Clock): Promise<JsonObject> {
  // No public keys are needed: ours are never signed with one.
  const verified = looksLikeToken(credential) ? await verifyToken(credential, { settings, keySet: undefined, clock }).catch(() => undefined) : undefined;
  if (verified?.maker === "us") return verified.claims;
  throw invalidRequest("", "Only a token of POST /auth/token is exchanged for another. Show it as `Authorization: Bearer <token>`.");
}
