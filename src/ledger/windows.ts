import type { BoundScope, Budget, BudgetWindow } from "../vocabulary/bounds.ts";
import type { AccountId } from "../vocabulary/ledger.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The epoch was a Thursday: the Monday before it. */
const MONDAY = -3 * DAY;

/** A span of time, in milliseconds since 1970; its end is the next one's start. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The span of this kind that the moment is in. In UTC, worked out from the time alone: nothing has to be reset. */
export function spanOf(window: BudgetWindow, now: number): Span {
  switch (window) {
    case "hour":
      return span(now - mod(now, HOUR), HOUR);
    case "day":
      return span(now - mod(now, DAY), DAY);
    case "week":
      return span(now - mod(now - MONDAY, 7 * DAY), 7 * DAY);
    case "month": {
      const date = new Date(now);
      const at = (month: number) => Date.UTC(date.getUTCFullYear(), month);
      return { start: at(date.getUTCMonth()), end: at(date.getUTCMonth() + 1) };
    }
    case "total":
      return { start: 0, end: Number.POSITIVE_INFINITY };
  }
}

function span(start: number, length: number): Span {
  return { start, end: start + length };
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Whose budget it is. */
export interface BudgetOwner {
  readonly scope: BoundScope;
  readonly id: string;
}

/** The account that counts what is spent of a budget in the span that begins then. */
export function budgetAccount({ scope, id }: BudgetOwner, { window }: Pick<Budget, "window">, start: number): AccountId {
  return `budget:${scope}:${id}:${window}${window === "total" ? "" : `:${startText(window, start)}`}`;
}

function startText(window: BudgetWindow, start: number): string {
  return new Date(start).toISOString().slice(0, window === "hour" ? 13 : 10);
}
