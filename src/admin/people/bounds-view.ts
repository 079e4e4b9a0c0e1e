import type { Bounds, RateLimits } from "../../vocabulary/bounds.ts";
import { dollarNumber } from "../../vocabulary/money.ts";

/** Limits and budgets as management shows them; `null` where there are none. */
export function shownBounds({ limits, budgets }: Pick<Bounds, "limits" | "budgets">) {
  return {
    limits: limits === undefined ? null : shownLimits(limits),
    budgets: budgets?.map(({ amount, window }) => ({ amount: dollarNumber(amount), amount_nano: String(amount), window })) ?? null,
  };
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
