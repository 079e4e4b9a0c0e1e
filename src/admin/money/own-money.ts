import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { type BudgetStanding, currentBudget, standingOf } from "../../ledger/budgets.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { type AccountId, type Entry, HOUSE, userAccount } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { isoTime } from "../input.ts";
import { shownBudget } from "../people/bounds-view.ts";
import { shownAmount } from "./amounts.ts";

/** Money as its owner sees it. */
export interface OwnMoney {
  /** What is in the books, everything settled so far included. Rejects with `overloaded` while they cannot be read. */
  balance(account: AccountId): Promise<Nano>;
  /** What is held for answers under way. */
  held(account: AccountId): Nano;
  /** Newest first. Rejects likewise. */
  entries(page: { readonly account: AccountId; readonly limit: number; readonly offset: number }): Promise<readonly Entry[]>;
}

const MOST = 1_000;
const USUAL = 10;

/** `/billing/…` and `/api/me/balance`: a caller's own balance, what it was spent on, and the budgets that bind them. */
export function ownMoneyRoutes(money: OwnMoney): Route[] {
  return [
    { method: "GET", path: "/billing/balance", admits: "read-only", handle: async (exchange) => jsonReply(await balanceOf(actor(exchange), money)) },
    { method: "GET", path: "/billing/transactions", admits: "read-only", handle: (exchange) => transactions(exchange, money) },
    { method: "GET", path: "/api/me/balance", admits: "read-only", handle: (exchange) => balances(exchange, money) },
  ];
}

/** Whose money a caller spends; callers without a user have the house's, which has no end. */
function accountOf({ userId }: Caller): AccountId {
  return userId === undefined ? HOUSE : userAccount(userId);
}

async function balanceOf(caller: Caller, money: OwnMoney) {
  const account = accountOf(caller);
  if (caller.userId === undefined) return { user_id: HOUSE, balance: null, unlimited: true };
  const posted = await money.balance(account);
  const held = money.held(account);
  return {
    user_id: caller.userId,
    ...shownAmount("balance", posted),
    ...shownAmount("held", held),
    ...shownAmount("available", posted - held),
    currency: "USD",
  };
}

/** The balance, and every budget that a request of this caller counts against: its key's, its user's and its team's. */
async function balances(exchange: Exchange, money: OwnMoney): Promise<Reply> {
  const caller = actor(exchange);
  const now = exchange.visit.now();
  const current = (caller.bounds ?? []).flatMap((bound) => (bound.budgets ?? []).map((budget) => currentBudget(bound, budget, now)));
  // A budget's balance is what was spent of it, below nothing.
  const spent = await Promise.all(current.map(async ({ account }) => -(await money.balance(account))));
  const standings = current.map((budget, index) => standingOf(budget, { used: spent[index] ?? 0n, held: money.held(budget.account) }));
  const least = standings.toSorted((one, other) => Number(one.remaining - other.remaining))[0];
  const budgets = standings.map((standing) => ({ ...shownStanding(standing), binds_first: standing === least, text: standing.text }));
  return jsonReply({ ...(await balanceOf(caller, money)), budgets });
}

function shownStanding({ scope, id, budget, used, held, remaining, resetsAt }: BudgetStanding) {
  return {
    scope,
    id,
    ...shownBudget(budget),
    ...shownAmount("used", used),
    ...shownAmount("held", held),
    ...shownAmount("remaining", remaining),
    resets_at: isoTime(resetsAt),
  };
}

async function transactions(exchange: Exchange, money: OwnMoney): Promise<Reply> {
  const { search } = exchange;
  const caller = actor(exchange);
  const query = new URLSearchParams(search);
  const limit = Math.min(wholeIn(query, "limit") ?? USUAL, MOST);
  const offset = wholeIn(query, "offset") ?? 0;
  const entries = await money.entries({ account: accountOf(caller), limit, offset });
  return jsonReply({ user_id: caller.userId ?? HOUSE, transactions: entries.map(shownEntry), limit, offset });
}

/** An entry as a transaction: what it did to the balance, and why. */
export function shownEntry(entry: Entry) {
  return {
    id: entry.id,
    ...shownAmount("amount", entry.amount),
    description: entry.description,
    timestamp: isoTime(entry.at),
    kind: entry.kind,
    request_id: entry.requestId ?? null,
    model: entry.model ?? null,
    deployment: entry.deployment ?? null,
    prompt_tokens: entry.promptTokens ?? null,
    completion_tokens: entry.completionTokens ?? null,
    evidence: entry.evidence ?? null,
    price_version: entry.priceVersion ?? null,
    reason: entry.reason ?? null,
  };
}

function wholeIn(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw invalidRequest(name, `${name} must be a whole number, 0 or more.`);
  return Number(value);
}
