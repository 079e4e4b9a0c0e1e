import type { Author } from "../vocabulary/batch.ts";
import type { Behalf, Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { lesserRole, unknownKey } from "./caller-of.ts";
import type { Keys } from "./keys.ts";
import { blocked } from "./tokens/refusals.ts";
import { asked, type UserBook } from "./tokens/user-book.ts";

/** Those who have left something to be asked for them later. */
export interface Authors {
  /**
   * As whom this author may ask now: with what binds them by now, and never with more rights than they had. Rejects with `invalid-key` when
   * nobody may any more, and with `overloaded` when nobody can say.
   */
  callerNow(author: Author): Promise<Caller>;
}

export interface AuthorsParts {
  readonly keys: Pick<Keys, "bearer">;
  readonly users: Pick<UserBook, "find" | "standing">;
  readonly attributed: (caller: Caller, behalf: Behalf) => Caller | Promise<Caller>;
  /** Whoever asks without a key, where none is needed. */
  readonly anybody: () => Caller | undefined;
}

export function createAuthors({ keys, users, attributed, anybody }: AuthorsParts): Authors {
  const byUser = async ({ keyId, keyName, teamId, role }: Author, userId: string): Promise<Caller> => {
    const user = await asked(() => users.find(userId));
    if (user === undefined) throw new Failure("invalid-key", "The user who made this batch is not there any more.");
    if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
    const standing = await asked(() => users.standing(user, teamId));
    return { keyId, keyName, userId, role: lesserRole(role, user.role), ...standing };
  };
  const byKey = async ({ keyId, role, behalf }: Author): Promise<Caller> => {
    const bearer = await asked(() => keys.bearer(keyId)).catch(orUnknown);
    if (bearer instanceof Failure) throw bearer;
    const caller = bearer.vouches && behalf !== undefined ? await attributed(bearer, behalf) : bearer;
    return { ...caller, role: lesserRole(role, caller.role) };
  };
  return {
    async callerNow(author) {
      const nobody = anybody();
      if (nobody !== undefined && nobody.keyId === author.keyId) return nobody;
      const { userId } = author;
      // Tokens and logins are called after their user; no key is.
      return userId !== undefined && author.keyId.endsWith(`:${userId}`) ? byUser(author, userId) : byKey(author);
    },
  };
}

function orUnknown(thrown: unknown): never {
  throw thrown instanceof Failure && thrown.kind === "not-found" ? unknownKey() : thrown;
}
