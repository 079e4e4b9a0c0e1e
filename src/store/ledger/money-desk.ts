import type { Kysely } from "kysely";
import { accountsOf, enter, entriesOfAccount, entriesOfRequest } from "./books.ts";
import { checkBooks } from "./check.ts";
import { beat, giveUp, lend, takeAllBack, takeBack } from "./lending.ts";
import type { MoneyTables } from "./money-tables.ts";
import { post } from "./posting.ts";

/** All that can be asked of the books, over a database. */
export function moneyDesk(database: () => Kysely<MoneyTables>) {
  const over =
    <Argument, Result>(query: (database: Kysely<MoneyTables>, argument: Argument) => Promise<Result>) =>
    (argument: Argument): Promise<Result> =>
      query(database(), argument);
  return {
    lend: over(lend),
    takeBack: over(takeBack),
    takeAllBack: over(takeAllBack),
    beat: over(beat),
    giveUp: over(giveUp),
    post: over(post),
    enter: over(enter),
    accountsOf: over(accountsOf),
    entriesOfAccount: over(entriesOfAccount),
    entriesOfRequest: over(entriesOfRequest),
    check: (_: null) => checkBooks(database()),
  };
}

export type MoneyDesk = ReturnType<typeof moneyDesk>;
