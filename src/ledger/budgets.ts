import type { BoundScope, Bounds, Budget } from "../vocabulary/bounds.ts";
import type { AccountId } from "../vocabulary/ledger.ts";
import { dollarsOf, type Nano } from "../vocabulary/money.ts";
import { budgetAccount, spanOf } from "./windows.ts";

/** A budget in the span of time that is now. */
export interface CurrentBudget {
  readonly scope: BoundScope;
  /** Of the key, user or team it binds. */
  readonly id: string;
  readonly budget: Budget;
  /** What counts what is spent of it until then. */
  readonly account: AccountId;
  /** In words: `the daily budget of 5 USD of key ci`. */
  readonly name: string;
  /** When it begins anew, milliseconds since 1970; absent: never. */
  readonly resetsAt?: number;
}

/** How much of it there is. */
export interface BudgetStanding extends CurrentBudget {
  readonly used: Nano;
  /** For answers under way. */
  readonly held: Nano;
  readonly remaining: Nano;
  /** In words, as whoever is refused reads them. */
  readonly text: string;
}

const LENGTHS = { hour: "hourly", day: "daily", week: "weekly", month: "monthly", total: "whole" } as const;

export function currentBudget({ scope, id }: Bounds, budget: Budget, now: number): CurrentBudget {
  const { start, end } = spanOf(budget.window, now);
  return {
    scope,
    id,
    budget,
    account: budgetAccount({ scope, id }, budget, start),
    name: `the ${LENGTHS[budget.window]} budget of ${dollarsOf(budget.amount)} USD of ${scope} ${id}`,
    resetsAt: Number.isFinite(end) ? end : undefined,
  };
}

export function standingOf(current: CurrentBudget, { used, held }: { readonly used: Nano; readonly held: Nano }): BudgetStanding {
  const left = current.budget.amount - used - held;
  const remaining = left > 0n ? left : 0n;
  return { ...current, used, held, remaining, text: `${capital(current.name)} has ${dollarsOf(remaining)} USD left.${beginsAnew(current.resetsAt)}` };
}

/** When a budget begins anew, as a sentence to go on with. */
export function beginsAnew(resetsAt: number | undefined): string {
  return resetsAt === undefined ? "" : ` It begins anew at ${new Date(resetsAt).toISOString()}.`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
