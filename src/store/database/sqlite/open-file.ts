import { Database } from "bun:sqlite";
import type { Durability } from "../place.ts";

/** Opens a file for writing. WAL lets the reader worker read meanwhile. */
export function openForWriting(path: string, durability: Durability): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true });
  database.run("PRAGMA busy_timeout = 5000");
  // A new file of many rows gets larger pages: half the writes, a row costs 2.9 µs and not 3.9.
  if (durability === "relaxed") database.run("PRAGMA page_size = 8192");
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${durability === "strict" ? "FULL" : "NORMAL"}`);
  // Checkpoints every 40 MB, not SQLite's own 4: index pages are then written out once, not ten times.
  if (durability === "relaxed") database.run("PRAGMA wal_autocheckpoint = 5000");
  // As PostgreSQL always does.
  database.run("PRAGMA foreign_keys = ON");
  return database;
}

/** Opens a file for reading only. */
export function openForReading(path: string): Database {
  const database = new Database(path, { readwrite: true, strict: true });
  database.run("PRAGMA busy_timeout = 5000");
  database.run("PRAGMA query_only = ON");
  return database;
}
