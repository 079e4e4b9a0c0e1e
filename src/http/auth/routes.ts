import type { PasswordLogin } from "../../access/login/password-login.ts";
import { CALLBACK, type OidcLogin } from "../../access/oidc/oidc-login.ts";
import { refuseOtherSites } from "../../access/sessions/same-origin.ts";
import type { LoggedIn, Sessions } from "../../access/sessions/sessions.ts";
import type { IssuedToken } from "../../access/tokens/issue.ts";
import { type Exchange, type Handle, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { failureReply } from "../../gateway/visit/replies.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { asFailure } from "../../vocabulary/failure.ts";
import { readLogin } from "./login-body.ts";
import { pageFace } from "./page.ts";

/** What logging in and out works on. */
export interface AuthDesk {
  readonly passwords: PasswordLogin;
  readonly oidc: OidcLogin;
  readonly sessions: Pick<Sessions, "begin" | "end">;
  /** A token for somebody who has logged in. Rejects with `not-found` where none are made. */
  issue(who: LoggedIn): Promise<IssuedToken>;
  /** Who asks, by key, token or a browser's login. Throws or rejects with `invalid-key`, and with `permission-denied` for other sites' pages. */
  identify(exchange: Exchange): Caller | Promise<Caller>;
  /** What we know of them besides. */
  about(caller: Caller): Promise<{ readonly email?: string; readonly name?: string }>;
  /** The client's address, behind proxies that are trusted. */
  address(exchange: Exchange): string;
  /** How this client's browser reaches us: `https://llm.example.com`. */
  origin(exchange: Exchange): string;
}

/** Tokens and logins are for whoever asked, and for no cache on the way. */
const PRIVATE = { "cache-control": "no-store" };

/** Everything below `/auth`: the doors, each open to strangers but `/auth/me`. */
export function authRoutes(desk: AuthDesk): Route[] {
  return [
    { method: "POST", path: "/auth/token", handle: (exchange) => token(exchange, desk) },
    { method: "GET", path: "/auth/oidc/login", handle: inPages((exchange) => beginLogin(exchange, desk)) },
    { method: "GET", path: CALLBACK, handle: inPages((exchange) => finishLogin(exchange, desk)) },
    { method: "POST", path: "/auth/logout", handle: (exchange) => logOut(exchange, desk) },
    { method: "GET", path: "/auth/me", handle: (exchange) => me(exchange, desk) },
  ];
}

async function token(exchange: Exchange, desk: AuthDesk): Promise<Reply> {
  const login = readLogin(await exchange.body(), exchange.headers.get("content-type"));
  return jsonReply(await desk.passwords.login({ ...login, address: desk.address(exchange) }), 200, PRIVATE);
}

async function beginLogin(exchange: Exchange, { oidc, origin }: AuthDesk): Promise<Reply> {
  const { url, cookie } = await oidc.begin(origin(exchange), new URLSearchParams(exchange.search).get("return_to"));
  return redirect(url, [cookie]);
}

/** A browser is logged in and sent on; a program that says it wants JSON gets a token instead. */
async function finishLogin(exchange: Exchange, { oidc, sessions, issue, origin }: AuthDesk): Promise<Reply> {
  const { who, returnTo, cookie } = await oidc.finish(origin(exchange), exchange.search, exchange.headers);
  if (wantsJson(exchange)) return { ...jsonReply(await issue(who), 200, PRIVATE), cookies: [cookie] };
  return redirect(returnTo, [cookie, await sessions.begin(who)]);
}

function logOut(exchange: Exchange, { sessions, origin }: AuthDesk): Reply {
  refuseOtherSites(exchange.headers, origin(exchange));
  return { status: 204, headers: PRIVATE, body: "", cookies: [sessions.end()] };
}

async function me(exchange: Exchange, desk: AuthDesk): Promise<Reply> {
  const caller = await desk.identify(exchange);
  exchange.visit.caller = caller;
  const { email, name } = await desk.about(caller);
  const { userId, teamId, role, source, keyId, keyName } = caller;
  const key = { id: keyId, name: keyName, source: source ?? null };
  return jsonReply({ user_id: userId ?? null, email: email ?? null, name: name ?? null, role, team_id: teamId ?? null, key }, 200, PRIVATE);
}

/** 303: whatever was asked, the next place is fetched with GET. */
function redirect(location: string, cookies: readonly string[]): Reply {
  return { status: 303, headers: { ...PRIVATE, location }, body: "", cookies };
}

function wantsJson({ headers }: Exchange): boolean {
  return headers.get("accept")?.includes("application/json") === true && !wantsPage(headers);
}

function wantsPage(headers: Headers): boolean {
  return headers.get("accept")?.includes("text/html") === true;
}

/** Failures of a browser's page are told on a page. */
function inPages(handle: Handle): Handle {
  return async (exchange) => {
    try {
      return await handle(exchange);
    } catch (thrown) {
      if (!wantsPage(exchange.headers)) throw thrown;
      return failureReply(asFailure(thrown), pageFace, exchange.visit);
    }
  };
}
