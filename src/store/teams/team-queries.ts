import type { Kysely } from "kysely";
import { type Changed, type Changes, withChanges } from "../../vocabulary/changes.ts";
import { changedColumns } from "../changed-columns.ts";
import type { LedgerTables } from "../ledger-tables.ts";
import { beyond, type Listing, type Page, pageOf, rowsWanted } from "../pages.ts";
import { type TeamRow, teamColumns, teamOf } from "./team-row.ts";

type Ledger = Kysely<LedgerTables>;

/** What of a team may change. */
export type TeamChanges = Changes<TeamRow, "name" | "models" | "limits" | "budgets" | "blockedAt">;

/** Says whether there was room: no team has this id or name. */
export async function insertTeam(database: Ledger, team: TeamRow): Promise<boolean> {
  const result = await database
    .insertInto("teams")
    .values(teamColumns(team))
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findTeam(database: Ledger, id: string): Promise<TeamRow | undefined> {
  const row = await database.selectFrom("teams").selectAll().where("id", "=", id).executeTakeFirst();
  return row && teamOf(row);
}

export async function findTeamByName(database: Ledger, name: string): Promise<TeamRow | undefined> {
  const row = await database.selectFrom("teams").selectAll().where("name", "=", name).executeTakeFirst();
  return row && teamOf(row);
}

/** Newest first. */
export async function listTeams(database: Ledger, { before, limit }: Listing): Promise<Page<TeamRow>> {
  const wanted = rowsWanted(limit);
  let query = database
    .selectFrom("teams")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(wanted + 1);
  if (before !== undefined) query = query.where(beyond(before));
  return pageOf((await query.execute()).map(teamOf), wanted);
}

export interface TeamChange {
  readonly id: string;
  readonly changes: TeamChanges;
}

/** `undefined`: there is no such team. A name that another one has is an error. */
export async function changeTeam(database: Ledger, { id, changes }: TeamChange): Promise<Changed<TeamRow> | undefined> {
  return database.transaction().execute(async (step) => {
    const before = await findTeam(step, id);
    if (before === undefined) return undefined;
    const after = withChanges(before, changes);
    const columns = changedColumns(teamColumns(before), teamColumns(after));
    if (Object.keys(columns).length > 0) await step.updateTable("teams").set(columns).where("id", "=", id).execute();
    return { before, after };
  });
}

/** A user in a team. */
export interface Membership {
  readonly teamId: string;
  readonly userId: string;
}

/** Says whether they were none before. */
export async function addMember(database: Ledger, { teamId, userId, at }: Membership & { readonly at: number }): Promise<boolean> {
  const result = await database
    .insertInto("team_members")
    .values({ team_id: teamId, user_id: userId, added_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Says whether they were one. */
export async function removeMember(database: Ledger, { teamId, userId }: Membership): Promise<boolean> {
  const result = await database.deleteFrom("team_members").where("team_id", "=", teamId).where("user_id", "=", userId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** The ids of a team's users, the first to join first. */
export async function membersOf(database: Ledger, teamId: string): Promise<string[]> {
  const rows = await database.selectFrom("team_members").select("user_id").where("team_id", "=", teamId).orderBy("added_at").orderBy("user_id").execute();
  return rows.map((row) => row.user_id);
}

/** The ids of a user's teams, the first they joined first. */
export async function teamsOf(database: Ledger, userId: string): Promise<string[]> {
  const rows = await database.selectFrom("team_members").select("team_id").where("user_id", "=", userId).orderBy("added_at").orderBy("team_id").execute();
  return rows.map((row) => row.team_id);
}
