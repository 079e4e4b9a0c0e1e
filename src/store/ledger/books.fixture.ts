import { Database } from "bun:sqlite";
import { kyselyOverSqlite } from "../database/sqlite/kysely-over-sqlite.ts";
import { migrateFile } from "../database/sqlite/migrate-file.ts";
import { MIGRATIONS } from "../migrations/lists.ts";
import { checkBooks } from "./check.ts";
import { type MoneyDesk, moneyDesk } from "./money-desk.ts";
import type { MoneyTables } from "./money-tables.ts";

/** Books of nobody yet, in memory. */
export function emptyBooks(): {
  readonly desk: MoneyDesk;
  /** As an operator might who knows SQL. */
  run(sql: string): void;
  close(): void;
} {
  const database = new Database(":memory:", { strict: true });
  migrateFile(database, MIGRATIONS.ledger, 0);
  const { kysely, close } = kyselyOverSqlite<MoneyTables>(database);
  return { desk: { ...moneyDesk(() => kysely), check: () => checkBooks(kysely) }, run: (sql) => void database.run(sql), close };
}
