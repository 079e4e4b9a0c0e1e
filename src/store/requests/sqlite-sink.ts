import { kyselyOverSqlite } from "../database/sqlite/kysely-over-sqlite.ts";
import { openForWriting } from "../database/sqlite/open-file.ts";
import { sumsInFile } from "../usage/sums-in-file.ts";
import { correctRows } from "./corrections.ts";
import type { RequestTables } from "./request-queries.ts";
import { type Cell, REQUEST_COLUMNS } from "./request-row.ts";
import type { RowSink } from "./row-sink.ts";

/** Rows to a file, and what they add to the sums of usage, each batch in one transaction with prepared statements: this is what every request costs. */
export function sqliteSink(path: string): RowSink {
  const database = openForWriting(path, "relaxed");
  const { kysely, close } = kyselyOverSqlite<RequestTables>(database);
  const insertOne = database.prepare(`INSERT INTO requests (${REQUEST_COLUMNS.join(",")}) VALUES (${REQUEST_COLUMNS.map(() => "?").join(",")})`);
  const sums = sumsInFile(database);
  return {
    async insert(rows) {
      const written: (readonly Cell[])[] = [];
      database.run("BEGIN IMMEDIATE");
      try {
        for (const row of rows) {
          try {
            insertOne.run(...row);
            written.push(row);
          } catch (error) {
            if (!isConstraint(error)) throw error;
          }
        }
        sums.add(written);
        database.run("COMMIT");
      } catch (error) {
        if (database.inTransaction) database.run("ROLLBACK");
        throw error;
      }
      return written.length;
    },
    correct: (corrections) => correctRows(kysely, corrections, (step) => step.selectFrom("usage_closed").select("day").executeTakeFirstOrThrow()),
    async close() {
      insertOne.finalize();
      sums.close();
      close();
    },
  };
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(error.code));
}
