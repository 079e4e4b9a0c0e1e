import { StoreTrouble } from "./trouble.ts";

/**
 * One step forward of a database. `up` may hold several statements, and is SQLite's SQL in that narrow form that is translated for PostgreSQL
 * word by word (`database/postgres/translate.ts`).
 */
export interface Migration {
  readonly id: string;
  readonly up: string;
}

/** The rooms of the store, each with what it went through: a file each, or tables side by side in PostgreSQL. */
export type Room = "ledger" | "requests" | "responses" | "batches";

/**
 * What is missing of the migrations. Throws `StoreTrouble` for a database that a newer Signalbox has written to; `where` says which, to begin
 * a sentence with.
 */
export function missingOf(migrations: readonly Migration[], applied: readonly string[], where: string): Migration[] {
  const known = new Set(migrations.map(({ id }) => id));
  const unknown = applied.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw new StoreTrouble(
      `${where} was written by a newer Signalbox (it knows the migration ${unknown.join(", ")}, this program does not). ` +
        `Start that version again, or restore a backup made by this one. Nothing was changed.`,
    );
  return migrations.filter(({ id }) => !applied.includes(id));
}
