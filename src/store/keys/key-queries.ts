import type { Kysely } from "kysely";
import { type KeyRow, type KeyTableRow, keyOf, rowOf } from "./key-row.ts";

export interface LedgerTables {
  readonly keys: KeyTableRow;
}

/** A key's id and a time, milliseconds since 1970. */
export interface KeyMoment {
  readonly id: string;
  readonly at: number;
}

/** Inserts the key, after revoking the one it takes the place of, in one transaction. A hash that is already there is an error. */
export async function insertKey(database: Kysely<LedgerTables>, request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> {
  await database.transaction().execute(async (step) => {
    if (request.replaces !== undefined) await revokeKey(step, { id: request.replaces, at: request.key.createdAt });
    await step.insertInto("keys").values(rowOf(request.key)).execute();
  });
}

/** Writes the key's changeable facts over the row of the same id: name, source, models, origin, expiry, revocation. */
export async function updateKey(database: Kysely<LedgerTables>, key: KeyRow): Promise<void> {
  const { id, hash: _hash, shown: _shown, created_at: _created, last_used_at: _used, ...facts } = rowOf(key);
  await database.updateTable("keys").set(facts).where("id", "=", id).execute();
}

export async function findKeyByHash(database: Kysely<LedgerTables>, hash: string): Promise<KeyRow | undefined> {
  const row = await database.selectFrom("keys").selectAll().where("hash", "=", hash).executeTakeFirst();
  return row && keyOf(row);
}

/** All keys, revoked ones too, newest first. */
export async function listKeys(database: Kysely<LedgerTables>): Promise<KeyRow[]> {
  const rows = await database.selectFrom("keys").selectAll().orderBy("created_at", "desc").orderBy("id").execute();
  return rows.map(keyOf);
}

/** Says whether there was a living key of this id. */
export async function revokeKey(database: Kysely<LedgerTables>, revocation: KeyMoment): Promise<boolean> {
  const result = await database
    .updateTable("keys")
    .set({ revoked_at: revocation.at })
    .where("id", "=", revocation.id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) > 0;
}

/** Notes when keys were last used, all in one transaction, in the same order by whichever gateway: none waits for another in a ring. */
export async function touchKeys(database: Kysely<LedgerTables>, uses: readonly KeyMoment[]): Promise<void> {
  const inOrder = uses.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  await database.transaction().execute(async (step) => {
    for (const use of inOrder) await step.updateTable("keys").set({ last_used_at: use.at }).where("id", "=", use.id).execute();
  });
}
