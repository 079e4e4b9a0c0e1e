import type { Kysely } from "kysely";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { LedgerTables } from "../ledger-tables.ts";
import { type Listing, type Page, rowsWanted } from "../pages.ts";
import { type AuditRow, auditColumns, auditOf } from "./audit-row.ts";

/** Only what matches all that is given. Times are milliseconds since 1970; `to` is exclusive. */
export interface AuditListing extends Listing {
  /** A key's id or a user's. */
  readonly actor?: string;
  readonly action?: string;
  /** The id of what it was done to. */
  readonly target?: string;
  readonly from?: number;
  readonly to?: number;
}

export async function appendAudit(database: Kysely<LedgerTables>, row: AuditRow): Promise<void> {
  await database.insertInto("audit").values(auditColumns(row)).execute();
}

/** The last that was done first. */
export async function listAudit(database: Kysely<LedgerTables>, listing: AuditListing): Promise<Page<AuditRow>> {
  const wanted = rowsWanted(listing.limit);
  const { before, actor, action, target, from, to } = listing;
  let query = database
    .selectFrom("audit")
    .selectAll()
    .orderBy("n", "desc")
    .limit(wanted + 1);
  if (before !== undefined) query = query.where("n", "<", auditCursor(before));
  if (actor !== undefined) query = query.where((either) => either.or([either("actor_key", "=", actor), either("actor_user", "=", actor)]));
  if (action !== undefined) query = query.where("action", "=", action);
  if (target !== undefined) query = query.where("target_id", "=", target);
  if (from !== undefined) query = query.where("at", ">=", from);
  if (to !== undefined) query = query.where("at", "<", to);
  const found = await query.execute();
  const rows = found.slice(0, wanted);
  return { rows: rows.map(auditOf), next: found.length > wanted ? String(rows.at(-1)?.n) : undefined };
}

/** Checks a cursor before it travels: a worker's errors carry no kind. Throws `invalid-request`. */
export function auditCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw invalidRequest("cursor", "The cursor is not one of ours. Take it from `next` of the page before, or leave it out.");
  return Number(cursor);
}
