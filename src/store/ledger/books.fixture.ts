import { Database } from "bun:sqlite";
import { kyselyOver } from "../kysely.ts";
import { migrate } from "../migrate.ts";
import { LEDGER_MIGRATIONS } from "../migrations/lists.ts";
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
  migrate(database, LEDGER_MIGRATIONS, 0);
  const { kysely, close } = kyselyOver<MoneyTables>(database);
  return { desk: moneyDesk(() => kysely), run: (sql) => void database.run(sql), close };
}
