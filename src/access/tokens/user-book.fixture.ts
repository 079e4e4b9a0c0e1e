import type { UserRow } from "../../store/users/user-row.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { NewUser, UserBook } from "./user-book.ts";

/** Users in memory, with what was asked of them; `away` makes every question fail. */
export function userBookOf(...rows: (Partial<UserRow> & Pick<UserRow, "id">)[]) {
  const users = new Map<string, UserRow>(
    rows.map((row) => [row.id, { issuer: "local", subject: row.id, role: "member", createdAt: 0, ...row } satisfies UserRow]),
  );
  const hands = { away: false };
  const asked: string[] = [];
  const answer = async <Answer>(question: string, found: () => Answer): Promise<Answer> => {
    asked.push(question);
    if (hands.away) throw new Error("the users are away");
    return found();
  };
  const one = (fits: (user: UserRow) => boolean) => [...users.values()].find(fits);
  const book: UserBook = {
    find: (id) => answer(`find ${id}`, () => users.get(id)),
    findBySubject: (issuer, subject) => answer(`subject ${issuer} ${subject}`, () => one((user) => user.issuer === issuer && user.subject === subject)),
    findByEmail: (email) => answer(`email ${email}`, () => one((user) => user.email?.toLowerCase() === email.toLowerCase())),
    create: (user: NewUser) =>
      answer(`create ${user.issuer} ${user.subject}`, () => {
        if (one(({ issuer, subject }) => issuer === user.issuer && subject === user.subject)) throw new Error("there is one already");
        const row: UserRow = { id: `user-${users.size + 1}`, createdAt: 0, ...user };
        users.set(row.id, row);
        return row;
      }),
    setPassword: (id, hash) =>
      answer(`password ${id}`, () => {
        const user = users.get(id);
        if (user !== undefined) users.set(id, { ...user, passwordHash: hash });
      }),
    async standing({ id, limits, budgets }, team) {
      if (hands.away) throw new Error("the users are away");
      if (team !== undefined && team !== `${id}'s`) throw new Failure("invalid-key", "This user is not in that team.");
      return { teamId: team, bounds: [{ scope: "user", id, limits, budgets }] };
    },
  };
  return { book, users, hands, asked };
}
