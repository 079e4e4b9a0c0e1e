import type { RateLeft, RatesLeft } from "../../../../vocabulary/rates.ts";

/** What is left of limits, as Anthropic tells it: https://platform.claude.com/docs/en/api/rate-limits#response-headers. `now` is milliseconds since 1970. */
export function messagesRateHeaders({ requests, tokens }: RatesLeft, now: number): Record<string, string> {
  return { ...headersOf("requests", requests, now), ...headersOf("tokens", tokens, now) };
}

function headersOf(what: string, left: RateLeft | undefined, now: number): Record<string, string> {
  if (left === undefined) return {};
  const whole = new Date(Math.ceil((now + left.resets) / 1000) * 1000).toISOString().replace(".000Z", "Z");
  return {
    [`anthropic-ratelimit-${what}-limit`]: String(left.limit),
    [`anthropic-ratelimit-${what}-remaining`]: String(left.remaining),
    [`anthropic-ratelimit-${what}-reset`]: whole,
  };
}
