import type { Database } from "bun:sqlite";
import { StoreTrouble } from "./trouble.ts";

/** One step forward of a database file. `up` may hold several statements. */
export interface Migration {
  readonly id: string;
  readonly up: string;
}

/**
 * Applies what is missing, each step in a transaction of its own, and says what it applied.
 * Throws `StoreTrouble` for a file that a newer Signalbox has written to: it is left as it is.
 */
export function migrate(database: Database, migrations: readonly Migration[], now: number): string[] {
  const applied = appliedIn(database);
  const known = new Set(migrations.map((migration) => migration.id));
  const unknown = applied.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new StoreTrouble(
      `${database.filename} was written by a newer Signalbox (it knows the migration ${unknown.join(", ")}, this program does not). ` +
        `Start that version again, or restore a backup made by this one. Nothing was changed.`,
    );
  database.run("CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY NOT NULL, applied_at INTEGER NOT NULL) STRICT");
  const missing = migrations.filter((migration) => !applied.includes(migration.id));
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
