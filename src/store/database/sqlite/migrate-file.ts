import type { Database } from "bun:sqlite";
import { type Migration, missingOf } from "../../migrate.ts";

/**
 * Applies what is missing, each step in a transaction of its own, and says what it applied.
 * Throws `StoreTrouble` for a file that a newer Signalbox has written to: it is left as it is.
 */
export function migrateFile(database: Database, migrations: readonly Migration[], now: number): string[] {
  const missing = missingOf(migrations, appliedIn(database), database.filename);
  database.run("CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY NOT NULL, applied_at INTEGER NOT NULL) STRICT");
  for (const migration of missing) {
    database.transaction(() => {
      database.run(migration.up);
      database.run("INSERT INTO migrations (id, applied_at) VALUES (?, ?)", [migration.id, now]);
    })();
  }
  return missing.map((migration) => migration.id);
}

function appliedIn(database: Database): string[] {
  const exists = database.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'").get();
  if (exists === null) return [];
  return database
    .query<{ id: string }, []>("SELECT id FROM migrations ORDER BY id")
    .all()
    .map((row) => row.id);
}
