import { dollars, duration, flag, oneOf, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** `billing`. */
export const billing = section({
  enabled: flag()
    .prefault(false)
    .describe("Enforce balances: what a user asks is paid from theirs. Without it usage and cost are only counted; budgets always are enforced."),
  default_balance: dollars().prefault("0").describe("A new user's balance, in US dollars."),
  currency: oneOf(["USD"]).default("USD").describe("Of all amounts."),
  unpriced: oneOf(["allow", "deny"])
    .default("allow")
    .describe("What of models whose price nobody knows, for callers with a balance or a budget: allow: they are served and not counted, with a warning."),
  durability: oneOf(["strict", "relaxed"])
    .default("strict")
    .describe(
      "strict: an answer ends once what it cost is on the disk. relaxed: once it is written, which outlives this program, not a loss of power within 100 ms.",
    ),
  hold_wait: duration().prefault("10s").describe("Longest wait for the holds of other requests to end, where the balance itself covers a request."),
  assumed_output_tokens: wholeNumber(1, 10_000_000)
    .prefault(4096)
    .describe("Tokens of answer that are held for at first where a request has no max_tokens; more as it becomes longer."),
  cache_hits: wholeNumber(0, 100)
    .prefault(0)
    .describe("What is charged of an answer that the cache gives again, in percent of what it would have cost. 0 is free. It costs the house nothing."),
  unfinished: oneOf(["delivered", "reported", "free"])
    .default("delivered")
    .describe("What is charged of an answer whose client left, or that broke off: what was delivered, that if the provider reported it, or nothing."),
});
