import { type Kysely, sql } from "kysely";
import { type AccountId, isBudget } from "../../vocabulary/ledger.ts";
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

/** An account as it is kept, and as it adds up. */
interface AddedUp {
  readonly account: AccountId;
  readonly balance: Nano;
  readonly lent: Nano;
  /** The sums of its entries, of those that gave, and of its loans. */
  readonly entered: Nano;
  readonly granted: Nano;
  readonly owed: Nano;
  readonly entries: number;
}

/** Adds everything up anew and compares: every balance with its entries, every account's loans with what is lent of it. */
export async function checkBooks(database: Kysely<MoneyTables>): Promise<BooksReport> {
  const all = [...(await addedUp(database))].sort((one, other) => (one.account < other.account ? -1 : 1));
  const own = all.filter(({ account }) => !isBudget(account));
  const total = (of: (account: AddedUp) => Nano) => own.reduce((sum, account) => sum + of(account), 0n);
  return {
    accounts: own.length,
    entries: all.reduce((sum, { entries }) => sum + entries, 0),
    granted: total(({ granted }) => granted),
    balances: total(({ balance }) => balance),
    lent: total(({ lent }) => lent),
    discrepancies: all.flatMap(discrepanciesOf),
  };
}

function discrepanciesOf({ account, balance, lent, entered, owed }: AddedUp): Discrepancy[] {
  const found: Discrepancy[] = [];
  if (!isBudget(account) && balance !== entered) found.push({ account, what: "balance is not the sum of its entries", kept: balance, sum: entered });
  if (lent !== owed) found.push({ account, what: "lent is not the sum of its loans", kept: lent, sum: owed });
  return found;
}

/** All accounts, and whatever has entries without being one: read in one statement, so that all of it is of the same moment. */
async function addedUp(database: Kysely<MoneyTables>): Promise<Iterable<AddedUp>> {
  const rows = await database
    .selectFrom("accounts")
    .select(["id as account", said("kept"), asText("balance").as("sum"), asText("lent").as("part"), sql<number>`0`.as("entries")])
    .unionAll(
      database
        .selectFrom("entries")
        .select([READ_IN_ORDER.as("account"), said("entered"), asText("SUM(amount)").as("sum"), GRANTED.as("part"), sql<number>`COUNT(*)`.as("entries")])
        .groupBy(READ_IN_ORDER),
    )
    .unionAll(
      database
        .selectFrom("loans")
        .select(["account", said("owed"), asText("SUM(amount)").as("sum"), asText("0").as("part"), sql<number>`0`.as("entries")])
        .groupBy("account"),
    )
    .execute();
  const accounts = new Map<AccountId, AddedUp>();
  const none = { balance: 0n, lent: 0n, entered: 0n, granted: 0n, owed: 0n, entries: 0 };
  for (const { account, of, sum, part, entries } of rows) {
    const known = accounts.get(account) ?? { account, ...none };
    accounts.set(account, { ...known, ...partOf(of, [moneyIn(sum), moneyIn(part)]), entries: known.entries + Number(entries) });
  }
  return accounts.values();
}

type Part = "kept" | "entered" | "owed";

/** Which part a row is. */
function said(part: Part) {
  return sql<Part>`${sql.lit(part)}`.as("of");
}

function partOf(of: Part, [sum, part]: readonly [Nano, Nano]): Partial<AddedUp> {
  switch (of) {
    case "kept":
      return { balance: sum, lent: part };
    case "entered":
      return { entered: sum, granted: part };
    case "owed":
      return { owed: sum };
  }
}

/** What was adjusted of a request is what it is charged, and given to nobody. */
const GRANTED = asText("SUM(CASE WHEN kind = 'grant' OR (kind = 'adjust' AND request_id IS NULL) THEN amount ELSE 0 END)");
/** The account, as an expression: by it SQLite groups in one reading of the table from end to end, and does not follow the index to each row. */
const READ_IN_ORDER = sql<string>`account || ''`;
