import type { Bounds, Budget, RateLimits } from "../../vocabulary/bounds.ts";
import type { Role } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";

/** Who has an account here, as logging in needs to know them. */
export interface UserRow {
  readonly id: string;
  /** Who says that it is they: `signalbox` for users made here, else the `iss` of their identity provider. */
  readonly issuer: string;
  /** What the issuer calls them. Together the two are the user; neither ever changes. */
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
  readonly role: Role;
  /** Of argon2id, as a PHC string; absent: no login by password. */
  readonly passwordHash?: string;
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
  /** Milliseconds since 1970. */
  readonly blockedAt?: number;
  readonly createdAt: number;
}

/** A user to be made at their first token or login. */
export interface NewUser {
  readonly issuer: string;
  readonly subject: string;
  readonly email?: string;
  readonly name?: string;
  readonly role: Role;
}

/** The users of this Signalbox. Every promise rejects when they cannot be read or written at the moment. */
export interface UserBook {
  find(id: string): Promise<UserRow | undefined>;
  findBySubject(issuer: string, subject: string): Promise<UserRow | undefined>;
  /** In any case of letters. */
  findByEmail(email: string): Promise<UserRow | undefined>;
  /** Rejects when there is a user of this issuer and subject. */
  create(user: NewUser): Promise<UserRow>;
  setPassword(id: string, hash: string): Promise<void>;
}

/** The team somebody asks for. */
export interface Team {
  readonly id: string;
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
}

/** The team of this name or id, if the user is one of its members. */
export type FindTeam = (userId: string, team: string) => Promise<Team | undefined>;

/** Who made the users that no identity provider did. */
export const OWN_ISSUER = "signalbox";

/** What binds a user, and the team they ask for. */
export function boundsOf(user: UserRow, team: Team | undefined): readonly Bounds[] {
  const own: Bounds = { scope: "user", id: user.id, limits: user.limits, budgets: user.budgets };
  return team === undefined ? [own] : [own, { scope: "team", id: team.id, limits: team.limits, budgets: team.budgets }];
}

/** What was asked of the users, or that they cannot be asked: a good token is not called wrong for it. */
export async function asked<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("overloaded", "Users cannot be looked up at the moment: the store does not answer. Try again shortly.", { retryAfter: 5, cause });
  }
}
