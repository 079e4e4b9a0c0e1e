import type { Kysely } from "kysely";
import { type AccountId, ENTRY_ENDINGS, type Entry, entryId } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { insertEntries } from "./entry-insertion.ts";
import { ENTRY_COLUMNS, entryOfRow } from "./entry-row.ts";
import { asText, type MoneyTables, moneyIn } from "./money-tables.ts";
import { ensureAccount } from "./posting.ts";

/** An account as the books have it. */
export interface AccountState {
  readonly account: AccountId;
  readonly balance: Nano;
  readonly lent: Nano;
}

/** Enters what management did: money given, taken or paid back. The account as it is then; `undefined` when an entry of this id is there already. */
export async function enter(database: Kysely<MoneyTables>, entry: Entry): Promise<AccountState | undefined> {
  return database.transaction().execute(async (step) => {
    await ensureAccount(step, entry.account);
    if ((await insertEntries(step, [entry])).size === 0) return undefined;
    await step
      .updateTable("accounts")
      .set((column) => ({ balance: column("balance", "+", entry.amount) }))
      .where("id", "=", entry.account)
      .execute();
    const [account] = await accountsOf(step, [entry.account]);
    return account;
  });
}

/** These accounts; one that is not in the books has nothing. */
export async function accountsOf(database: Kysely<MoneyTables>, accounts: readonly AccountId[]): Promise<AccountState[]> {
  const rows =
    accounts.length === 0
      ? []
      : await database
          .selectFrom("accounts")
          .select(["id", asText("balance").as("balance"), asText("lent").as("lent")])
          .where("id", "in", accounts)
          .execute();
  const found = new Map(rows.map(({ id, balance, lent }) => [id, { account: id, balance: moneyIn(balance), lent: moneyIn(lent) }]));
  return accounts.map((account) => found.get(account) ?? { account, balance: 0n, lent: 0n });
}

/** What happened on an account, newest first. */
export async function entriesOfAccount(
  database: Kysely<MoneyTables>,
  { account, limit, offset }: { readonly account: AccountId; readonly limit: number; readonly offset: number },
): Promise<Entry[]> {
  const rows = await database
    .selectFrom("entries")
    .select([...ENTRY_COLUMNS, asText("amount").as("amount"), asText("held").as("held")])
    .where("account", "=", account)
    .orderBy("n", "desc")
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map(entryOfRow);
}

/** The entries of a request, oldest first: their ids are made of its own. */
export async function entriesOfRequest(database: Kysely<MoneyTables>, requestId: string): Promise<Entry[]> {
  const rerated = await database.selectFrom("rerated").select("times").where("request_id", "=", requestId).executeTakeFirst();
  const adjusted = Array.from({ length: Number(rerated?.times ?? 0) }, (_, before) => `a${before + 1}` as const);
  const rows = await database
    .selectFrom("entries")
    .select([...ENTRY_COLUMNS, asText("amount").as("amount"), asText("held").as("held")])
    .where(
      "id",
      "in",
      [...ENTRY_ENDINGS, ...adjusted].map((ending) => entryId(requestId, ending)),
    )
    .orderBy("n")
    .execute();
  return rows.map(entryOfRow);
}
