import type { JwtSettings } from "../../config/schema/schema.ts";
import type { UserRow } from "../../store/users/user-row.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { stringOf } from "../../vocabulary/json.ts";
import { LOCAL } from "../users.ts";
import { bearerOf } from "./bearer.ts";
import { type CallerCache, type CallerCacheParts, createCallerCache, type Recognised } from "./caller-cache.ts";
import { type Get, type KeySet, openKeySet } from "./key-set.ts";
import { accountOf, type Newcomers, type Person, personOf, roleBy } from "./person.ts";
import { blocked } from "./refusals.ts";
import { asked, type UserBook } from "./user-book.ts";
import { type Verified, verifyToken } from "./verify.ts";

export interface TokensParts {
  readonly settings: () => JwtSettings;
  readonly book: UserBook;
  /** How an issuer is asked for its keys. */
  readonly get: Get;
  readonly clock: Clock;
  readonly bounds?: CallerCacheParts["bounds"];
}

/** Identifies callers by JSON Web Token, as `auth.jwt` says. */
export function createTokens({ settings, book, get, clock, bounds }: TokensParts): CallerCache {
  let keys: { readonly url: string; readonly set: KeySet } | undefined;
  const keySetAt = (url: string | undefined): KeySet | undefined => {
    // The keys of an issuer outlive a reload that does not concern it.
    if (url !== keys?.url) keys = url === undefined ? undefined : { url, set: openKeySet({ url, get, clock }) };
    return keys?.set;
  };
  const recognise = async (token: string): Promise<Recognised> => {
    const current = settings();
    const verified = await verifyToken(token, { settings: current, keySet: keySetAt(current.jwks_url), clock });
    const person = personIn(verified, current);
    const user = await asked(() => userOf(verified, person, book, current));
    if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
    const standing = await asked(() => book.standing(user, person.team));
    // Our own tokens say who it is, and the database what they may.
    const role = (verified.maker === "us" ? undefined : roleBy(verified.claims, current.roles)) ?? user.role;
    const caller = { keyId: `jwt:${user.id}`, keyName: "jwt", userId: user.id, role, ...standing };
    return { caller, expiresAt: verified.expiresAt };
  };
  return createCallerCache({ recognise, basis: settings, clock, bounds });
}

/** Our own tokens name users by id, whatever others do. */
function personIn({ claims, maker }: Verified, { claims: names }: JwtSettings): Person {
  return personOf(claims, stringOf(claims["iss"]) ?? LOCAL, maker === "us" ? { ...names, user: "sub", team: undefined } : names);
}

/** Whom a token means. */
async function userOf({ maker, claims }: Verified, person: Person, book: UserBook, newcomers: Newcomers): Promise<UserRow> {
  if (maker === "us") return bearerOf(claims, book);
  const byId = maker === "issuer" ? undefined : await book.find(person.subject);
  return byId ?? accountOf(person, book, newcomers);
}
