import type { Database } from "bun:sqlite";
import type { Room } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/lists.ts";
import { StoreTrouble } from "../trouble.ts";
import type { Durability, PostgresPlace } from "./place.ts";
import { readPostgresAddress } from "./postgres/postgres-address.ts";
import { migrateFile } from "./sqlite/migrate-file.ts";
import { openForWriting } from "./sqlite/open-file.ts";

/** How safe a commit is in each room. */
const DURABILITIES: Readonly<Record<Room, Durability>> = { ledger: "strict", requests: "relaxed", responses: "relaxed", batches: "strict" };

/** Brings the file of a room up to date. Throws `StoreTrouble` when it cannot be opened or a newer Signalbox wrote to it. */
export function bringFileUpToDate(path: string, room: Room, now: number): void {
  let database: Database | undefined;
  try {
    database = openForWriting(path, DURABILITIES[room]);
    migrateFile(database, MIGRATIONS[room], now);
  } catch (error) {
    if (error instanceof StoreTrouble) throw error;
    throw new StoreTrouble(
      `${path} cannot be opened (${error instanceof Error ? error.message : error}). If it is damaged, move it away or restore a backup.`,
      error,
    );
  } finally {
    database?.close();
  }
}

/** Brings all rooms in PostgreSQL up to date. Rejects with `StoreTrouble`, of the kind `away` when it cannot be reached. */
export async function bringPostgresUpToDate({ url, connect }: PostgresPlace, now: number): Promise<void> {
  const { migratePostgres } = await import("./postgres/migrate-postgres.ts");
  await migratePostgres({ address: readPostgresAddress(url), rooms: MIGRATIONS, within: connect, now });
}
