import { z } from "zod";
import { WINDOWS } from "../../vocabulary/bounds.ts";
import { dollars, oneOf, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

const MOST = 1_000_000_000;

/** How fast and how much; what is left out is not limited. */
export const rateLimits = section({
  requests_per_second: wholeNumber(1, 1_000_000).optional().describe("Requests per second, on average."),
  burst: wholeNumber(1, MOST).optional().describe("So many may come at once; left out: as many as in a second."),
  requests_per_minute: wholeNumber(0, MOST).optional().describe("Requests in any sixty seconds."),
  requests_per_hour: wholeNumber(0, MOST).optional().describe("Requests in any hour."),
  tokens_per_minute: wholeNumber(0, 1_000_000_000_000).optional().describe("Tokens of prompts and answers in any sixty seconds."),
  max_parallel: wholeNumber(0, MOST).optional().describe("Requests at once."),
});
export type RateLimitSettings = z.output<typeof rateLimits>;

const budget = section({
  amount: dollars().describe("US dollars."),
  window: oneOf(WINDOWS).describe("The span they are for, in UTC: hour, day, week (from Monday), month, or total, which never ends."),
});
/** Most that may be spent, in one span or several. */
export const budgets = z.array(budget, { error: "expected a list of budgets, such as [{ amount: 5, window: day }]." });
export type BudgetSettings = z.output<typeof budgets>;
