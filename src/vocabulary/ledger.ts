import type { Nano } from "./money.ts";
import type { Usage } from "./usage.ts";

/**
 * What has money: a user (`user:<id>`), the house that pays for callers without one, and every span of time of a budget
 * (`budget:key:<id>:day:2026-11-22`), whose balance is what was spent of it.
 */
export type AccountId = string;

/** The account of callers who have none of their own: it may owe as much as it likes. */
export const HOUSE: AccountId = "house";

export function userAccount(userId: string): AccountId {
  return `user:${userId}`;
}

/** Does it count what is spent of a budget? It has no entries of its own: what counts against it stands with whoever paid. */
export function isBudget(account: AccountId): boolean {
  return account.startsWith("budget:");
}

/**
 * Why money moved: it was given; an answer was paid for from its hold; an answer took more than its hold; an answer was paid back; a balance
 * was put right.
 */
export type EntryKind = "grant" | "capture" | "overdraft" | "refund" | "adjust";

/** The other side of a movement: every entry takes from one account what it gives to another. */
export const COUNTER: Readonly<Record<EntryKind, string>> = {
  grant: "funding",
  capture: "revenue",
  overdraft: "revenue",
  refund: "revenue",
  adjust: "adjustments",
};

/** How the ids of a request's entries end: of what was captured, of an overdraft, of what was paid back. */
export const ENTRY_ENDINGS = ["", "o", "r"] as const;

/** The id of an entry of a request; `a1`, `a2` are those by which its price was put right. There is one of each at most, so nothing is entered twice. */
export function entryId(requestId: string, ending: (typeof ENTRY_ENDINGS)[number] | `a${number}`): string {
  return `txn_${requestId.replace(/^req_/, "")}${ending}`;
}

/** What an answer is paid with, known when it has ended: one line of the journal, an entry or two of the ledger. */
export interface Settlement {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whose balance; absent: balances are not enforced, only budgets are. */
  readonly payer?: AccountId;
  /** Budgets it counts against as well. */
  readonly budgets: readonly AccountId[];
  /** What it costs its caller, and what was held for it. */
  readonly used: Nano;
  readonly held: Nano;
  readonly keyId?: string;
  readonly userId?: string;
  readonly teamId?: string;
  readonly model: string;
  readonly deployment?: string;
  /** By which prices. */
  readonly priceVersion?: string;
  /** How it is known what was used, and how much. */
  readonly evidence: Usage["evidence"];
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** In words: `Chat completion with gpt-4o`. */
  readonly description: string;
}

/** A movement of money as it stands in the ledger. */
export interface Entry {
  /** `txn_…` */
  readonly id: string;
  readonly kind: EntryKind;
  readonly account: AccountId;
  /** What it did to the account's balance. */
  readonly amount: Nano;
  /** What had been held for it. */
  readonly held: Nano;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly description: string;
  readonly requestId?: string;
  readonly keyId?: string;
  readonly userId?: string;
  readonly teamId?: string;
  readonly model?: string;
  readonly deployment?: string;
  readonly priceVersion?: string;
  readonly evidence?: Usage["evidence"];
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Of what management did: why, and who. */
  readonly reason?: string;
  readonly actor?: string;
}

/** Money a gateway asks the database for, to spend it without asking again. */
export interface LoanRequest {
  readonly account: AccountId;
  /** Over its balance: a budget's amount, whose balance only counts what was spent. */
  readonly ceiling: Nano;
  /** Less is of no use. */
  readonly least: Nano;
  /** More is not needed; absent: all there is. */
  readonly most?: Nano;
}

/** What was lent. */
export interface Loan {
  readonly lent: Nano;
  /** What the account would have if every hold on it were released: not lent, and lent to other gateways. */
  readonly elsewhere: Nano;
}
