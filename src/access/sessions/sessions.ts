import { jwtVerify, SignJWT } from "jose";
import { type Caller, ROLES, type Role } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { type CallerCache, createCallerCache } from "../tokens/caller-cache.ts";
import { blocked } from "../tokens/refusals.ts";
import { asked, type UserBook } from "../tokens/user-book.ts";
import { cookieLine, cookieName, readCookie } from "./cookies.ts";
import { derivedKey } from "./derived-keys.ts";
import { refuseOtherSites } from "./same-origin.ts";

/** Who is logged in. */
export interface LoggedIn {
  readonly userId: string;
  /** As the identity provider's claims had it at login; absent: the database's. */
  readonly role?: Role;
}

/** Logins of browsers, each a signed cookie: no gateway keeps them. */
export interface Sessions extends Pick<CallerCache, "forget" | "forgetAll"> {
  /** The `Set-Cookie` line that logs a browser in. */
  begin(who: LoggedIn): Promise<string>;
  /** The one that logs it out. */
  end(): string;
  /**
   * Who asks with a cookie of ours; `undefined` without one. Throws `permission-denied` for a request that another site's page made, throws or
   * rejects with `invalid-key` for a login that has ended.
   */
  caller(headers: Headers): Caller | Promise<Caller> | undefined;
}

export interface SessionSettings {
  /** What cookies are signed with; another one ends all logins. */
  readonly secret: string;
  /** How browsers reach us, if that is known: `https://llm.example.com`. */
  readonly origin: string | undefined;
  /** How long a login lasts. Milliseconds. */
  readonly lifetime: number;
}

export interface SessionsParts {
  readonly settings: () => SessionSettings;
  readonly book: Pick<UserBook, "find" | "standing">;
  readonly clock: Clock;
}

const NAME = "signalbox_session";
const ALGORITHM = "HS256";

export function createSessions({ settings, book, clock }: SessionsParts): Sessions {
  const key = () => derivedKey(settings().secret, "session");
  const isSecure = () => settings().origin?.startsWith("https:") === true;
  const cache = createCallerCache({
    basis: () => settings().secret,
    clock,
    async recognise(token) {
      const { userId, role, expiresAt } = await read(token, key(), clock);
      const user = await asked(() => book.find(userId));
      if (user === undefined) throw ended();
      if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
      const standing = await asked(() => book.standing(user, undefined));
      const caller = { keyId: `session:${user.id}`, keyName: "session", userId: user.id, role: role ?? user.role, ...standing };
      return { caller, expiresAt };
    },
  });
  return {
    async begin({ userId, role }) {
      const now = Math.floor(clock.now() / 1000);
      const maxAge = Math.ceil(settings().lifetime / 1000);
      const token = await new SignJWT({ role })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(userId)
        .setExpirationTime(now + maxAge)
        .sign(key());
      return cookieLine(NAME, token, { secure: isSecure(), maxAge });
    },
    end: () => cookieLine(NAME, "", { secure: isSecure(), maxAge: 0 }),
    caller(headers) {
      const token = readCookie(headers, cookieName(NAME, isSecure()));
      if (token === undefined || token === "") return undefined;
      refuseOtherSites(headers, settings().origin);
      return cache.caller(token);
    },
    forget: cache.forget,
    forgetAll: cache.forgetAll,
  };
}

async function read(token: string, key: Uint8Array, clock: Clock): Promise<LoggedIn & { readonly expiresAt: number }> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM], currentDate: new Date(clock.now()), requiredClaims: ["sub", "exp"] });
    return { userId: payload.sub ?? "", role: ROLES.find((role) => role === payload["role"]), expiresAt: (payload.exp ?? 0) * 1000 };
  } catch {
    throw ended();
  }
}

function ended(): Failure {
  return new Failure("invalid-key", "This login has ended. Log in again.");
}
