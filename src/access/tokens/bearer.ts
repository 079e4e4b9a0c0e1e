import type { UserRow } from "../../store/users/user-row.ts";
import { type JsonObject, numberOf, stringOf } from "../../vocabulary/json.ts";
import { OUR_TOKENS } from "./issue.ts";
import { blocked, otherPassword, unknownUser } from "./refusals.ts";
import type { UserBook } from "./user-book.ts";

/**
 * The user a token of ours is for, as the database has them now. Rejects with `invalid-key` for one who is not here any more or is blocked, and
 * for a token from before they got the password they have: whoever gives them another ends what was begun with the one before.
 */
export async function bearerOf({ sub, iat }: JsonObject, book: Pick<UserBook, "find">): Promise<UserRow> {
  const id = stringOf(sub) ?? "";
  const user = await book.find(id);
  if (user === undefined) throw unknownUser(id, OUR_TOKENS);
  if (user.blockedAt !== undefined) throw blocked(user.blockedAt);
  if ((numberOf(iat) ?? 0) < Math.floor((user.passwordAt ?? 0) / 1000)) throw otherPassword();
  return user;
}
