import type { Kysely, Transaction } from "kysely";
import { type Batch, type BatchFault, type BatchStatus, type Conclusion, type Holding, type Taking, UNFINISHED } from "../../vocabulary/batch.ts";
import { batchOf } from "./batch-row.ts";
import type { BatchTables } from "./tables.ts";

type Database = Kysely<BatchTables>;

export async function anyLeft(database: Database): Promise<boolean> {
  return (await database.selectFrom("batches").select("id").where("status", "in", UNFINISHED).limit(1).executeTakeFirst()) !== undefined;
}

/** Takes batches that nobody holds, or not any more, the oldest first. Of two who come together one has each. */
export async function takeBatches(database: Database, { holder, endedBefore, until, most, except }: Taking): Promise<Batch[]> {
  let wanted = database
    .selectFrom("batches")
    .select("id")
    .where("status", "in", UNFINISHED)
    .where((either) => either.or([either("holder", "is", null), either("held_until", "<", endedBefore)]))
    .orderBy("created_at")
    .limit(most);
  if (except.length > 0) wanted = wanted.where("id", "not in", except);
  const free = await wanted.execute();
  const taken: Batch[] = [];
  for (const { id } of free) {
    const row = await database
      .updateTable("batches")
      .set({ holder, held_until: until })
      .where("id", "=", id)
      .where((either) => either.or([either("holder", "is", null), either("held_until", "<", endedBefore)]))
      .returningAll()
      .executeTakeFirst();
    if (row !== undefined) taken.push(batchOf(row));
  }
  return taken;
}

export async function renewHeld(
  database: Database,
  { holder, until }: { readonly holder: string; readonly until: number },
): Promise<Pick<Batch, "id" | "status">[]> {
  const rows = await database.updateTable("batches").set({ held_until: until }).where("holder", "=", holder).returning(["id", "status"]).execute();
  return rows.map(({ id, status }) => ({ id, status: status as BatchStatus }));
}

export async function releaseHeld(database: Database, holder: string): Promise<void> {
  await database.updateTable("batches").set({ holder: null }).where("holder", "=", holder).execute();
}

/** Does the work while the batch is held, and nobody can take it meanwhile; else `undefined`. */
export async function whileHeld<Result>(
  database: Database,
  { batch, holder }: Holding,
  work: (step: Transaction<BatchTables>, status: BatchStatus) => Promise<Result>,
): Promise<Result | undefined> {
  return database.transaction().execute(async (step) => {
    // Writing to its row keeps others out until this is done, in either database.
    const row = await step.updateTable("batches").set({ holder }).where("id", "=", batch).where("holder", "=", holder).returning("status").executeTakeFirst();
    return row && work(step, row.status as BatchStatus);
  });
}

/** Its file is good. One that was cancelled meanwhile stays so. */
export async function acceptBatch(
  database: Database,
  { total, at, model, ...holding }: Holding & { readonly total: number; readonly at: number; readonly model?: string },
): Promise<Batch | undefined> {
  return whileHeld(database, holding, async (step, status) => {
    const begun = status === "validating" ? { status: "in_progress", in_progress_at: at } : {};
    const row = await step
      .updateTable("batches")
      .set({ total, model: model ?? null, ...begun })
      .where("id", "=", holding.batch)
      .returningAll()
      .executeTakeFirst();
    return row && batchOf(row);
  });
}

export async function refuseBatch(
  database: Database,
  { faults, at, ...holding }: Holding & { readonly faults: readonly BatchFault[]; readonly at: number },
): Promise<void> {
  await whileHeld(database, holding, async (step) => {
    await step.deleteFrom("batch_lines").where("batch", "=", holding.batch).execute();
    const over = { status: "failed", failed_at: at, faults: JSON.stringify(faults), holder: null };
    await step.updateTable("batches").set(over).where("id", "=", holding.batch).execute();
  });
}

export async function finalizeBatch(database: Database, { at, ...holding }: Holding & { readonly at: number }): Promise<Batch | undefined> {
  return whileHeld(database, holding, async (step, status) => {
    if (status === "in_progress") await step.updateTable("batches").set({ status: "finalizing", finalizing_at: at }).where("id", "=", holding.batch).execute();
    const row = await step.selectFrom("batches").selectAll().where("id", "=", holding.batch).executeTakeFirst();
    return row && batchOf(row);
  });
}

const ENDED = { completed: "completed_at", expired: "expired_at", cancelled: "cancelled_at" } as const;

/** Its lines go: they stand in its files. */
export async function concludeBatch(database: Database, { status, at, outputFile, errorFile, ...holding }: Conclusion): Promise<boolean> {
  const done = await whileHeld(database, holding, async (step) => {
    await step.deleteFrom("batch_lines").where("batch", "=", holding.batch).execute();
    const over = { status, [ENDED[status]]: at, output_file: outputFile ?? null, error_file: errorFile ?? null, holder: null };
    await step.updateTable("batches").set(over).where("id", "=", holding.batch).execute();
    return true;
  });
  return done === true;
}
