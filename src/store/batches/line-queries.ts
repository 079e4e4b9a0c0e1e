import type { Kysely, Transaction } from "kysely";
import type { BatchLine, BatchWork, Holding, LineListing, LineResult, ResultListing, TakenLine } from "../../vocabulary/batch.ts";
import { whileHeld } from "./holding-queries.ts";
import type { BatchTables } from "./tables.ts";

type Database = Kysely<BatchTables>;

export async function beginLines(database: Database, holding: Holding): Promise<void> {
  await whileHeld(database, holding, (step) => step.deleteFrom("batch_lines").where("batch", "=", holding.batch).execute());
}

/** Rows of one statement: so many have fewer parameters than a statement may. */
const AT_ONCE = 500;

export async function addLines(database: Database, { lines, ...holding }: Holding & { readonly lines: readonly BatchLine[] }): Promise<void> {
  await whileHeld(database, holding, async (step) => {
    for (let from = 0; from < lines.length; from += AT_ONCE) {
      const rows = lines.slice(from, from + AT_ONCE).map(({ number, customId, model, body }) => ({
        ...{ batch: holding.batch, number, custom_id: customId, model, body },
        ...({ state: "pending", tries: 0, request_id: null, failed: 0, result: null } as const),
      }));
      await step.insertInto("batch_lines").values(rows).execute();
    }
  });
}

export async function modelsOf(database: Database, batch: string): Promise<string[]> {
  const rows = await database.selectFrom("batch_lines").select("model").distinct().where("batch", "=", batch).where("state", "=", "pending").execute();
  return rows.map(({ model }) => model);
}

/** Takes the next line that waits: from then on it is running, whatever becomes of whoever took it. */
export async function claimLine(
  database: Database,
  { requestId, except, ...holding }: Parameters<BatchWork["claim"]>[0],
): Promise<TakenLine | "stopped" | undefined> {
  const found = await whileHeld(database, holding, async (step, status) => {
    if (status !== "in_progress") return "stopped" as const;
    let next = step
      .selectFrom("batch_lines")
      .select(["number", "custom_id", "model", "body", "tries"])
      .where("batch", "=", holding.batch)
      .where("state", "=", "pending")
      .orderBy("tries")
      .orderBy("number")
      .limit(1);
    if (except.length > 0) next = next.where("model", "not in", except);
    const row = await next.executeTakeFirst();
    if (row === undefined) return { line: undefined };
    await changeLine(step, holding.batch, row.number, { state: "running", request_id: requestId });
    return { line: { number: row.number, customId: row.custom_id, model: row.model, body: row.body, tries: row.tries } };
  });
  return found === undefined || found === "stopped" ? "stopped" : found.line;
}

export async function putBackLine(
  database: Database,
  { number, tries, ...holding }: Holding & { readonly number: number; readonly tries: number },
): Promise<void> {
  await whileHeld(database, holding, (step) => changeLine(step, holding.batch, number, { state: "pending", request_id: null, tries }));
}

/** A line that is over already stays as it was, and is counted once. */
export async function recordResults(database: Database, { results, ...holding }: Holding & { readonly results: readonly LineResult[] }): Promise<void> {
  const { batch } = holding;
  await whileHeld(database, holding, async (step) => {
    const sums = { completed: 0, failed: 0, input_tokens: 0, cached_tokens: 0, output_tokens: 0, reasoning_tokens: 0 };
    for (const { number, failed, text, tokens } of results) {
      if (!(await changeLine(step, batch, number, { state: "done", body: "", failed: failed ? 1 : 0, result: text }))) continue;
      sums[failed ? "failed" : "completed"]++;
      sums.input_tokens += tokens?.input ?? 0;
      sums.cached_tokens += tokens?.cached ?? 0;
      sums.output_tokens += tokens?.output ?? 0;
      sums.reasoning_tokens += tokens?.reasoning ?? 0;
    }
    await step
      .updateTable("batches")
      .set((column) => ({
        completed: column("completed", "+", sums.completed),
        failed: column("failed", "+", sums.failed),
        input_tokens: column("input_tokens", "+", sums.input_tokens),
        cached_tokens: column("cached_tokens", "+", sums.cached_tokens),
        output_tokens: column("output_tokens", "+", sums.output_tokens),
        reasoning_tokens: column("reasoning_tokens", "+", sums.reasoning_tokens),
      }))
      .where("id", "=", batch)
      .execute();
  });
}

export async function listLines(database: Database, { batch, state, most }: LineListing) {
  const rows = await database
    .selectFrom("batch_lines")
    .select(["number", "custom_id", "request_id"])
    .where("batch", "=", batch)
    .where("state", "=", state)
    .orderBy("number")
    .limit(most)
    .execute();
  return rows.map(({ number, custom_id, request_id }) => ({ number, customId: custom_id, requestId: request_id ?? undefined }));
}

export async function listResults(database: Database, { batch, failed, after, most }: ResultListing): Promise<Pick<LineResult, "number" | "text">[]> {
  const rows = await database
    .selectFrom("batch_lines")
    .select(["number", "result"])
    .where("batch", "=", batch)
    .where("state", "=", "done")
    .where("failed", "=", failed ? 1 : 0)
    .where("number", ">", after)
    .orderBy("number")
    .limit(most)
    .execute();
  return rows.map(({ number, result }) => ({ number, text: result ?? "" }));
}

type LineChange = Partial<{ state: "pending" | "running" | "done"; body: string; request_id: string | null; tries: number; failed: number; result: string }>;

/** False for a line that is over. */
async function changeLine(step: Transaction<BatchTables>, batch: string, number: number, change: LineChange): Promise<boolean> {
  const { numUpdatedRows } = await step
    .updateTable("batch_lines")
    .set(change)
    .where("batch", "=", batch)
    .where("number", "=", number)
    .where("state", "<>", "done")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
