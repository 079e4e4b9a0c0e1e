import type { RateLimits } from "../../vocabulary/bounds.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { type Limited, type RateScope, requestRules, tokenRules } from "./rule.ts";
import type { RateSettings } from "./who.ts";

/** Somebody who is limited so. */
export function limitedBy(limits: RateLimits, id = "somebody", scope: RateScope = "user"): Limited {
  return { scope, id, rules: [...requestRules(limits), ...tokenRules(limits)] };
}

/** Settings that limit nothing but this. */
export function settingsOf(limits: Partial<RateSettings["limits"]>, gateways = 1): RateSettings {
  return { limits: { ip: {}, key: {}, user: {}, team: {}, model: {}, global: {}, settings: {}, ...limits }, gateways };
}

export function callerOf(more: Partial<Caller> = {}): Caller {
  return { keyId: "k1", keyName: "key", role: "member", ...more };
}

/** The most that any span of so long holds, of times that grow: from `time` on, up to but not including a span later. */
export function mostWithin(span: number, events: readonly { readonly time: number; readonly amount: number }[]): number {
  let most = 0;
  let sum = 0;
  let first = 0;
  for (const { time, amount } of events) {
    sum += amount;
    for (let oldest = events[first]; oldest !== undefined && oldest.time <= time - span; oldest = events[first]) {
      sum -= oldest.amount;
      first++;
    }
    most = Math.max(most, sum);
  }
  return most;
}
