import type { Kysely, Transaction } from "kysely";
import type { AccountId, Loan, LoanRequest } from "../../vocabulary/ledger.ts";
import { largerOf, type Nano, smallerOf } from "../../vocabulary/money.ts";
import { asText, type MoneyTables, moneyIn } from "./money-tables.ts";
import { changeLoan, ensureAccount, loanOf } from "./posting.ts";

/** Of what an account has left, a gateway that wants more than it needs gets this part at most: the others want some too. */
const SHARE = 8n;

/** Lends a gateway money of an account, or none when less is left than it needs. */
export async function lend(database: Kysely<MoneyTables>, { holder, ...wanted }: LoanRequest & { readonly holder: string }): Promise<Loan> {
  const { account, ceiling, least, most } = wanted;
  return database.transaction().execute(async (step) => {
    await ensureAccount(step, account);
    const { balance, lent } = await accountOf(step, account);
    const loan = await loanOf(step, account, holder);
    const left = balance + ceiling - lent;
    const given = left < least || left <= 0n ? 0n : most === undefined ? left : largerOf(least, smallerOf(most, left / SHARE));
    if (given > 0n) {
      await step
        .updateTable("accounts")
        .set((column) => ({ lent: column("lent", "+", given) }))
        .where("id", "=", account)
        .execute();
      await changeLoan(step, { account, holder, by: given });
    }
    return { lent: given, elsewhere: balance + ceiling - loan - given };
  });
}

/** Takes back so much of what a gateway was lent of an account. */
export async function takeBack(
  database: Kysely<MoneyTables>,
  { account, holder, amount }: { account: AccountId; holder: string; amount: Nano },
): Promise<void> {
  await database.transaction().execute(async (step) => {
    await ensureAccount(step, account);
    const loan = await loanOf(step, account, holder);
    await returnTo(step, { account, holder, amount: smallerOf(loan, amount) });
  });
}

/** Takes back all that a gateway was lent: it begins anew, or is gone. */
export async function takeAllBack(database: Kysely<MoneyTables>, holder: string): Promise<void> {
  await database.transaction().execute((step) => allBack(step, holder));
}

/** A gateway says that it lives. False when it had been given up meanwhile: what it was lent is no longer its own. */
export async function beat(database: Kysely<MoneyTables>, { holder, at }: { readonly holder: string; readonly at: number }): Promise<boolean> {
  return database.transaction().execute(async (step) => {
    await step
      .insertInto("holders")
      .values({ id: holder, applied: 0, seen_at: at, lost: 0 })
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen_at: at }))
      .execute();
    const row = await step.selectFrom("holders").select("lost").where("id", "=", holder).executeTakeFirst();
    if (Number(row?.lost) !== 1) return true;
    await step.updateTable("holders").set({ lost: 0 }).where("id", "=", holder).execute();
    return false;
  });
}

/** Gives up the gateways that have said nothing since then: what they were lent is free again. Their ids. */
export async function giveUp(database: Kysely<MoneyTables>, { silentSince }: { readonly silentSince: number }): Promise<string[]> {
  return database.transaction().execute(async (step) => {
    const lost = await step
      .selectFrom("holders")
      .select("id")
      .where("seen_at", "<", silentSince)
      .where("id", "in", step.selectFrom("loans").select("holder").where("amount", ">", 0n))
      .orderBy("id")
      .execute();
    for (const { id } of lost) {
      await allBack(step, id);
      await step.updateTable("holders").set({ lost: 1 }).where("id", "=", id).execute();
    }
    return lost.map(({ id }) => id);
  });
}

async function allBack(step: Transaction<MoneyTables>, holder: string): Promise<void> {
  const loans = await step.selectFrom("loans").select("account").where("holder", "=", holder).where("amount", "<>", 0n).orderBy("account").execute();
  for (const { account } of loans) {
    await ensureAccount(step, account);
    await returnTo(step, { account, holder, amount: await loanOf(step, account, holder) });
  }
  await step.deleteFrom("loans").where("holder", "=", holder).execute();
}

async function returnTo(step: Transaction<MoneyTables>, { account, holder, amount }: { account: AccountId; holder: string; amount: Nano }): Promise<void> {
  await step
    .updateTable("accounts")
    .set((column) => ({ lent: column("lent", "-", amount) }))
    .where("id", "=", account)
    .execute();
  await changeLoan(step, { account, holder, by: -amount });
}

/** An account that is there. */
async function accountOf(step: Transaction<MoneyTables>, account: AccountId): Promise<{ readonly balance: Nano; readonly lent: Nano }> {
  const row = await step
    .selectFrom("accounts")
    .select([asText("balance").as("balance"), asText("lent").as("lent")])
    .where("id", "=", account)
    .executeTakeFirst();
  return { balance: moneyIn(row?.balance), lent: moneyIn(row?.lent) };
}
