import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { Owner, RequestListing } from "../../store/requests/request-queries.ts";
import type { RequestStore } from "../../store/requests/requests.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import type { CacheOutcome, Outcome } from "../../vocabulary/record.ts";
import { idIn, queryOf } from "../input.ts";
import { ownerOf } from "../owner.ts";
import { AS_OPERATORS_SEE, AS_OWNERS_SEE, type RequestView } from "./request-view.ts";

const OUTCOMES: readonly string[] = ["ok", "failed", "client-left"] satisfies Outcome[];

const CACHE_OUTCOMES: readonly string[] = ["hit", "shared", "semantic", "miss", "bypass"] satisfies CacheOutcome[];

type Requests = Pick<RequestStore, "list" | "find" | "flush">;

/** `/admin/requests`: what happened, newest first, and one request with its trace. */
export function requestRoutes(requests: Requests): Route[] {
  const allowed: Allowed = { requests, view: AS_OPERATORS_SEE };
  return [
    { method: "GET", path: "/admin/requests", admits: "operator", handle: (exchange) => list(exchange, allowed) },
    { method: "GET", path: "/admin/requests/*", admits: "operator", handle: (exchange) => show(exchange, allowed) },
  ];
}

/** `/api/me/requests`: the same of whoever asks, without what is the house's. */
export function ownRequestRoutes({ requests }: { readonly requests: Requests }): Route[] {
  const allowedTo = (exchange: Exchange): Allowed => ({ requests, view: AS_OWNERS_SEE, only: ownerOf(actor(exchange)) });
  return [
    { method: "GET", path: "/api/me/requests", admits: "read-only", handle: (exchange) => list(exchange, allowedTo(exchange)) },
    { method: "GET", path: "/api/me/requests/*", admits: "read-only", handle: (exchange) => show(exchange, allowedTo(exchange)) },
  ];
}

interface Allowed {
  readonly requests: Requests;
  readonly view: RequestView;
  /** Nobody else's. */
  readonly only?: Owner;
}

async function list(exchange: Exchange, { requests, view, only }: Allowed): Promise<Reply> {
  const listing = { ...listingIn(exchange), ...only };
  // What ended a moment ago may still be on its way to the file.
  await requests.flush();
  const page = await requests.list(listing);
  return jsonReply({ data: page.rows.map(view.row), next: page.next ?? null });
}

/** Somebody else's request is not there, in the very words of one that never was. */
async function show({ rest }: Exchange, { requests, view, only }: Allowed): Promise<Reply> {
  const id = idIn(rest);
  await requests.flush();
  const record = await requests.find(id, only);
  if (record === undefined) throw new Failure("not-found", `There is no request ${JSON.stringify(id)}.`);
  return jsonReply({ ...view.row(record), trace: view.trace(record) });
}

function listingIn(exchange: Exchange): RequestListing {
  const { text, number, time, page } = queryOf(exchange);
  const outcome = text("outcome");
  if (outcome !== undefined && !OUTCOMES.includes(outcome)) throw invalidRequest("outcome", `outcome must be one of ${OUTCOMES.join(", ")}.`);
  const cache = text("cache");
  if (cache !== undefined && !CACHE_OUTCOMES.includes(cache)) throw invalidRequest("cache", `cache must be one of ${CACHE_OUTCOMES.join(", ")}.`);
  return {
    ...page,
    model: text("model"),
    deployment: text("deployment"),
    keyId: text("key_id"),
    userId: text("user_id"),
    teamId: text("team_id"),
    source: text("source"),
    endUser: text("end_user"),
    session: text("session"),
    batch: text("batch"),
    outcome: outcome as Outcome | undefined,
    cache: cache as CacheOutcome | undefined,
    status: number("status"),
    from: time("from"),
    to: time("to"),
  };
}
