import type { Command } from "commander";
import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { CommandFailed } from "./output.ts";

/** What is given of limits and budgets. */
export interface BoundsOptions {
  readonly perSecond?: string;
  readonly perMinute?: string;
  readonly perHour?: string;
  readonly tokensPerMinute?: string;
  readonly parallel?: string;
  readonly budget?: string[];
}

/** The options of whatever has limits and budgets. */
export function withBounds(command: Command): Command {
  return command
    .option("--per-second <requests>", "most requests in a second")
    .option("--per-minute <requests>", "most requests in a minute")
    .option("--per-hour <requests>", "most requests in an hour")
    .option("--tokens-per-minute <tokens>", "most tokens in a minute")
    .option("--parallel <requests>", "most requests at once")
    .option("--budget <amount...>", "most it may spend: 5/day, 100/month, 20/total; US dollars");
}

/** The same as management takes it. Throws `CommandFailed` for what is no number and no budget. */
export function boundsIn({ perSecond, perMinute, perHour, tokensPerMinute, parallel, budget }: BoundsOptions) {
  const limits = {
    requests_per_second: wholeIn(perSecond, "--per-second"),
    requests_per_minute: wholeIn(perMinute, "--per-minute"),
    requests_per_hour: wholeIn(perHour, "--per-hour"),
    tokens_per_minute: wholeIn(tokensPerMinute, "--tokens-per-minute"),
    max_parallel: wholeIn(parallel, "--parallel"),
  };
  const limited = Object.values(limits).some((value) => value !== undefined);
  return { limits: limited ? limits : undefined, budgets: budget?.map(budgetIn) };
}

function wholeIn(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new CommandFailed(`${option} ${text} is no whole number.`);
  return Number(text);
}

function budgetIn(text: string): { amount: string; window: string } {
  const [, amount, window] = /^\$?(\d+(?:\.\d+)?)\/([a-z]+)$/.exec(text) ?? [];
  if (amount === undefined || window === undefined) throw new CommandFailed(`${text} is no budget. Write an amount and a span: 5/day, 100/month, 20/total.`);
  return { amount, window };
}

/** The budgets of a row in a few words: `5/day, 100/month`. */
export function budgetsText(row: Readonly<Record<string, unknown>>): string {
  return listOf(row["budgets"])
    .map(objectOf)
    .map(({ amount, window }) => `${amount}/${stringOf(window)}`)
    .join(", ");
}
