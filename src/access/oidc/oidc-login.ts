import { randomBytes } from "node:crypto";
import type { OidcSettings } from "../../config/schema/schema.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { type Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { stringOf } from "../../vocabulary/json.ts";
import { cookieLine, cookieName, readCookie } from "../sessions/cookies.ts";
import { derivedKey } from "../sessions/derived-keys.ts";
import type { LoggedIn } from "../sessions/sessions.ts";
import { accountOf, type ClaimNames, personOf, roleBy } from "../tokens/person.ts";
import { blocked } from "../tokens/refusals.ts";
import { asked, type UserBook } from "../tokens/user-book.ts";
import { ownPath } from "./own-path.ts";
import type { IdentityProvider } from "./provider.ts";
import { LOGIN_LIFETIME, sealed, unsealed } from "./sealed-login.ts";

/** A browser on its way to the identity provider. */
export interface Departure {
  readonly url: string;
  /** The `Set-Cookie` line it comes back with. */
  readonly cookie: string;
}

/** A browser that came back. */
export interface Arrival {
  readonly who: LoggedIn;
  readonly returnTo: string;
  /** The `Set-Cookie` line that takes back what it left with. */
  readonly cookie: string;
}

/** Login with an identity provider: OpenID Connect's authorization code flow, with PKCE, state and nonce. */
export interface OidcLogin {
  /** `origin`: how the browser reaches us. Rejects with what keeps the provider from being asked. */
  begin(origin: string, returnTo: string | null): Promise<Departure>;
  /** `search`: the query it came back with. Rejects with `invalid-key` when they have no account here, and with what went wrong at the provider. */
  finish(origin: string, search: string, headers: Headers): Promise<Arrival>;
}

export interface OidcLoginParts {
  readonly settings: () => OidcSettings;
  /** What begun logins are sealed with. */
  readonly secret: () => string;
  readonly provider: IdentityProvider;
  readonly book: UserBook;
  readonly clock: Clock;
}

const COOKIE = "signalbox_login";
export const CALLBACK = "/auth/oidc/callback";

/** Where OpenID Connect itself says who it is (Core, 5.1): unlike other tokens, ID tokens are all alike. */
const CLAIMS: ClaimNames = { user: "sub", email: "email", name: "name" };

export function createOidcLogin({ settings, secret, provider, book, clock }: OidcLoginParts): OidcLogin {
  const key = () => derivedKey(secret(), "login");
  return {
    async begin(origin, returnTo) {
      const login = { state: random(), nonce: random(), verifier: random(), returnTo: ownPath(returnTo) };
      const url = await provider.authorizationUrl({ ...login, redirectUri: origin + CALLBACK });
      return { url, cookie: cookieLine(COOKIE, await sealed(login, key(), clock), { secure: isSecure(origin), maxAge: LOGIN_LIFETIME }) };
    },
    async finish(origin, search, headers) {
      const secure = isSecure(origin);
      const cookie = readCookie(headers, cookieName(COOKIE, secure));
      const login = cookie === undefined ? undefined : await unsealed(cookie, key(), clock);
      if (login === undefined || new URLSearchParams(search).get("state") !== login.state) throw notBegun();
      const claims = await provider.claims(new URL(`${origin}${CALLBACK}?${search}`), login);
      const current = settings();
      const person = personOf(claims, stringOf(claims["iss"]) ?? "", CLAIMS);
      const user = await asked(() => accountOf(person, book, current));
      if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
      const who = { userId: user.id, role: roleBy(claims, current.roles) };
      return { who, returnTo: login.returnTo, cookie: cookieLine(COOKIE, "", { secure, maxAge: 0 }) };
    },
  };
}

/** 256 bits, in the letters that PKCE allows. */
function random(): string {
  return randomBytes(32).toString("base64url");
}

function isSecure(origin: string): boolean {
  return origin.startsWith("https:");
}

function notBegun(): Failure {
  return invalidRequest("state", "This login was not begun in this browser, was begun again in another tab, or took longer than ten minutes. Log in again.");
}
