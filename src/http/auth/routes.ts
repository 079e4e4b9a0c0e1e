import type { PasswordLogin } from "../../access/login/password-login.ts";
import { CALLBACK, type OidcLogin } from "../../access/oidc/oidc-login.ts";
import { refuseOtherSites } from "../../access/sessions/same-origin.ts";
import type { LoggedIn, Sessions } from "../../access/sessions/sessions.ts";
import type { IssuedToken } from "../../access/tokens/issue.ts";
import type { Renew } from "../../access/tokens/renewal.ts";
import { type Exchange, type Handle, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { failureReply } from "../../gateway/visit/replies.ts";
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
  /** Another token for the one that is shown. */
  readonly renew: Renew;
  /** The client's address, behind proxies that are trusted. */
  address(exchange: Exchange): string;
  /** How this client's browser reaches us: `https://llm.example.com`. */
  origin(exchange: Exchange): string;
}

/** Tokens and logins are for whoever asked, and for no cache on the way. */
const PRIVATE = { "cache-control": "no-store" };

/** The doors below `/auth`, open to strangers; but for the one to another token, which takes one. */
export function authRoutes(desk: AuthDesk): Route[] {
  return [
    { method: "POST", path: "/auth/token", admits: "anyone", handle: (exchange) => token(exchange, desk) },
    { method: "POST", path: "/auth/token/renew", admits: "read-only", handle: async ({ headers }) => jsonReply(await desk.renew(headers), 200, PRIVATE) },
    { method: "GET", path: "/auth/oidc/login", admits: "anyone", handle: inPages((exchange) => beginLogin(exchange, desk)) },
    { method: "GET", path: CALLBACK, admits: "anyone", handle: inPages((exchange) => finishLogin(exchange, desk)) },
    { method: "POST", path: "/auth/logout", admits: "anyone", handle: (exchange) => logOut(exchange, desk) },
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
