import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Migration, migrate } from "./migrate.ts";
import { LEDGER_MIGRATIONS, REQUESTS_MIGRATIONS, RESPONSES_MIGRATIONS } from "./migrations/lists.ts";
import { StoreTrouble } from "./trouble.ts";

/** Strict: a commit is on the disk when it returns. Relaxed: the last commits may be lost with the power, never with the process. */
export type Durability = "strict" | "relaxed";

export interface DataFolder {
  readonly ledger: string;
  readonly requests: string;
  readonly responses: string;
  /** Lets another instance in. */
  release(): void;
}

/**
 * Makes the folder if need be, takes it for this process and brings its files up to date.
 * Throws `StoreTrouble` when another instance holds it, when it cannot be written or when a newer Signalbox wrote to it.
 */
export function prepareFolder(dataDir: string, now: number): DataFolder {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreTrouble(`The data folder ${dataDir} cannot be made (${wordsOf(error)}). Choose another with --data-dir or mend its permissions.`, error);
  }
  const release = takeFolder(dataDir);
  try {
    const ledger = join(dataDir, "ledger.db");
    const requests = join(dataDir, "requests.db");
    bringUpToDate(ledger, "strict", LEDGER_MIGRATIONS, now);
    const responses = join(dataDir, "responses.db");
    bringUpToDate(requests, "relaxed", REQUESTS_MIGRATIONS, now);
    bringUpToDate(responses, "relaxed", RESPONSES_MIGRATIONS, now);
    return { ledger, requests, responses, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Opens a database for writing. WAL lets the reader worker read meanwhile. */
export function openForWriting(path: string, durability: Durability): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  database.run("PRAGMA busy_timeout = 5000");
  // A new file of many rows gets larger pages: half the writes, a row costs 2.9 µs and not 3.9.
  if (durability === "relaxed") database.run("PRAGMA page_size = 8192");
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${durability === "strict" ? "FULL" : "NORMAL"}`);
  // Checkpoints every 40 MB, not SQLite's own 4: index pages are then written out once, not ten times.
  if (durability === "relaxed") database.run("PRAGMA wal_autocheckpoint = 5000");
  return database;
}

/** Opens a database for reading only. */
export function openForReading(path: string): Database {
  const database = new Database(path, { readwrite: true, strict: true });
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA query_only = ON");
  return database;
}

/** One process per folder. The kernel holds the lock, so a killed process leaves none behind. */
function takeFolder(dataDir: string): () => void {
  const path = join(dataDir, "instance.lock");
  let lock: Database | undefined;
  try {
    lock = new Database(path, { create: true, readwrite: true });
    lock.run("PRAGMA busy_timeout = 0");
    lock.run("BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    if (codeOf(error) === "SQLITE_BUSY")
      throw new StoreTrouble(
        `Another Signalbox is running with the data folder ${dataDir}. Stop it first, or give this one its own folder with --data-dir.`,
        error,
      );
    throw new StoreTrouble(`The data folder ${dataDir} cannot be used (${wordsOf(error)}). Check that it is writable and that its disk is not full.`, error);
  }
  const held = lock;
  return () => held.close();
}

function bringUpToDate(path: string, durability: Durability, migrations: readonly Migration[], now: number): void {
  let database: Database | undefined;
  try {
    database = openForWriting(path, durability);
    migrate(database, migrations, now);
  } catch (error) {
    if (error instanceof StoreTrouble) throw error;
    throw new StoreTrouble(`${path} cannot be opened (${wordsOf(error)}). If it is damaged, move it away or restore a backup.`, error);
  } finally {
    database?.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
