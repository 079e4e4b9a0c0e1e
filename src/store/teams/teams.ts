import type { Changed } from "../../vocabulary/changes.ts";
import type { LedgerWriter } from "../keys/ledger-writer.worker.ts";
import { type Listing, type Page, positionOf } from "../pages.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { Membership, TeamChanges } from "./team-queries.ts";
import type { TeamRow } from "./team-row.ts";

/** The teams in the ledger and who is in them. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface TeamStore {
  /** On the disk when it settles. Says whether there was room: no team has this id or name. */
  insert(team: TeamRow): Promise<boolean>;
  find(id: string): Promise<TeamRow | undefined>;
  findByName(name: string): Promise<TeamRow | undefined>;
  /** Newest first. Throws `invalid-request` for a cursor that is none of ours. */
  list(listing: Listing): Promise<Page<TeamRow>>;
  /** `undefined`: there is no such team. */
  change(id: string, changes: TeamChanges): Promise<Changed<TeamRow> | undefined>;
  /** Says whether they were none before. */
  addMember(member: Membership, at: number): Promise<boolean>;
  /** Says whether they were one. */
  removeMember(member: Membership): Promise<boolean>;
  /** Ids of users, the first to join first. */
  members(teamId: string): Promise<string[]>;
  /** Ids of a user's teams, the first they joined first. */
  of(userId: string): Promise<string[]>;
}

export function createTeamStore(writer: Pick<WorkerLink<LedgerWriter>, "ask">): TeamStore {
  return {
    insert: (team) => writer.ask("insertTeam", team),
    find: (id) => writer.ask("findTeam", id),
    findByName: (name) => writer.ask("findTeamByName", name),
    async list(listing) {
      if (listing.before !== undefined) positionOf(listing.before);
      return writer.ask("listTeams", listing);
    },
    change: (id, changes) => writer.ask("changeTeam", { id, changes }),
    addMember: (member, at) => writer.ask("addMember", { ...member, at }),
    removeMember: (member) => writer.ask("removeMember", member),
    members: (teamId) => writer.ask("membersOf", teamId),
    of: (userId) => writer.ask("teamsOf", userId),
  };
}
