import { openForWriting } from "../database/sqlite/open-file.ts";
import { sumsInFile } from "../usage/sums-in-file.ts";
import type { correctionsIn } from "./corrections-in-file.ts";
import { type Cell, REQUEST_COLUMNS } from "./request-row.ts";
import type { RowSink } from "./row-sink.ts";

/** Rows to a file, and what they add to the sums of usage, each batch in one transaction with prepared statements: this is what every request costs. */
export function sqliteSink(path: string): RowSink {
  const database = openForWriting(path, "relaxed");
  const insertOne = database.prepare(`INSERT INTO requests (${REQUEST_COLUMNS.join(",")}) VALUES (${REQUEST_COLUMNS.map(() => "?").join(",")})`);
  const sums = sumsInFile(database);
  let corrections: ReturnType<typeof correctionsIn> | undefined;
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
    async correct(wanted) {
      // Seldom needed, and 8 MiB of queries.
      corrections ??= (await import("./corrections-in-file.ts")).correctionsIn(database);
      return corrections.correct(wanted);
    },
    async close() {
      insertOne.finalize();
      sums.close();
      if (corrections === undefined) database.close();
      else corrections.close();
    },
  };
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(error.code));
}
