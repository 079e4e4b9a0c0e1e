import type { Kysely } from "kysely";
import { type Changed, type Changes, withChanges } from "../../vocabulary/changes.ts";
import { changedColumns } from "../changed-columns.ts";
import type { LedgerTables } from "../ledger-tables.ts";
import { beyond, type Listing, type Page, pageOf, rowsWanted } from "../pages.ts";
import { inOrder, type Sighting } from "../sightings.ts";
import { type UserRow, userColumns, userOf } from "./user-row.ts";

type Ledger = Kysely<LedgerTables>;

/** What of a user may change. */
export type UserChanges = Changes<UserRow, "subject" | "email" | "name" | "role" | "passwordHash" | "passwordAt" | "limits" | "budgets" | "blockedAt">;

export interface UserListing extends Listing {
  readonly email?: string;
}

/** Says whether there was room: nobody has this id, nor this issuer and subject. */
export async function insertUser(database: Ledger, user: UserRow): Promise<boolean> {
  const result = await database
    .insertInto("users")
    .values(userColumns(user))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findUser(database: Ledger, id: string): Promise<UserRow | undefined> {
  const row = await database.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
  return row && userOf(row);
}

/** Who somebody is, in an issuer's words. */
export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

export async function findUserBySubject(database: Ledger, { issuer, subject }: Subject): Promise<UserRow | undefined> {
  const row = await database.selectFrom("users").selectAll().where("issuer", "=", issuer).where("subject", "=", subject).executeTakeFirst();
  return row && userOf(row);
}

/** The user made here who has this address; else the only one who has it at all. */
export async function findUserByEmail(database: Ledger, email: string): Promise<UserRow | undefined> {
  const rows = await database.selectFrom("users").selectAll().where("email", "=", email).limit(100).execute();
  const row = rows.find(({ issuer }) => issuer === "local") ?? (rows.length === 1 ? rows[0] : undefined);
  return row && userOf(row);
}

/** Newest first. */
export async function listUsers(database: Ledger, { before, limit, email }: UserListing): Promise<Page<UserRow>> {
  const wanted = rowsWanted(limit);
  let query = database
    .selectFrom("users")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(wanted + 1);
  if (email !== undefined) query = query.where("email", "=", email);
  if (before !== undefined) query = query.where(beyond(before));
  return pageOf((await query.execute()).map(userOf), wanted);
}

export interface UserChange {
  readonly id: string;
  readonly changes: UserChanges;
}

/** `undefined`: there is no such user. A subject that another one has is an error. */
export async function changeUser(database: Ledger, { id, changes }: UserChange): Promise<Changed<UserRow> | undefined> {
  return database.transaction().execute(async (step) => {
    const before = await findUser(step, id);
    if (before === undefined) return undefined;
    const after = withChanges(before, changes);
    const columns = changedColumns(userColumns(before), userColumns(after));
    if (Object.keys(columns).length > 0) await step.updateTable("users").set(columns).where("id", "=", id).execute();
    return { before, after };
  });
}

/** Notes when users were last seen, all in one transaction. */
export async function usersSeen(database: Ledger, sightings: readonly Sighting[]): Promise<void> {
  await database.transaction().execute(async (step) => {
    for (const { id, at } of inOrder(sightings))
      await step
        .updateTable("users")
        .set({ last_seen_at: at })
        .where("id", "=", id)
        .where((either) => either.or([either("last_seen_at", "is", null), either("last_seen_at", "<", at)]))
        .execute();
  });
}
