import type { HeaderView } from "../../vocabulary/dialect.ts";

/** Where an upstream tells what is left of a limit, and when it is whole again. */
interface LimitHeaders {
  readonly remaining: string;
  readonly reset: string;
}

/** OpenAI's, which Azure, Groq, Cerebras, Together and others have too. https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
const OPENAI: readonly LimitHeaders[] = ["requests", "tokens"].map((what) => ({
  remaining: `x-ratelimit-remaining-${what}`,
  reset: `x-ratelimit-reset-${what}`,
}));

/** Anthropic's. https://docs.claude.com/en/api/rate-limits#response-headers */
const ANTHROPIC: readonly LimitHeaders[] = ["requests", "input-tokens", "output-tokens", "tokens"].map((what) => ({
  remaining: `anthropic-ratelimit-${what}-remaining`,
  reset: `anthropic-ratelimit-${what}-reset`,
}));

/** They tell when a limit is whole again, and give something back long before: nothing rests longer for it. Milliseconds. */
const LONGEST_REST = 60_000;

/**
 * How long a key must rest whose limit is used up by what these headers say, in milliseconds; 0: it need not; `undefined`: they say
 * nothing of limits. `now` is since 1970.
 */
export function restAfter(headers: HeaderView, now: number): number | undefined {
  return restBy(OPENAI, headers, now) ?? restBy(ANTHROPIC, headers, now);
}

function restBy(tells: readonly LimitHeaders[], headers: HeaderView, now: number): number | undefined {
  let rest: number | undefined;
  for (const { remaining, reset } of tells) {
    const left = headers.get(remaining);
    if (left === null) continue;
    const needed = Number(left) <= 0 ? (untilReset(headers.get(reset), now) ?? 0) : 0;
    rest = Math.max(rest ?? 0, Math.min(needed, LONGEST_REST));
  }
  return rest;
}

/** Milliseconds from `6m0s`, `120ms`, seconds, or a time as RFC 3339 writes it. */
function untilReset(reset: string | null, now: number): number | undefined {
  if (reset === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(reset)) return Number(reset) * 1000;
  if (/^\d{4}-/.test(reset)) {
    const at = Date.parse(reset);
    return Number.isNaN(at) ? undefined : Math.max(0, at - now);
  }
  if (!/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(reset)) return undefined;
  let milliseconds = 0;
  for (const [, count, unit] of reset.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) milliseconds += Number(count) * (UNITS[unit ?? ""] ?? 0);
  return milliseconds;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
