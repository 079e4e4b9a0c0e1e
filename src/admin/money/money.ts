import { z } from "zod";
import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { BooksReport } from "../../store/ledger/check.ts";
import type { PricedInBooks, Rerating } from "../../store/ledger/rerating.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { type AccountId, COUNTER, type Entry, entryId, HOUSE, userAccount } from "../../vocabulary/ledger.ts";
import { dollarsOf, type Nano, nanoOf } from "../../vocabulary/money.ts";
import { idIn, queryOf, readInput } from "../input.ts";
import { shownAmount } from "./amounts.ts";
import { type OwnMoney, shownEntry } from "./own-money.ts";

/** Money as management handles it. */
export interface MoneyDesk extends OwnMoney {
  /** Enters it, and has every gateway know; the balance then. `undefined`: an entry of this id is there already. */
  enter(entry: Entry): Promise<Nano | undefined>;
  ofRequest(requestId: string): Promise<readonly Entry[]>;
  /** Charges requests what they should have been, and has every gateway know. */
  rerate(reratings: readonly Rerating[]): Promise<void>;
  /** What the books know of the prices of these requests. */
  pricedInBooks(requestIds: readonly string[]): Promise<PricedInBooks>;
  /** Adds everything up anew. */
  check(): Promise<BooksReport>;
  /** Is there such a user? */
  isUser(userId: string): Promise<boolean>;
}

const reason = z.string().trim().min(1, { error: "expected a reason: it stands in the ledger" }).max(1_000);
const dollars = z
  .union([z.number(), z.string()])
  .refine((value) => nanoOf(value) !== undefined && nanoOf(value) !== 0n, { error: "expected an amount of US dollars that is not 0, such as 25 or -0.5" })
  .transform((value) => nanoOf(value) ?? 0n);
const CREDIT = z.strictObject({ amount: dollars, reason });
const REFUND = z.strictObject({ amount: dollars.optional(), reason });

const [CREDITED, REFUNDED] = ["/credit", "/refund"];

/** Money given, taken and paid back by management; the ledger, and whether it adds up. */
export function moneyRoutes(money: MoneyDesk): Route[] {
  return [
    { method: "POST", path: "/admin/users/*", admits: "admin", action: "user.credit", handle: (exchange) => credit(exchange, money) },
    { method: "POST", path: "/admin/requests/*", admits: "admin", action: "request.refund", handle: (exchange) => refund(exchange, money) },
    { method: "GET", path: "/admin/transactions", admits: "operator", handle: (exchange) => transactions(exchange, money) },
    { method: "GET", path: "/admin/books", admits: "operator", handle: async () => jsonReply(shownReport(await money.check())) },
  ];
}

/** `POST /admin/users/{id}/credit`: a negative amount takes. */
async function credit(exchange: Exchange, money: MoneyDesk): Promise<Reply> {
  const userId = idBefore(CREDITED, exchange, "/admin/users/{id}/credit");
  if (!(await money.isUser(userId))) throw new Failure("not-found", `There is no user ${userId}.`);
  const { amount, reason: why } = readInput(CREDIT, await exchange.body());
  const given = amount > 0n;
  const account = userAccount(userId);
  const entry = entryOf(exchange, {
    id: `txn_${exchange.visit.id.replace(/^req_/, "")}`,
    kind: given ? "grant" : "adjust",
    account,
    userId,
    amount,
    description: given ? "Credit" : "Adjustment",
    reason: why,
  });
  const balance = await money.enter(entry);
  return changed(entry, balance ?? (await money.balance(account)), { kind: "user", id: userId });
}

/** `POST /admin/requests/{id}/refund`: all that it was charged, or a part. Once. */
async function refund(exchange: Exchange, money: MoneyDesk): Promise<Reply> {
  const requestId = idBefore(REFUNDED, exchange, "/admin/requests/{id}/refund");
  const { amount, reason: why } = readInput(REFUND, await exchange.body());
  const entries = await money.ofRequest(requestId);
  const [first] = entries;
  if (first === undefined) throw new Failure("not-found", `Nothing was charged for the request ${requestId}.`);
  const charged = entries.reduce((sum, { kind, amount: each }) => (kind === "refund" ? sum : sum - each), 0n);
  const wanted = amount ?? charged;
  if (wanted < 0n || wanted > charged) throw invalidRequest("amount", `amount must be from 0 to ${dollarsOf(charged)}: so much was charged for this request.`);
  const entry = entryOf(exchange, {
    id: entryId(requestId, "r"),
    kind: "refund",
    account: first.account,
    userId: first.userId,
    amount: wanted,
    description: `Refund of ${first.description}`,
    requestId,
    reason: why,
  });
  const balance = await money.enter(entry);
  if (balance === undefined) throw invalidRequest("id", `The request ${requestId} has been refunded already.`);
  return changed(entry, balance, { kind: "request", id: requestId });
}

function entryOf(exchange: Exchange, facts: Omit<Entry, "at" | "held" | "actor">): Entry {
  return { ...facts, held: 0n, at: Math.round(exchange.visit.startedAt), actor: actor(exchange).keyId };
}

function changed(entry: Entry, balance: Nano, { kind, id }: { readonly kind: string; readonly id: string }): Reply {
  const { amount, amount_nano, reason: why } = shownEntry(entry);
  return { ...jsonReply({ ...shownEntry(entry), ...shownAmount("balance", balance) }, 201), change: { kind, id, after: { amount, amount_nano, reason: why } } };
}

function idBefore(ending: string, { rest }: Exchange, path: string): string {
  if (!rest.endsWith(ending) || rest.length === ending.length) throw new Failure("not-found", `There is no such route here. Did you mean POST ${path}?`);
  return idIn(rest.slice(0, -ending.length));
}

/** `GET /admin/transactions?user_id=`: of a user, or of the house. */
async function transactions(exchange: Exchange, money: MoneyDesk): Promise<Reply> {
  const query = queryOf(exchange);
  const userId = query.text("user_id");
  const account: AccountId = userId === undefined ? HOUSE : userAccount(userId);
  const limit = Math.min(query.number("limit") ?? 50, 1_000);
  const offset = query.number("offset") ?? Number(query.text("cursor") ?? 0);
  const entries = await money.entries({ account, limit: limit + 1, offset });
  const next = entries.length > limit ? String(offset + limit) : null;
  return jsonReply({
    data: entries.slice(0, limit).map((entry) => ({
      ...shownEntry(entry),
      user_id: entry.userId ?? null,
      account: entry.account,
      counter: COUNTER[entry.kind],
      actor: entry.actor ?? null,
    })),
    next,
  });
}

function shownReport({ accounts, entries, granted, balances, lent, discrepancies }: BooksReport) {
  return {
    ok: discrepancies.length === 0,
    accounts,
    entries,
    ...shownAmount("granted", granted),
    ...shownAmount("balances", balances),
    ...shownAmount("lent", lent),
    discrepancies: discrepancies.map(({ account, what, kept, sum }) => ({ account, what, ...shownAmount("kept", kept), ...shownAmount("sum", sum) })),
  };
}
