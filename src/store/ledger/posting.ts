import type { Kysely, Transaction } from "kysely";
import type { AccountId } from "../../vocabulary/ledger.ts";
import { type Nano, smallerOf } from "../../vocabulary/money.ts";
import { insertEntries } from "./entry-insertion.ts";
import { entriesOf } from "./entry-row.ts";
import { lineOf, type NumberedLine } from "./journal-line.ts";
import { asText, type MoneyTables, moneyIn } from "./money-tables.ts";

export interface Posting {
  /** Whose journal it is. */
  readonly holder: string;
  /** Every line up to this one is in the books afterwards. */
  readonly upTo: number;
  /** In their order. As text: so they reach another thread without being taken apart on this one. */
  readonly lines: readonly NumberedLine[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Puts settlements into the books, all or none of them. What is there already is not put there twice: neither a line of the journal nor an entry
 * of the same name.
 */
export async function post(database: Kysely<MoneyTables>, { holder, upTo, lines, at }: Posting): Promise<void> {
  await database.transaction().execute(async (step) => {
    const applied = await appliedBy(step, holder, at);
    const fresh = lines.filter(({ number }) => number > applied).map(({ text }) => lineOf(text).settlement);
    const entries = fresh.flatMap(entriesOf);
    const written = await insertEntries(step, entries);
    const spent = new Map<AccountId, Nano>();
    const spend = (account: AccountId, amount: Nano) => spent.set(account, (spent.get(account) ?? 0n) + amount);
    for (const { id, account, amount } of entries) if (written.has(id)) spend(account, -amount);
    for (const { budgets, used } of fresh) for (const account of budgets) spend(account, used);
    // In one order everywhere, so that two gateways never wait for one another.
    for (const account of [...spent.keys()].sort()) await take(step, { account, holder, amount: spent.get(account) ?? 0n });
    await step.updateTable("holders").set({ applied: upTo, seen_at: at }).where("id", "=", holder).where("applied", "<", upTo).execute();
  });
}

/** The last line of this gateway's journal that is in the books; 0 for a gateway that is new here. Nobody else posts for it until the transaction ends. */
async function appliedBy(step: Transaction<MoneyTables>, holder: string, at: number): Promise<number> {
  await step
    .insertInto("holders")
    .values({ id: holder, applied: 0, seen_at: at, lost: 0 })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen_at: at }))
    .execute();
  const row = await step.selectFrom("holders").select("applied").where("id", "=", holder).executeTakeFirst();
  return Number(row?.applied ?? 0);
}

/** Takes money that was spent: from the account, and from what its spender had been lent, as far as that goes. */
async function take(
  step: Transaction<MoneyTables>,
  { account, holder, amount }: { readonly account: AccountId; readonly holder: string; readonly amount: Nano },
) {
  await ensureAccount(step, account);
  const loan = await loanOf(step, account, holder);
  const fromLoan = smallerOf(loan, amount);
  await step
    .updateTable("accounts")
    .set((column) => ({ balance: column("balance", "-", amount), lent: column("lent", "-", fromLoan) }))
    .where("id", "=", account)
    .execute();
  if (fromLoan > 0n) await changeLoan(step, { account, holder, by: -fromLoan });
}

/** The account's row is there, and nobody else changes it until the transaction ends. */
export async function ensureAccount(step: Transaction<MoneyTables>, account: AccountId): Promise<void> {
  await step
    .insertInto("accounts")
    .values({ id: account, balance: 0n, lent: 0n })
    .onConflict((conflict) => conflict.column("id").doUpdateSet((column) => ({ lent: column.ref("accounts.lent") })))
    .execute();
}

export async function loanOf(step: Transaction<MoneyTables>, account: AccountId, holder: string): Promise<Nano> {
  const row = await step
    .selectFrom("loans")
    .select(asText("amount").as("amount"))
    .where("account", "=", account)
    .where("holder", "=", holder)
    .executeTakeFirst();
  return moneyIn(row?.amount);
}

/** Lends so much more, or less. */
export async function changeLoan(
  step: Transaction<MoneyTables>,
  { account, holder, by }: { readonly account: AccountId; readonly holder: string; readonly by: Nano },
): Promise<void> {
  await step
    .insertInto("loans")
    .values({ account, holder, amount: by })
    .onConflict((conflict) => conflict.columns(["account", "holder"]).doUpdateSet((column) => ({ amount: column("loans.amount", "+", by) })))
    .execute();
}
