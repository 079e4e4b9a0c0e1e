import type { Budget, RateLimits } from "../vocabulary/bounds.ts";
import { nanoOf } from "../vocabulary/money.ts";
import type { BudgetSettings, RateLimitSettings } from "./schema/bounds.ts";

/** Limits as the config and management write them, in the gateway's own words. */
export function rateLimitsOf(settings: RateLimitSettings): RateLimits {
  return {
    requestsPerSecond: settings.requests_per_second,
    burst: settings.burst,
    requestsPerMinute: settings.requests_per_minute,
    requestsPerHour: settings.requests_per_hour,
    tokensPerMinute: settings.tokens_per_minute,
    maxParallel: settings.max_parallel,
  };
}

/** Budgets likewise. */
export function budgetsOf(settings: BudgetSettings): Budget[] {
  return settings.map(({ amount, window }) => ({ amount: nanoOf(amount) ?? 0n, window }));
}
