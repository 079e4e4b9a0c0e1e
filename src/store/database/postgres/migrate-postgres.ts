import { type Migration, missingOf, type Room } from "../../migrate.ts";
import { StoreTrouble } from "../../trouble.ts";
import { SCHEMA } from "./kysely-over-postgres.ts";
import type { PostgresAddress } from "./postgres-address.ts";
import { connectTo, type Session } from "./session.ts";
import { forPostgres } from "./translate.ts";

/** Who holds this lock of the database migrates; any number that is ours will do. */
const LOCK = 5_193_007_201;
/** Milliseconds for the whole step and for what another gateway does meanwhile. */
const PATIENCE = 60_000;

export interface ToMigrate {
  readonly address: PostgresAddress;
  readonly rooms: Readonly<Record<Room, readonly Migration[]>>;
  /** Milliseconds a connection may take. */
  readonly within: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Makes our schema and applies what is missing, all of it or nothing, and says what it applied. One gateway at a time: the others wait and find
 * it done. Where nothing is missing nothing is locked, and a user that may only read and write rows will do.
 * Throws `StoreTrouble`: of the kind `away` when it cannot be reached, else for what a newer Signalbox has written to or the user may not do.
 */
export async function migratePostgres({ address, rooms, within, now }: ToMigrate): Promise<string[]> {
  const session = await connectTo(address, within);
  const ask = async (text: string, ...parameters: unknown[]) => (await session.ask(text, parameters, PATIENCE)).rows;
  try {
    if (missingIn(rooms, await applied(ask), address).length === 0) return [];
    // One message: where poolers hand out sessions by transaction, nothing else may come in between.
    await ask(`begin; set local statement_timeout = ${PATIENCE}; select pg_advisory_xact_lock(${LOCK})`);
    const missing = missingIn(rooms, await applied(ask), address);
    await makeSchema(ask);
    for (const { room, migration } of missing) {
      await ask(forPostgres(migration.up));
      await ask("insert into migrations (room, id, applied_at) values ($1, $2, $3)", room, migration.id, now);
    }
    await ask("commit");
    return missing.map(({ migration }) => migration.id);
  } catch (error) {
    throw error instanceof StoreTrouble ? error : cannot(address, session, error);
  } finally {
    session.end();
  }
}

type Ask = (text: string, ...parameters: unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;
type Applied = Readonly<Record<string, string[]>>;

function missingIn(rooms: ToMigrate["rooms"], applied: Applied, address: PostgresAddress): { room: Room; migration: Migration }[] {
  const names: readonly Room[] = ["ledger", "requests", "responses", "batches"];
  return names.flatMap((room) =>
    missingOf(rooms[room], applied[room] ?? [], `The schema ${SCHEMA} of PostgreSQL at ${address.shown}`).map((migration) => ({ room, migration })),
  );
}

async function applied(ask: Ask): Promise<Applied> {
  // Not to_regclass, which remembers what was not there before another gateway's transaction ended.
  const there = await ask("select 1 from pg_catalog.pg_tables where schemaname = $1 and tablename = 'migrations'", SCHEMA);
  if (there.length === 0) return {};
  const rows = await ask(`select room, id from ${SCHEMA}.migrations order by id`);
  const byRoom: Record<string, string[]> = {};
  for (const { room, id } of rows) (byRoom[String(room)] ??= []).push(String(id));
  return byRoom;
}

async function makeSchema(ask: Ask): Promise<void> {
  const there = await ask("select 1 from pg_catalog.pg_namespace where nspname = $1", SCHEMA);
  if (there.length === 0) await ask(`create schema ${SCHEMA}`);
  // For this transaction alone.
  await ask(`set local search_path = ${SCHEMA}`);
  await ask(
    forPostgres("CREATE TABLE IF NOT EXISTS migrations (room TEXT NOT NULL, id TEXT NOT NULL, applied_at INTEGER NOT NULL, PRIMARY KEY (room, id)) STRICT"),
  );
}

function cannot(address: PostgresAddress, session: Session, error: unknown): StoreTrouble {
  const words = address.clean(error instanceof Error ? error.message : String(error)).replace(/\.?$/, ".");
  if (!session.stands()) return new StoreTrouble(`The connection to PostgreSQL at ${address.shown} broke: ${words}`, undefined, "away");
  const hint = /permission denied/.test(words) ? ` Let the user make it: CREATE SCHEMA ${SCHEMA} AUTHORIZATION ${address.user};` : "";
  return new StoreTrouble(`The tables in PostgreSQL at ${address.shown} cannot be brought up to date: ${words}${hint}`);
}
