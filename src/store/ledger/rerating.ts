import type { Kysely, Transaction } from "kysely";
import { type AccountId, type Entry, entryId, isBudget } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { insertEntries } from "./entry-insertion.ts";
import { asText, type MoneyTables, moneyIn } from "./money-tables.ts";
import { ensureAccount } from "./posting.ts";

/** What one request is to be charged, and what it counts against. */
export interface Rerating {
  readonly requestId: string;
  /** What it was charged at first. */
  readonly first: Nano;
  readonly charge: Nano;
  /** Whoever paid, and budgets. */
  readonly accounts: readonly AccountId[];
  /** What its entry says besides. */
  readonly facts: Omit<Entry, "id" | "kind" | "account" | "amount" | "held" | "requestId">;
}

/** What the books know of the prices of some requests. */
export interface PricedInBooks {
  /** What those are charged whose price was put right before, by their ids. */
  readonly charges: ReadonlyMap<string, Nano>;
  /** Those of which something was paid back. */
  readonly refunded: ReadonlySet<string>;
}

/** A rerating that changes something, and how often its request's price is put right then. */
interface Due extends Rerating {
  readonly more: Nano;
  readonly times: number;
}

/** What the books know of these requests. */
export async function pricedInBooks(database: Kysely<MoneyTables>, requestIds: readonly string[]): Promise<PricedInBooks> {
  if (requestIds.length === 0) return { charges: new Map(), refunded: new Set() };
  const charges = await database.selectFrom("rerated").select(["request_id", CHARGE]).where("request_id", "in", requestIds).execute();
  const refunds = new Map(requestIds.map((id) => [entryId(id, "r"), id]));
  const entries = await database
    .selectFrom("entries")
    .select("id")
    .where("id", "in", [...refunds.keys()])
    .execute();
  return {
    charges: new Map(charges.map(({ request_id, charge }) => [request_id, moneyIn(charge)])),
    refunded: new Set(entries.map(({ id }) => refunds.get(id) ?? "")),
  };
}

/**
 * Charges requests what they should have been, all of them or none: an entry for the difference on the account that paid, and as much on
 * every budget. What is there already is not entered twice, whoever else is at it. The accounts that were changed.
 */
export async function rerate(database: Kysely<MoneyTables>, reratings: readonly Rerating[]): Promise<AccountId[]> {
  if (reratings.length === 0) return [];
  return database.transaction().execute(async (step) => {
    const due = await dueOf(step, reratings);
    await insertEntries(step, due.flatMap(entriesOf));
    const more = new Map<AccountId, Nano>();
    for (const each of due) for (const account of each.accounts) more.set(account, (more.get(account) ?? 0n) + each.more);
    // In one order everywhere, so that two gateways never wait for one another.
    const accounts = [...more.keys()].sort();
    for (const account of accounts) {
      await ensureAccount(step, account);
      await step
        .updateTable("accounts")
        .set((column) => ({ balance: column("balance", "-", more.get(account) ?? 0n) }))
        .where("id", "=", account)
        .execute();
    }
    return accounts;
  });
}

const CHARGE = asText("charge").as("charge");

/** Those that change something. Nobody else puts the price of any of them right until the transaction ends. */
async function dueOf(step: Transaction<MoneyTables>, reratings: readonly Rerating[]): Promise<Due[]> {
  const inOrder = reratings.toSorted((one, other) => (one.requestId < other.requestId ? -1 : 1));
  const rows = await step
    .insertInto("rerated")
    .values(inOrder.map(({ requestId, first }) => ({ request_id: requestId, charge: first, times: 0 })))
    .onConflict((conflict) => conflict.column("request_id").doUpdateSet((column) => ({ times: column.ref("rerated.times") })))
    .returning(["request_id", CHARGE, "times"])
    .execute();
  const known = new Map(rows.map((row) => [row.request_id, row]));
  const due = inOrder.flatMap((rerating): Due[] => {
    const row = known.get(rerating.requestId);
    const more = rerating.charge - moneyIn(row?.charge);
    return more === 0n ? [] : [{ ...rerating, more, times: Number(row?.times ?? 0) + 1 }];
  });
  for (const { requestId, charge, times } of due) await step.updateTable("rerated").set({ charge, times }).where("request_id", "=", requestId).execute();
  return due;
}

/** Nothing where no balance pays. */
function entriesOf({ requestId, accounts, facts, more, times }: Due): Entry[] {
  const payer = accounts.find((account) => !isBudget(account));
  if (payer === undefined) return [];
  return [{ ...facts, id: entryId(requestId, `a${times}`), kind: "adjust", account: payer, amount: -more, held: 0n, requestId }];
}
