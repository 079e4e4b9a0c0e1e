import { openForWriting } from "../database/sqlite/open-file.ts";
import { REQUEST_COLUMNS } from "./request-row.ts";
import type { RowSink } from "./row-sink.ts";

/** Rows to a file, each batch in one transaction with one prepared statement: this is what every request costs. */
export function sqliteSink(path: string): RowSink {
  const database = openForWriting(path, "relaxed");
  const places = REQUEST_COLUMNS.map(() => "?").join(",");
  const insertOne = database.prepare(`INSERT INTO requests (${REQUEST_COLUMNS.join(",")}) VALUES (${places})`);
  return {
    async insert(rows) {
      let written = 0;
      database.run("BEGIN IMMEDIATE");
      try {
        for (const row of rows) {
          try {
            insertOne.run(...row);
            written++;
          } catch (error) {
            if (!isConstraint(error)) throw error;
          }
        }
        database.run("COMMIT");
      } catch (error) {
        if (database.inTransaction) database.run("ROLLBACK");
        throw error;
      }
      return written;
    },
    async close() {
      insertOne.finalize();
      database.close();
    },
  };
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(error.code));
}
