import type { Listing, Page } from "../store/pages.ts";
import type { Membership, TeamChanges } from "../store/teams/team-queries.ts";
import type { TeamRow } from "../store/teams/team-row.ts";
import type { TeamStore } from "../store/teams/teams.ts";
import type { UserStore } from "../store/users/users.ts";
import type { Changed } from "../vocabulary/changes.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import { mintId } from "./mint.ts";

/** A team to be made. */
export interface NewTeam extends Partial<Pick<TeamRow, "models" | "limits" | "budgets">> {
  readonly name: string;
}

/** What of a team its operator may change: `null` takes a fact away. */
export type TeamEdit = Pick<TeamChanges, "name" | "models" | "limits" | "budgets"> & { readonly blocked?: boolean };

/** The teams of this Signalbox and who is in them. `not-found` is thrown for an id that is none. */
export interface Teams {
  /** Throws `invalid-request` for a name that another team has. */
  create(wish: NewTeam): Promise<TeamRow>;
  find(id: string): Promise<TeamRow>;
  list(listing: Listing): Promise<Page<TeamRow>>;
  change(id: string, edit: TeamEdit): Promise<Changed<TeamRow>>;
  /** Says whether they were none before. */
  addMember(member: Membership): Promise<boolean>;
  /** Throws `not-found` for somebody who is none. */
  removeMember(member: Membership): Promise<void>;
  /** Ids of users, the first to join first. */
  members(teamId: string): Promise<string[]>;
}

export interface TeamsParts {
  readonly book: TeamStore;
  readonly users: Pick<UserStore, "find">;
  /** Told of every team that was made or changed, and of users who came or went. */
  readonly forget: (id: string) => void;
  readonly clock?: Clock;
}

export function createTeams({ book, users, forget, clock = systemClock }: TeamsParts): Teams {
  const find = async (id: string): Promise<TeamRow> => {
    const team = await book.find(id);
    if (team === undefined) throw new Failure("not-found", `There is no team ${id}.`);
    return team;
  };
  return {
    async create({ name, models, limits, budgets }) {
      const team: TeamRow = { id: mintId("team"), name, models, limits, budgets, createdAt: clock.now() };
      if (!(await book.insert(team))) throw nameTaken(name);
      forget(team.id);
      return team;
    },
    find,
    list: (listing) => book.list(listing),
    async change(id, { blocked, ...edit }) {
      const team = await find(id);
      const { name } = edit;
      if (typeof name === "string" && name !== team.name && (await book.findByName(name)) !== undefined) throw nameTaken(name);
      const blockedAt = blocked === undefined ? undefined : blocked ? (team.blockedAt ?? clock.now()) : null;
      const changed = await book.change(id, { ...edit, blockedAt });
      forget(id);
      return changed ?? { before: team, after: team };
    },
    async addMember(member) {
      await find(member.teamId);
      if ((await users.find(member.userId)) === undefined) throw new Failure("not-found", `There is no user ${member.userId}.`);
      const added = await book.addMember(member, clock.now());
      forget(member.userId);
      return added;
    },
    async removeMember(member) {
      await find(member.teamId);
      if (!(await book.removeMember(member))) throw new Failure("not-found", `The user ${member.userId} is not in the team ${member.teamId}.`);
      forget(member.userId);
    },
    members: (teamId) => book.members(teamId),
  };
}

function nameTaken(name: string): Failure {
  return invalidRequest("name", `There is a team ${JSON.stringify(name)} already.`);
}
