import type { Kysely } from "kysely";
import type { FileAddition, FileListing, FileName, StoredFile } from "../../vocabulary/stored-file.ts";
import type { BatchTables, FileTableRow } from "./tables.ts";

type Database = Kysely<BatchTables>;

/** Bytes of a piece: what is read at once. */
const PIECE = 64 * 1024;
/** A file that is not whole after so long never will be. Milliseconds. */
const HALF_DONE = 6 * 3_600_000;

/** One of the same id goes: it was begun before, by whoever was ended in the middle of it. */
export async function beginFile(database: Database, { id, owner, purpose, filename, createdAt, expiresAt }: StoredFile): Promise<void> {
  await database.deleteFrom("files").where("id", "=", id).execute();
  await database.insertInto("files").values({ id, owner, purpose, filename, bytes: null, created_at: createdAt, expires_at: expiresAt }).execute();
}

export async function appendBytes(database: Database, { id, at, bytes }: FileAddition): Promise<void> {
  const pieces = [];
  for (let from = 0; from < bytes.length; from += PIECE) pieces.push({ file: id, position: at + from, content: bytes.subarray(from, from + PIECE) });
  if (pieces.length > 0) await database.insertInto("file_pieces").values(pieces).execute();
}

export async function completeFile(database: Database, { id, bytes }: { readonly id: string; readonly bytes: number }): Promise<void> {
  await database.updateTable("files").set({ bytes }).where("id", "=", id).execute();
}

export async function findFile(database: Database, { id, owner, now }: FileName & { readonly now: number }): Promise<StoredFile | undefined> {
  const row = await whole(database, now).where("id", "=", id).where("owner", "=", owner).executeTakeFirst();
  return row && fileOf(row);
}

/** One more than wanted, where there are more. */
export async function listFiles(
  database: Database,
  { owner, purpose, order, limit, after, now }: FileListing & { readonly now: number },
): Promise<StoredFile[]> {
  let query = whole(database, now)
    .where("owner", "=", owner)
    .orderBy("created_at", order)
    .orderBy("id", order)
    .limit(limit + 1);
  if (purpose !== undefined) query = query.where("purpose", "=", purpose);
  if (after !== undefined) {
    const last = await database.selectFrom("files").select("created_at").where("id", "=", after).where("owner", "=", owner).executeTakeFirst();
    if (last === undefined) return [];
    const beyond = order === "asc" ? ">" : "<";
    query = query.where((either) =>
      either.or([either("created_at", beyond, last.created_at), either.and([either("created_at", "=", last.created_at), either("id", beyond, after)])]),
    );
  }
  return (await query.execute()).map(fileOf);
}

/** The rest of the piece that this position is in. */
export async function readFile(database: Database, { id, at }: { readonly id: string; readonly at: number }): Promise<Uint8Array> {
  const piece = await database
    .selectFrom("file_pieces")
    .select(["position", "content"])
    .where("file", "=", id)
    .where("position", "<=", at)
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  // A copy of its own: what travels between workers travels with all that it is a part of.
  return piece === undefined ? new Uint8Array() : new Uint8Array(piece.content).slice(at - piece.position);
}

/** Says whether there was one. */
export async function removeFile(database: Database, { id, owner, now }: FileName & { readonly now: number }): Promise<boolean> {
  const result = await database
    .deleteFrom("files")
    .where("id", "=", id)
    .where("owner", "=", owner)
    .where("bytes", "is not", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Removes what has expired by then, and what was begun long ago and never became whole. */
export async function removeExpiredFiles(database: Database, now: number): Promise<void> {
  await database.deleteFrom("files").where("expires_at", "<=", now).execute();
  await database
    .deleteFrom("files")
    .where("bytes", "is", null)
    .where("created_at", "<", now - HALF_DONE)
    .execute();
}

function whole(database: Database, now: number) {
  return database.selectFrom("files").selectAll().where("bytes", "is not", null).where("expires_at", ">", now);
}

function fileOf(row: FileTableRow): StoredFile {
  const { id, owner, purpose, filename, bytes, created_at: createdAt, expires_at: expiresAt } = row;
  return { id, owner, purpose, filename, bytes: bytes ?? 0, createdAt, expiresAt };
}
