import type { RateLimits } from "../../vocabulary/bounds.ts";

/** Whose requests are counted together. `settings`: who changes how the gateway is run. */
export const RATE_SCOPES = ["ip", "key", "user", "team", "model", "global", "settings"] as const;
export type RateScope = (typeof RATE_SCOPES)[number];

/** What is counted, over which span: requests in a second, a minute, an hour; tokens in a minute; requests at once. */
export type RateKind = "second" | "minute" | "hour" | "tokens" | "parallel";

/** How long what was taken counts. Milliseconds. */
export const SPANS = { minute: 60_000, hour: 3_600_000, tokens: 60_000 } as const;

/** One limit. */
export interface Rule {
  readonly kind: RateKind;
  /** The most in its span, or at once. */
  readonly limit: number;
  /** So many may come at once; of `second` only. */
  readonly burst: number;
  /** What all gateways together may, where this is one's share of it. */
  readonly whole?: number;
}

/** Somebody or something that is limited, and how. */
export interface Limited {
  readonly scope: RateScope;
  /** Unique among its scope; empty where there is but one. */
  readonly id: string;
  readonly rules: readonly Rule[];
}

/** All that one step of a request is checked against: it is taken of all, or of none. */
export type Step = readonly Limited[];

/** What the step itself takes: a request, and so many tokens. */
export function costOf({ kind }: Rule, tokens: number): number {
  return kind === "tokens" ? tokens : 1;
}

/** The limits on requests, in the order in which they are checked. */
export function requestRules({ requestsPerSecond, burst, requestsPerMinute, requestsPerHour, maxParallel }: RateLimits): readonly Rule[] {
  const rules: Rule[] = [];
  if (requestsPerSecond !== undefined) rules.push({ kind: "second", limit: requestsPerSecond, burst: burst ?? Math.max(1, Math.floor(requestsPerSecond)) });
  const add = (kind: RateKind, limit: number | undefined) => {
    if (limit !== undefined) rules.push({ kind, limit, burst: limit });
  };
  add("minute", requestsPerMinute);
  add("hour", requestsPerHour);
  add("parallel", maxParallel);
  return rules;
}

/** The limits on tokens. */
export function tokenRules({ tokensPerMinute: limit }: RateLimits): readonly Rule[] {
  return limit === undefined ? [] : [{ kind: "tokens", limit, burst: limit }];
}

/** One gateway's share of it, of so many that do not know of each other: at least one of everything, or nobody would be served. */
export function shareOf(rule: Rule, gateways: number): Rule {
  if (gateways === 1 || rule.limit <= 0) return rule;
  const part = (amount: number) => Math.max(1, Math.floor(amount / gateways));
  const limit = rule.kind === "second" ? rule.limit / gateways : part(rule.limit);
  return { kind: rule.kind, limit, burst: part(rule.burst), whole: rule.limit };
}
