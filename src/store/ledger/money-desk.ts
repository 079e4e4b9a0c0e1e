import type { Kysely } from "kysely";
import type { WorkerLink } from "../workers/worker-link.ts";
import { accountsOf, enter, entriesOfAccount, entriesOfRequest } from "./books.ts";
import type { BooksReport } from "./check.ts";
import { beat, giveUp, lend, takeAllBack, takeBack } from "./lending.ts";
import type { MoneyTables } from "./money-tables.ts";
import { post } from "./posting.ts";
import { pricedInBooks, rerate } from "./rerating.ts";

/** All that can be asked of the books, over a database, but to read them from end to end. */
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
    pricedInBooks: over(pricedInBooks),
    rerate: over(rerate),
  };
}

type Questions = ReturnType<typeof moneyDesk>;

/** All that can be asked of the books. */
export interface MoneyDesk extends Questions {
  /** Adds everything up anew: it takes a second for a million entries or two. */
  check(): Promise<BooksReport>;
}

/** The same, asked of the worker that has the database, and of the one that reads it from end to end. */
export function moneyOver(worker: Pick<WorkerLink<Questions>, "ask">, check: MoneyDesk["check"]): MoneyDesk {
  return {
    lend: (argument) => worker.ask("lend", argument),
    takeBack: (argument) => worker.ask("takeBack", argument),
    takeAllBack: (argument) => worker.ask("takeAllBack", argument),
    beat: (argument) => worker.ask("beat", argument),
    giveUp: (argument) => worker.ask("giveUp", argument),
    post: (argument) => worker.ask("post", argument),
    enter: (argument) => worker.ask("enter", argument),
    accountsOf: (argument) => worker.ask("accountsOf", argument),
    entriesOfAccount: (argument) => worker.ask("entriesOfAccount", argument),
    entriesOfRequest: (argument) => worker.ask("entriesOfRequest", argument),
    pricedInBooks: (argument) => worker.ask("pricedInBooks", argument),
    rerate: (argument) => worker.ask("rerate", argument),
    check,
  };
}
