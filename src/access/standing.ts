import type { TeamStore } from "../store/teams/teams.ts";
import type { UserStore } from "../store/users/users.ts";
import { Failure } from "../vocabulary/failure.ts";
import { boundsOf, refusalOfHolder } from "./caller-of.ts";
import type { UserBook } from "./tokens/user-book.ts";

/** Where it is known who is in which team. */
interface Books {
  readonly users: Pick<UserStore, "holder">;
  readonly teams: Pick<TeamStore, "find" | "findByName" | "of">;
}

/** What binds users who ask without a key, and the team they name by id or name; of none named, the only one they are in. */
export function standingIn({ users, teams }: Books): UserBook["standing"] {
  return async (user, name) => {
    const holder = name === undefined ? await users.holder(user) : { user, team: await theirs(user.id, name) };
    const refusal = refusalOfHolder(holder);
    if (refusal !== undefined) throw refusal;
    return { teamId: holder.team?.id, models: holder.team?.models, bounds: boundsOf(holder) };
  };

  async function theirs(userId: string, name: string) {
    const team = (await teams.find(name)) ?? (await teams.findByName(name));
    if (team === undefined || !(await teams.of(userId)).includes(team.id))
      throw new Failure("invalid-key", "This token asks for a team here that its user is not in. Get another, or ask to be put in the team.");
    return team;
  }
}
