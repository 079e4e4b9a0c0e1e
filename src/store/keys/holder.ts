import type { Kysely } from "kysely";
import type { LedgerTables } from "../ledger-tables.ts";
import { findTeam, teamsOf } from "../teams/team-queries.ts";
import type { TeamRow } from "../teams/team-row.ts";
import { findUser } from "../users/user-queries.ts";
import type { UserRow } from "../users/user-row.ts";
import { findKey, findKeyByHash } from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";

/** For whom somebody asks: a user, and the team they ask for. */
export interface Holder {
  readonly user?: UserRow;
  /** The team that is named, else the only one the user is in. */
  readonly team?: TeamRow;
  /** The user is not in the team that is named. */
  readonly outsider?: boolean;
}

/** A key, and for whom it asks. */
export interface KeyHolder extends Holder {
  readonly key: KeyRow;
}

type Ledger = Kysely<LedgerTables>;

export async function findKeyHolderByHash(database: Ledger, hash: string): Promise<KeyHolder | undefined> {
  const key = await findKeyByHash(database, hash);
  return key && withHolder(database, key);
}

export async function findKeyHolder(database: Ledger, id: string): Promise<KeyHolder | undefined> {
  const key = await findKey(database, id);
  return key && withHolder(database, key);
}

async function withHolder(database: Ledger, key: KeyRow): Promise<KeyHolder> {
  const user = key.userId === undefined ? undefined : await findUser(database, key.userId);
  return { key, ...(await holderOf(database, { user, teamId: key.teamId })) };
}

/** For whom this user asks, or a key without one, where a team is named or none is. */
export async function holderOf(database: Ledger, { user, teamId }: { readonly user?: UserRow; readonly teamId?: string }): Promise<Holder> {
  const teams = user === undefined ? [] : await teamsOf(database, user.id);
  const wanted = teamId ?? (teams.length === 1 ? teams[0] : undefined);
  const team = wanted === undefined ? undefined : await findTeam(database, wanted);
  return { user, team, outsider: user !== undefined && teamId !== undefined && !teams.includes(teamId) };
}
