import { createPasswordLogin } from "../access/login/password-login.ts";
import { createPasswords, type Passwords } from "../access/login/passwords.ts";
import { createThrottle } from "../access/login/throttle/memory-throttle.ts";
import { type LoginScripts, SharedThrottle } from "../access/login/throttle/shared-throttle.ts";
import type { Throttle } from "../access/login/throttle/throttle.ts";
import { createOidcLogin } from "../access/oidc/oidc-login.ts";
import { openProvider } from "../access/oidc/provider.ts";
import { createSessions, type Sessions } from "../access/sessions/sessions.ts";
import type { CallerCache } from "../access/tokens/caller-cache.ts";
import { issueToken } from "../access/tokens/issue.ts";
import { renewal } from "../access/tokens/renewal.ts";
import { createTokens } from "../access/tokens/tokens.ts";
import type { UserBook } from "../access/tokens/user-book.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { AuthDesk } from "../http/auth/routes.ts";
import { argon2 } from "../store/argon2.ts";
import { sessionSecret } from "../store/session-secret.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import { fetchOver } from "../upstream/fetch-over.ts";
import { probeOver } from "../upstream/probe.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { systemTimer } from "../vocabulary/timer.ts";
import { networkFinder } from "./limits.ts";

/** Tokens and logins of users, beside keys. */
export interface Logins {
  readonly tokens: CallerCache;
  readonly sessions: Sessions;
  /** Hashes of passwords, also for those who give users one. */
  readonly passwords: Passwords;
  /** What the doors below `/auth` work on. */
  readonly desk: AuthDesk;
  /** A user or a team was changed or blocked. */
  forget(id: string): void;
  forgetAll(): void;
}

export interface LoginsParts {
  readonly settings: () => Settings;
  readonly users: UserBook;
  readonly upstream: UpstreamClient;
  readonly dataDir: string;
  /** Absent: one of our own. */
  readonly throttle?: Throttle;
  readonly clock?: Clock;
}

/** What slows down whoever guesses passwords, in memory or with the other gateways. */
export interface OpenThrottle {
  readonly throttle: Throttle;
  /** Why gateways do not count together, for the operator; `undefined` while they do, or need not. */
  trouble(): string | undefined;
  close(): void;
}

/** `shared`: Redis, where there is one. */
export function openThrottle(shared: LoginScripts | undefined): OpenThrottle {
  if (shared === undefined) return { throttle: createThrottle(systemClock), trouble: () => undefined, close: () => undefined };
  const throttle = new SharedThrottle({ redis: shared, clock: systemClock, timer: systemTimer });
  return { throttle, trouble: () => throttle.trouble(), close: () => throttle.close() };
}

/** Longest wait for one answer of an identity provider. Milliseconds. */
const PROVIDER_DEADLINE = 5000;

/** Puts tokens and logins in their places. Nothing is asked of anybody before somebody needs it. */
export function openLogins({ settings, users, upstream, dataDir, clock = systemClock, throttle = createThrottle(clock) }: LoginsParts): Logins {
  const jwt = () => settings().auth.jwt;
  const oidc = () => settings().auth.oidc;
  let kept: string | undefined;
  // Several gateways share the config, and so its secret; one alone has its folder.
  const secret = () => jwt().secret ?? (kept ??= sessionSecret(dataDir));
  const ownOrigin = () => {
    const { public_url: url } = settings().server;
    return url === undefined ? undefined : new URL(url).origin;
  };
  const tokens = createTokens({ settings: jwt, book: users, get: probeOver(upstream), clock });
  const sessions = createSessions({
    settings: () => ({ secret: secret(), origin: ownOrigin(), lifetime: oidc().session }),
    book: users,
    clock,
  });
  const passwords = createPasswords(argon2);
  const provider = openProvider({ settings: oidc, fetch: fetchOver(upstream, PROVIDER_DEADLINE), clock });
  return {
    tokens,
    sessions,
    passwords,
    desk: {
      passwords: createPasswordLogin({ settings: jwt, book: users, passwords, throttle, clock }),
      oidc: createOidcLogin({ settings: oidc, secret, provider, book: users, clock }),
      sessions,
      renew: renewal({ settings: jwt, book: users, clock }),
      issue: ({ userId }) => issueToken({ id: userId }, jwt(), clock.now()),
      address: networkFinder(settings),
      origin: ({ headers }) => ownOrigin() ?? `http://${headers.get("host") ?? "localhost"}`,
    },
    forget(id) {
      tokens.forget(id);
      sessions.forget(id);
    },
    forgetAll() {
      tokens.forgetAll();
      sessions.forgetAll();
    },
  };
}
