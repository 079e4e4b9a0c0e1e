import { kyselyOverSqlite } from "../database/sqlite/kysely-over-sqlite.ts";
import { openForWriting } from "../database/sqlite/open-file.ts";
import { hoursOf, USAGE_COLUMNS, USAGE_KEYS, USAGE_SUMS } from "../usage/usage-hours.ts";
import { correctRows } from "./corrections.ts";
import type { RequestTables } from "./request-queries.ts";
import { type Cell, REQUEST_COLUMNS } from "./request-row.ts";
import type { RowSink } from "./row-sink.ts";

const placesFor = (columns: readonly string[]) => columns.map(() => "?").join(",");

/** Rows to a file, and what they add to the hours' sums, each batch in one transaction with two prepared statements: this is what every request costs. */
export function sqliteSink(path: string): RowSink {
  const database = openForWriting(path, "relaxed");
  const { kysely, close } = kyselyOverSqlite<RequestTables>(database);
  const insertOne = database.prepare(`INSERT INTO requests (${REQUEST_COLUMNS.join(",")}) VALUES (${placesFor(REQUEST_COLUMNS)})`);
  const addUp = database.prepare(
    `INSERT INTO usage_hours (${USAGE_COLUMNS.join(",")}) VALUES (${placesFor(USAGE_COLUMNS)})
     ON CONFLICT (${USAGE_KEYS.join(",")}) DO UPDATE SET ${USAGE_SUMS.map((sum) => `${sum} = ${sum} + excluded.${sum}`).join(",")}`,
  );
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
        for (const cells of hoursOf(written)) addUp.run(...cells);
        database.run("COMMIT");
      } catch (error) {
        if (database.inTransaction) database.run("ROLLBACK");
        throw error;
      }
      return written.length;
    },
    correct: (corrections) => correctRows(kysely, corrections),
    async close() {
      insertOne.finalize();
      addUp.finalize();
      close();
    },
  };
}

function isConstraint(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(error.code));
}
