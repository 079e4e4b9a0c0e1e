import type { Changed } from "../../vocabulary/changes.ts";
import type { FleetRole, RoleTaken } from "../../vocabulary/fleet-role.ts";
import { type AuditListing, appendAudit, listAudit } from "../audit/audit-queries.ts";
import type { AuditRow } from "../audit/audit-row.ts";
import { type OpenDatabase, openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import * as fleet from "../fleet/fleet-queries.ts";
import { moneyDesk } from "../ledger/money-desk.ts";
import type { MoneyTables } from "../ledger/money-tables.ts";
import type { LedgerTables } from "../ledger-tables.ts";
import type { Listing, Page } from "../pages.ts";
import type { Sighting } from "../sightings.ts";
import * as teams from "../teams/team-queries.ts";
import type { TeamRow } from "../teams/team-row.ts";
import * as users from "../users/user-queries.ts";
import type { UserRow } from "../users/user-row.ts";
import { answerQuestions, opened, tellTrouble } from "../workers/worker-side.ts";
import { findKeyHolder, findKeyHolderByHash, type Holder, holderOf, type KeyHolder } from "./holder.ts";
import {
  changeKey,
  declaredKeys,
  findKey,
  findKeyByHash,
  insertKey,
  type KeyChange,
  type KeyListing,
  type KeyMoment,
  keysSeen,
  listKeys,
  revokeKey,
} from "./key-queries.ts";
import type { KeyRow } from "./key-row.ts";

let ledger: OpenDatabase<LedgerTables & MoneyTables> | undefined;
const database = () => opened(ledger).kysely;

/** Keys are looked up here and not in the reader worker: a long report must not keep a caller waiting at the door. */
const methods = {
  async open(place: Place): Promise<void> {
    ledger = await openDatabase<LedgerTables & MoneyTables>(place, { access: "strict", told: tellTrouble });
  },

  insert: (request: { readonly key: KeyRow; readonly replaces?: string }): Promise<void> => insertKey(database(), request),
  change: (change: KeyChange): Promise<Changed<KeyRow> | undefined> => changeKey(database(), change),
  find: (id: string): Promise<KeyRow | undefined> => findKey(database(), id),
  findByHash: (hash: string): Promise<KeyRow | undefined> => findKeyByHash(database(), hash),
  holderByHash: (hash: string): Promise<KeyHolder | undefined> => findKeyHolderByHash(database(), hash),
  holder: (id: string): Promise<KeyHolder | undefined> => findKeyHolder(database(), id),
  list: (listing: KeyListing): Promise<Page<KeyRow>> => listKeys(database(), listing),
  declared: (_: null): Promise<KeyRow[]> => declaredKeys(database()),
  revoke: (revocation: KeyMoment): Promise<boolean> => revokeKey(database(), revocation),
  keysSeen: (sightings: readonly Sighting[]): Promise<void> => keysSeen(database(), sightings),

  insertUser: (user: UserRow): Promise<boolean> => users.insertUser(database(), user),
  findUser: (id: string): Promise<UserRow | undefined> => users.findUser(database(), id),
  findUserBySubject: (subject: users.Subject): Promise<UserRow | undefined> => users.findUserBySubject(database(), subject),
  findUserByEmail: (email: string): Promise<UserRow | undefined> => users.findUserByEmail(database(), email),
  listUsers: (listing: users.UserListing): Promise<Page<UserRow>> => users.listUsers(database(), listing),
  changeUser: (change: users.UserChange): Promise<Changed<UserRow> | undefined> => users.changeUser(database(), change),
  usersSeen: (sightings: readonly Sighting[]): Promise<void> => users.usersSeen(database(), sightings),
  userHolder: (user: UserRow): Promise<Holder> => holderOf(database(), { user }),

  insertTeam: (team: TeamRow): Promise<boolean> => teams.insertTeam(database(), team),
  findTeam: (id: string): Promise<TeamRow | undefined> => teams.findTeam(database(), id),
  findTeamByName: (name: string): Promise<TeamRow | undefined> => teams.findTeamByName(database(), name),
  listTeams: (listing: Listing): Promise<Page<TeamRow>> => teams.listTeams(database(), listing),
  changeTeam: (change: teams.TeamChange): Promise<Changed<TeamRow> | undefined> => teams.changeTeam(database(), change),
  addMember: (member: teams.Membership & { readonly at: number }): Promise<boolean> => teams.addMember(database(), member),
  removeMember: (member: teams.Membership): Promise<boolean> => teams.removeMember(database(), member),
  membersOf: (teamId: string): Promise<string[]> => teams.membersOf(database(), teamId),
  teamsOf: (userId: string): Promise<string[]> => teams.teamsOf(database(), userId),

  appendAudit: (row: AuditRow): Promise<void> => appendAudit(database(), row),
  listAudit: (listing: AuditListing): Promise<Page<AuditRow>> => listAudit(database(), listing),

  fleetRole: (_: null): Promise<FleetRole | undefined> => fleet.fleetRole(database()),
  takeFleetRole: (role: RoleTaken): Promise<boolean> => fleet.takeFleetRole(database(), role),
  leaveFleetRole: (holder: string): Promise<void> => fleet.leaveFleetRole(database(), holder),
  fleetMemory: (_: null): Promise<string | undefined> => fleet.fleetMemory(database()),
  keepFleetMemory: (value: string): Promise<void> => fleet.keepFleetMemory(database(), value),

  ...moneyDesk(() => opened(ledger).exact),

  close: async (): Promise<void> => ledger?.close(),
};

export type LedgerWriter = typeof methods;

answerQuestions(methods);
