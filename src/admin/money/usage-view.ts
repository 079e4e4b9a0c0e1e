import type { UsageDimension, UsageRow } from "../../store/usage/usage-queries.ts";
import { USAGE_SUMS, type UsageSum } from "../../store/usage/usage-sums.ts";
import { dollarsOf } from "../../vocabulary/money.ts";
import { isoTime } from "../input.ts";
import { shownAmount } from "./amounts.ts";
import { type CsvCell, csvOf } from "./csv.ts";

/** What of usage somebody may see. */
export interface UsageView {
  readonly by: readonly UsageDimension[];
  /** Is what it cost the house shown, or only what was charged? */
  readonly cost: boolean;
}

type Money = "cost" | "charge";
const isMoney = (sum: UsageSum): sum is Money => sum === "cost" || sum === "charge";

const COUNTS = USAGE_SUMS.filter((sum): sum is Exclude<UsageSum, Money> => !isMoney(sum));
const moneyIn = ({ cost }: UsageView): readonly Money[] => (cost ? ["cost", "charge"] : ["charge"]);

/** A row of usage; `null` for requests that have none of what they are told apart by. */
export function shownUsage({ group, sums }: UsageRow, view: UsageView) {
  return {
    ...Object.fromEntries(view.by.map((dimension, index) => [dimension, shownValue(group[index]) || null])),
    ...Object.fromEntries(COUNTS.map((sum) => [sum, Number(sums[sum])])),
    ...Object.assign({}, ...moneyIn(view).map((name) => shownAmount(name, sums[name]))),
  };
}

/** The same rows for a spreadsheet, money with all its digits. */
export function usageCsv(rows: readonly UsageRow[], view: UsageView): string {
  const money = moneyIn(view);
  const headings = [...view.by, ...COUNTS, ...money.flatMap((name) => [name, `${name}_nano`])];
  const cells = rows.map(({ group, sums }): CsvCell[] => [
    ...group.map(shownValue),
    ...COUNTS.map((sum) => sums[sum]),
    ...money.flatMap((name) => [dollarsOf(sums[name]), sums[name]]),
  ]);
  return csvOf(headings, cells);
}

/** Hours and days are numbers. */
function shownValue(value: string | number | undefined): string {
  return typeof value === "number" ? (isoTime(value) ?? "") : (value ?? "");
}
