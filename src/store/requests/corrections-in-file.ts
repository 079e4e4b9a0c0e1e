import type { Database } from "bun:sqlite";
import { kyselyOverSqlite } from "../database/sqlite/kysely-over-sqlite.ts";
import { correctRows } from "./corrections.ts";
import type { RequestTables } from "./request-queries.ts";
import type { RowSink } from "./row-sink.ts";

/** Corrections over a file that others write to as well; `close` closes it. */
export function correctionsIn(database: Database): Pick<RowSink, "correct"> & { close(): void } {
  const { kysely, close } = kyselyOverSqlite<RequestTables>(database);
  return {
    correct: (corrections) => correctRows(kysely, corrections, (step) => step.selectFrom("usage_closed").select("day").executeTakeFirstOrThrow()),
    close,
  };
}
