import type { Generated, Kysely } from "kysely";
import { Failure } from "../../vocabulary/failure.ts";
import type { CacheOutcome, Outcome, RequestRecord } from "../../vocabulary/record.ts";
import { asText } from "../ledger/money-tables.ts";
import type { UsageDayRow, UsageHourRow } from "../usage/usage-sums.ts";
import { MONEY_COLUMNS, REQUEST_COLUMNS, type RequestTableRow, recordOf, summaryOf } from "./request-row.ts";

export interface RequestTables {
  readonly requests: Omit<RequestTableRow, "n"> & { readonly n: Generated<number> };
  readonly usage_hours: UsageHourRow;
  readonly usage_days: UsageDayRow;
  /** One row: the days before this one are in `usage_days`. */
  readonly usage_closed: { readonly day: bigint };
}

/** Only rows that match all that is given. Times are milliseconds since 1970; `to` is exclusive. */
export interface RequestFilters {
  readonly model?: string;
  readonly deployment?: string;
  readonly keyId?: string;
  readonly userId?: string;
  readonly teamId?: string;
  readonly source?: string;
  readonly endUser?: string;
  readonly session?: string;
  readonly batch?: string;
  readonly outcome?: Outcome;
  readonly cache?: CacheOutcome;
  readonly status?: number;
  readonly from?: number;
  readonly to?: number;
}

/** Whose rows: a user's or a key's. */
export type Owner = { readonly userId: string } | { readonly keyId: string };

export interface RequestListing extends RequestFilters {
  /** The `next` of the page before. */
  readonly before?: string;
  /** Rows wanted, 1 to 1000. */
  readonly limit: number;
}

/** A row in a list: everything but the trace. */
export type RequestSummary = Omit<RequestRecord, "trace">;

export interface RequestPage {
  readonly rows: readonly RequestSummary[];
  /** Where the next page starts; absent on the last. */
  readonly next?: string;
}

const MONEY: readonly string[] = MONEY_COLUMNS;
const SUMMARY = [
  "n" as const,
  ...REQUEST_COLUMNS.filter((column) => column !== "trace" && !MONEY.includes(column)),
  ...MONEY_COLUMNS.map((column) => asText(column).as(column)),
] as const;

export interface RequestSearch {
  readonly id: string;
  /** Absent: whosesoever it is. */
  readonly of?: Owner;
}

/** The request of this id, trace included. */
export async function findRequest(database: Kysely<RequestTables>, { id, of }: RequestSearch): Promise<RequestRecord | undefined> {
  let query = database
    .selectFrom("requests")
    .select([...SUMMARY, "trace"])
    .where("id", "=", id)
    .orderBy("n", "desc")
    .limit(1);
  if (of !== undefined) query = "userId" in of ? query.where("user_id", "=", of.userId) : query.where("key_id", "=", of.keyId);
  const row = await query.executeTakeFirst();
  return row && recordOf(row);
}

/** Newest first, by when they started. Pages by key, so the thousandth costs what the first does. Throws `invalid-request` for a cursor that is none of ours. */
export async function listRequests(database: Kysely<RequestTables>, listing: RequestListing): Promise<RequestPage> {
  const limit = Math.min(Math.max(Math.trunc(listing.limit) || 1, 1), 1000);
  let query = database
    .selectFrom("requests")
    .select(SUMMARY)
    .orderBy("started_at", "desc")
    .orderBy("n", "desc")
    .limit(limit + 1);
  if (listing.before !== undefined) {
    const [startedAt, number] = cursorOf(listing.before);
    query = query.where("started_at", "<=", startedAt).where((either) => either.or([either("started_at", "<", startedAt), either("n", "<", number)]));
  }
  if (listing.model !== undefined) query = query.where("model", "=", listing.model);
  if (listing.deployment !== undefined) query = query.where("deployment", "=", listing.deployment);
  if (listing.keyId !== undefined) query = query.where("key_id", "=", listing.keyId);
  if (listing.userId !== undefined) query = query.where("user_id", "=", listing.userId);
  if (listing.teamId !== undefined) query = query.where("team_id", "=", listing.teamId);
  if (listing.source !== undefined) query = query.where("source", "=", listing.source);
  if (listing.endUser !== undefined) query = query.where("end_user", "=", listing.endUser);
  if (listing.session !== undefined) query = query.where("session", "=", listing.session);
  if (listing.batch !== undefined) query = query.where("batch", "=", listing.batch);
  if (listing.outcome !== undefined) query = query.where("outcome", "=", listing.outcome);
  if (listing.cache !== undefined) query = query.where("cache", "=", listing.cache);
  if (listing.status !== undefined) query = query.where("status", "=", listing.status);
  if (listing.from !== undefined) query = query.where("started_at", ">=", listing.from);
  if (listing.to !== undefined) query = query.where("started_at", "<", listing.to);
  const found = await query.execute();
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows: rows.map(summaryOf), next: found.length > limit && last ? `${last.started_at}-${last.n}` : undefined };
}

/** Checks a cursor before it travels: a worker's errors carry no kind. */
export function cursorOf(cursor: string): [startedAt: number, n: number] {
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(cursor);
  if (!match)
    throw new Failure("invalid-request", "The cursor is not one of ours. Take it from `next` of the page before, or leave it out.", { param: "cursor" });
  return [Number(match[1]), Number(match[2])];
}
