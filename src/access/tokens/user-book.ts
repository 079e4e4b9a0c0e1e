import type { UserRow } from "../../store/users/user-row.ts";
import type { Bounds } from "../../vocabulary/bounds.ts";
import type { Role } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";

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
  /** What binds this user, and the team they ask for. Rejects with `invalid-key` for a team that they may not ask for. */
  standing(user: UserRow, team: string | undefined): Promise<Standing>;
}

/** What binds somebody who asks, besides their role. */
export interface Standing {
  /** The team they ask for. */
  readonly teamId?: string;
  /** Public names they may use; absent: all. */
  readonly models?: readonly string[];
  readonly bounds?: readonly Bounds[];
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
