import type { Kysely } from "kysely";
import { type Batch, type BatchListing, UNFINISHED } from "../../vocabulary/batch.ts";
import { beyond, type Listing, type Page, pageOf, rowsWanted } from "../pages.ts";
import { batchOf, rowOf } from "./batch-row.ts";
import type { BatchTables } from "./tables.ts";

type Database = Kysely<BatchTables>;

export async function insertBatch(database: Database, batch: Batch): Promise<void> {
  await database.insertInto("batches").values(rowOf(batch)).execute();
}

export async function findBatch(database: Database, { id, owner }: { readonly id: string; readonly owner: string }): Promise<Batch | undefined> {
  const row = await database.selectFrom("batches").selectAll().where("id", "=", id).where("owner", "=", owner).executeTakeFirst();
  return row && batchOf(row);
}

/** One more than wanted, where there are more; newest first. */
export async function listBatches(database: Database, { owner, limit, after }: BatchListing): Promise<Batch[]> {
  let query = database
    .selectFrom("batches")
    .selectAll()
    .where("owner", "=", owner)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit + 1);
  if (after !== undefined) {
    const last = await database.selectFrom("batches").select("created_at").where("id", "=", after).where("owner", "=", owner).executeTakeFirst();
    if (last === undefined) return [];
    query = query.where((either) =>
      either.or([either("created_at", "<", last.created_at), either.and([either("created_at", "=", last.created_at), either("id", "<", after)])]),
    );
  }
  return (await query.execute()).map(batchOf);
}

/** Which batches operators want, newest first. */
export interface AnyonesListing extends Listing {
  readonly owner?: string;
  readonly status?: string;
}

/** Everybody's, newest first. */
export async function listAnyones(database: Database, { before, limit, owner, status }: AnyonesListing): Promise<Page<Batch>> {
  const wanted = rowsWanted(limit);
  let query = database
    .selectFrom("batches")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(wanted + 1);
  if (before !== undefined) query = query.where(beyond(before));
  if (owner !== undefined) query = query.where("owner", "=", owner);
  if (status !== undefined) query = query.where("status", "=", status);
  return pageOf((await query.execute()).map(batchOf), wanted);
}

/** As it is then; one whose files are being written, or that is over, stays as it was. */
export async function cancelBatch(
  database: Database,
  { id, owner, at }: { readonly id: string; readonly owner: string; readonly at: number },
): Promise<Batch | undefined> {
  await database
    .updateTable("batches")
    .set({ status: "cancelling", cancelling_at: at })
    .where("id", "=", id)
    .where("owner", "=", owner)
    .where("status", "in", ["validating", "in_progress"])
    .execute();
  return findBatch(database, { id, owner });
}

/** Removes batches that are over and whose time is. */
export async function removeExpiredBatches(database: Database, now: number): Promise<void> {
  await database.deleteFrom("batches").where("kept_until", "<=", now).where("status", "not in", UNFINISHED).execute();
}
