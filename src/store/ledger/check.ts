import { type Kysely, sql } from "kysely";
import type { AccountId } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { asText, type MoneyTables, moneyIn } from "./money-tables.ts";

/** What the books come to, and where they do not agree. */
export interface BooksReport {
  readonly accounts: number;
  readonly entries: number;
  /** All that was ever given, and all that is left of it; what is lent is a part of what is left. */
  readonly granted: Nano;
  readonly balances: Nano;
  readonly lent: Nano;
  readonly discrepancies: readonly Discrepancy[];
}

/** Two sums that should be one. */
export interface Discrepancy {
  readonly account: AccountId;
  readonly what: "balance is not the sum of its entries" | "lent is not the sum of its loans";
  readonly kept: Nano;
  readonly sum: Nano;
}

/** Adds everything up anew and compares: every balance with its entries, every account's loans with what is lent of it. */
export async function checkBooks(database: Kysely<MoneyTables>): Promise<BooksReport> {
  return database.transaction().execute(async (step) => {
    const accounts = await step
      .selectFrom("accounts")
      .select(["id", asText("balance").as("balance"), asText("lent").as("lent")])
      .orderBy("id")
      .execute();
    const sums = await step
      .selectFrom("entries")
      .select(["account", asText("SUM(amount)").as("sum"), sql<number>`COUNT(*)`.as("count")])
      .groupBy("account")
      .execute();
    const loans = await step
      .selectFrom("loans")
      .select(["account", asText("SUM(amount)").as("sum")])
      .groupBy("account")
      .execute();
    const granted = await step.selectFrom("entries").select(asText("SUM(amount)").as("sum")).where("kind", "in", ["grant", "adjust"]).executeTakeFirst();
    const entered = new Map(sums.map(({ account, sum }) => [account, moneyIn(sum)]));
    const borrowed = new Map(loans.map(({ account, sum }) => [account, moneyIn(sum)]));
    const discrepancies: Discrepancy[] = [];
    for (const { id: account, balance, lent } of accounts) {
      const [kept, sum] = [moneyIn(balance), entered.get(account) ?? 0n];
      // A budget has no entries of its own: what counts against it stands with whoever paid.
      if (!account.startsWith("budget:") && kept !== sum) discrepancies.push({ account, what: "balance is not the sum of its entries", kept, sum });
      const owed = borrowed.get(account) ?? 0n;
      if (moneyIn(lent) !== owed) discrepancies.push({ account, what: "lent is not the sum of its loans", kept: moneyIn(lent), sum: owed });
    }
    for (const [account, sum] of entered)
      if (!accounts.some(({ id }) => id === account)) discrepancies.push({ account, what: "balance is not the sum of its entries", kept: 0n, sum });
    const own = accounts.filter(({ id }) => !id.startsWith("budget:"));
    return {
      accounts: own.length,
      entries: sums.reduce((total, { count }) => total + Number(count), 0),
      granted: moneyIn(granted?.sum),
      balances: own.reduce((total, { balance }) => total + moneyIn(balance), 0n),
      lent: own.reduce((total, { lent }) => total + moneyIn(lent), 0n),
      discrepancies,
    };
  });
}
