import { Failure } from "../vocabulary/failure.ts";
import { dollarsOf, type Nano } from "../vocabulary/money.ts";
import { beginsAnew, capital } from "./budgets.ts";
import type { Purse } from "./purse.ts";

/** Of a longer wait no client needs to hear the seconds. */
const SHOWN_WAIT = 60;

/** Why a request may not be paid from this purse: it would go past what is left of it, or nobody knows what is. */
export function refusalOf(purse: Purse, amount: Nano, now: number): Failure {
  if (purse.away)
    return new Failure("overloaded", "The ledger does not answer, and what is known of this account here does not cover the request. Try again shortly.", {
      retryAfter: 5,
    });
  const left = purse.reach > 0n ? purse.reach : 0n;
  const what =
    amount === 0n
      ? `is used up: ${dollarsOf(left)} USD are left.`
      : `has ${dollarsOf(left)} USD left, and this request may cost up to ${dollarsOf(amount)} USD. A smaller max_tokens would cost less.`;
  const wait = purse.resetsAt === undefined ? undefined : Math.ceil((purse.resetsAt - now) / 1000);
  return new Failure(
    "quota-exhausted",
    `${capital(purse.name)} ${what}${beginsAnew(purse.resetsAt)}`,
    wait !== undefined && wait <= SHOWN_WAIT ? { retryAfter: wait } : {},
  );
}

/** Why a request waited in vain: what it may cost is there, but held for answers under way. */
export function impatienceOf(purse: Purse, amount: Nano, waited: number): Failure {
  return new Failure(
    "rate-limited",
    `${capital(purse.name)} covers this request, which may cost up to ${dollarsOf(amount)} USD, but ${dollarsOf(purse.held)} USD of it are held for ` +
      `answers under way, and were so for ${waited / 1000} s. Ask fewer at once, or with a smaller max_tokens.`,
    { retryAfter: 2 },
  );
}
