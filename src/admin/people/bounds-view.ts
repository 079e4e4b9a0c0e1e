import type { Bounds, Budget, RateLimits } from "../../vocabulary/bounds.ts";
import { shownAmount } from "../money/amounts.ts";

/** Limits and budgets as management shows them; `null` where there are none. */
export function shownBounds({ limits, budgets }: Pick<Bounds, "limits" | "budgets">) {
  return {
    limits: limits === undefined ? null : shownLimits(limits),
    budgets: budgets?.map(shownBudget) ?? null,
  };
}

export function shownBudget({ amount, window }: Budget) {
  return { ...shownAmount("amount", amount), window };
}

function shownLimits(limits: RateLimits) {
  return {
    requests_per_second: limits.requestsPerSecond,
    burst: limits.burst,
    requests_per_minute: limits.requestsPerMinute,
    requests_per_hour: limits.requestsPerHour,
    tokens_per_minute: limits.tokensPerMinute,
    max_parallel: limits.maxParallel,
  };
}
