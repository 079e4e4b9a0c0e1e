import type { Kysely } from "kysely";
import { type Changed, type Changes, withChanges } from "../../vocabulary/changes.ts";
import { changedColumns } from "../changed-columns.ts";
import type { LedgerTables } from "../ledger-tables.ts";
import { beyond, type Listing, type Page, pageOf, rowsWanted } from "../pages.ts";
import { inOrder, type Sighting } from "../sightings.ts";
import { type KeyRow, keyColumns, keyOf } from "./key-row.ts";

type Ledger = Kysely<LedgerTables>;

/** A key's id and a time, milliseconds since 1970. */
export interface KeyMoment {
  readonly id: string;
  readonly at: number;
}

/** Inserts the key, after revoking the one it takes the place of, in one transaction. A hash that is already there is an error. */
export async function insertKey(database: Ledger, request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> {
  await database.transaction().execute(async (step) => {
    if (request.replaces !== undefined) await revokeKey(step, { id: request.replaces, at: request.key.createdAt });
    await step.insertInto("keys").values(keyColumns(request.key)).execute();
  });
}

/** What of a key may change. */
export type KeyChanges = Changes<KeyRow, Exclude<keyof KeyRow, "id" | "createdAt" | "lastUsedAt">>;

export interface KeyChange {
  readonly id: string;
  readonly changes: KeyChanges;
}

/** `undefined`: there is no such key. A hash that another one has is an error. */
export async function changeKey(database: Ledger, { id, changes }: KeyChange): Promise<Changed<KeyRow> | undefined> {
  return database.transaction().execute(async (step) => {
    const before = await findKey(step, id);
    if (before === undefined) return undefined;
    const after = withChanges(before, changes);
    const columns = changedColumns(keyColumns(before), keyColumns(after));
    if (Object.keys(columns).length > 0) await step.updateTable("keys").set(columns).where("id", "=", id).execute();
    return { before, after };
  });
}

export async function findKey(database: Ledger, id: string): Promise<KeyRow | undefined> {
  const row = await database.selectFrom("keys").selectAll().where("id", "=", id).executeTakeFirst();
  return row && keyOf(row);
}

/** The key of this value, else the one that had it before it was last rotated. */
export async function findKeyByHash(database: Ledger, hash: string): Promise<KeyRow | undefined> {
  const row =
    (await database.selectFrom("keys").selectAll().where("hash", "=", hash).executeTakeFirst()) ??
    (await database.selectFrom("keys").selectAll().where("former_hash", "=", hash).orderBy("former_until", "desc").limit(1).executeTakeFirst());
  return row && keyOf(row);
}

/** Only keys that match all that is given. */
export interface KeyListing extends Listing {
  readonly userId?: string;
  readonly teamId?: string;
}

/** Revoked ones too, newest first. */
export async function listKeys(database: Ledger, { before, limit, userId, teamId }: KeyListing): Promise<Page<KeyRow>> {
  const wanted = rowsWanted(limit);
  let query = database
    .selectFrom("keys")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(wanted + 1);
  if (userId !== undefined) query = query.where("user_id", "=", userId);
  if (teamId !== undefined) query = query.where("team_id", "=", teamId);
  if (before !== undefined) query = query.where(beyond(before));
  return pageOf((await query.execute()).map(keyOf), wanted);
}

/** Living keys of every origin but the API: they are few. */
export async function declaredKeys(database: Ledger): Promise<KeyRow[]> {
  const rows = await database.selectFrom("keys").selectAll().where("origin", "<>", "api").where("revoked_at", "is", null).orderBy("created_at").execute();
  return rows.map(keyOf);
}

/** Says whether there was a living key of this id. */
export async function revokeKey(database: Ledger, revocation: KeyMoment): Promise<boolean> {
  const result = await database
    .updateTable("keys")
    .set({ revoked_at: revocation.at })
    .where("id", "=", revocation.id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) > 0;
}

/** Notes when keys were last used, all in one transaction. */
export async function keysSeen(database: Ledger, sightings: readonly Sighting[]): Promise<void> {
  await database.transaction().execute(async (step) => {
    for (const { id, at } of inOrder(sightings))
      await step
        .updateTable("keys")
        .set({ last_used_at: at })
        .where("id", "=", id)
        .where((either) => either.or([either("last_used_at", "is", null), either("last_used_at", "<", at)]))
        .execute();
  });
}
