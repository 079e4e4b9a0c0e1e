import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { RequestStore } from "../../store/requests/requests.ts";
import { hourAfter, hourBefore } from "../../store/usage/usage-parts.ts";
import type { UsageDimension, UsageFilters } from "../../store/usage/usage-queries.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { isoTime, queryOf } from "../input.ts";
import { ownerOf } from "../owner.ts";
import { shownUsage, usageCsv } from "./usage-view.ts";

/** What usage may be told apart by, as it is asked for. */
const DIMENSIONS: Readonly<Record<string, UsageDimension>> = {
  model: "model",
  deployment: "deployment",
  key: "key_id",
  user: "user_id",
  team: "team_id",
  source: "source",
  operation: "operation",
  outcome: "outcome",
  hour: "hour",
  day: "day",
};
const FILTERS = ["model", "deployment", "key_id", "user_id", "team_id", "source", "operation", "outcome"] as const;
const MOST_DIMENSIONS = 2;
const USUAL = 1_000;
/** Rows in one answer. */
const MOST = 100_000;

type Requests = Pick<RequestStore, "usage" | "flush">;

/** `GET /admin/usage`: what was used, by any two things it can be told apart by. */
export function usageRoutes(requests: Requests): Route[] {
  return [{ method: "GET", path: "/admin/usage", admits: "operator", handle: (exchange) => usage(exchange, { requests, cost: true }) }];
}

/** `GET /api/me/usage`: the same of whoever asks: of their user, or else of the key they ask with. What it cost the house is the house's. */
export function ownUsageRoutes(parts: { readonly requests: Requests }): Route[] {
  return [{ method: "GET", path: "/api/me/usage", admits: "read-only", handle: (exchange) => ownUsage(exchange, parts.requests) }];
}

function ownUsage(exchange: Exchange, requests: Requests): Promise<Reply> {
  const owner = ownerOf(actor(exchange));
  return usage(exchange, { requests, cost: false, only: "userId" in owner ? { user_id: owner.userId } : { key_id: owner.keyId } });
}

interface Allowed {
  readonly requests: Requests;
  /** Is what it cost shown? */
  readonly cost: boolean;
  /** Nothing but what matches this. */
  readonly only?: UsageFilters["matching"];
}

async function usage(exchange: Exchange, { requests, cost, only }: Allowed): Promise<Reply> {
  const { text, number, time } = queryOf(exchange);
  const view = { by: dimensionsIn(text("group_by") ?? "model"), cost };
  const csv = wantsCsv(text("format"), exchange.headers.get("accept"));
  const limit = Math.min(Math.max(number("limit") ?? (csv ? MOST : USUAL), 1), MOST);
  const offset = number("cursor") ?? 0;
  const [from, to] = [time("from"), time("to")];
  const matching = { ...Object.fromEntries(FILTERS.map((name) => [name, text(name)])), ...only };
  // What ended a moment ago may still be on its way to the sums.
  await requests.flush();
  const found = await requests.usage({ by: view.by, matching, from, to, offset, limit: limit + 1 });
  const rows = found.slice(0, limit);
  const next = found.length > limit ? String(offset + limit) : null;
  if (!csv) {
    const span = { from: isoTime(from && hourBefore(from)), to: isoTime(to && hourAfter(to)) };
    return jsonReply({ data: rows.map((row) => shownUsage(row, view)), next, ...span });
  }
  if (next !== null) throw new Failure("invalid-request", `There are more than ${limit} rows. Ask for a shorter time, or tell apart by less.`);
  const headers = { "content-type": "text/csv; charset=utf-8; header=present", "content-disposition": 'attachment; filename="usage.csv"' };
  return { status: 200, headers, body: usageCsv(rows, view) };
}

function dimensionsIn(list: string): UsageDimension[] {
  const names = [...new Set(list.split(",").map((name) => name.trim()))];
  const found = names.map((name) => (Object.hasOwn(DIMENSIONS, name) ? DIMENSIONS[name] : undefined)).filter((each) => each !== undefined);
  if (found.length < names.length || found.length > MOST_DIMENSIONS)
    throw invalidRequest("group_by", `group_by must be one or two of ${Object.keys(DIMENSIONS).join(", ")}, with a comma between them.`);
  return found;
}

function wantsCsv(format: string | undefined, accept: string | null): boolean {
  if (format !== undefined && format !== "csv" && format !== "json") throw invalidRequest("format", "format must be csv or json.");
  return format === undefined ? /\btext\/csv\b/.test(accept ?? "") : format === "csv";
}
