import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { StoreTrouble } from "./trouble.ts";

/**
 * Makes the folder if need be and takes it for this process; the function it gives lets another instance in.
 * Throws `StoreTrouble` when another instance holds it or when it cannot be written.
 */
export function takeFolder(dataDir: string): () => void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreTrouble(`The data folder ${dataDir} cannot be made (${wordsOf(error)}). Choose another with --data-dir or mend its permissions.`, error);
  }
  return lock(dataDir);
}

/** One process per folder. The kernel holds the lock, so a killed process leaves none behind. */
function lock(dataDir: string): () => void {
  let held: Database | undefined;
  try {
    held = new Database(join(dataDir, "instance.lock"), { create: true, readwrite: true });
    held.run("PRAGMA busy_timeout = 0");
    held.run("BEGIN EXCLUSIVE");
  } catch (error) {
    held?.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY")
      throw new StoreTrouble(
        `Another Signalbox is running with the data folder ${dataDir}. Stop it first, or give this one its own folder with --data-dir.`,
        error,
      );
    throw new StoreTrouble(`The data folder ${dataDir} cannot be used (${wordsOf(error)}). Check that it is writable and that its disk is not full.`, error);
  }
  const file = held;
  return () => file.close();
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
