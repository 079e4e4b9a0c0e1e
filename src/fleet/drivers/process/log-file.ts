import { closeSync, openSync } from "node:fs";
import { copyFile, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

/** Bytes past which what an engine has said is put aside, once: older words are lost. */
const MOST = 8 * 2 ** 20;
/** Of either file at most so many bytes are read: who asks wants the end of it. */
const READ = 2 ** 20;

const current = (folder: string) => join(folder, "log.txt");
const aside = (folder: string) => join(folder, "log-before.txt");

/** A file that an engine writes to by itself, also while there is no gateway. Gives it open; close it once the engine has it. */
export function openLog(folder: string): { readonly output: number; close(): void } {
  const output = openSync(current(folder), "a", 0o600);
  return { output, close: () => closeSync(output) };
}

/**
 * Keeps a log from growing past its measure: it is copied aside and begun anew, under the engine that writes it. Lines that are written in
 * between are lost.
 */
export async function boundLog(folder: string, most = MOST): Promise<void> {
  const { size } = await stat(current(folder));
  if (size <= most) return;
  await copyFile(current(folder), aside(folder));
  await truncate(current(folder), 0);
}

/** The last lines of it. */
export async function lastLines(folder: string, lines: number): Promise<string> {
  const text = `${await endOf(aside(folder))}${await endOf(current(folder))}`;
  return text.replace(/\n$/, "").split("\n").slice(-lines).join("\n");
}

/** From the first whole line within the last megabyte; empty where there is no file. */
async function endOf(file: string): Promise<string> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return "";
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - READ);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString("utf8", 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } finally {
    await handle.close();
  }
}
