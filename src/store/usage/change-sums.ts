import { sql, type Transaction } from "kysely";
import type { RequestTables } from "../requests/request-queries.ts";
import { dayOf, HOUR_COLUMNS, USAGE_SUMS, USAGE_TEXTS, type UsageCells, type UsageDayRow, type UsageHourRow } from "./usage-sums.ts";

/**
 * Adds to the sums of hours, and to those of their days before `closed`, in the transaction it is given: what is added may be negative. In one
 * order everywhere, so that two gateways never wait for one another.
 */
export async function changeSums(step: Transaction<RequestTables>, changes: readonly UsageCells[], closed: bigint): Promise<void> {
  const hours = inOrder(changes.map(hourOf));
  const days = inOrder(hours.filter(({ hour }) => hour < closed).map(({ hour, ...rest }) => ({ ...rest, day: BigInt(dayOf(Number(hour))) })));
  // One by one: an insert must not meet the same row twice, and hours of one day do.
  for (const hour of hours)
    await step
      .insertInto("usage_hours")
      .values(hour)
      .onConflict((conflict) => conflict.columns(["hour", ...USAGE_TEXTS]).doUpdateSet(addedTo("usage_hours")))
      .execute();
  for (const day of days)
    await step
      .insertInto("usage_days")
      .values(day)
      .onConflict((conflict) => conflict.columns(["day", ...USAGE_TEXTS]).doUpdateSet(addedTo("usage_days")))
      .execute();
}

/** Every sum with what is added to it. */
export const addedTo = (table: "usage_hours" | "usage_days") =>
  Object.fromEntries(USAGE_SUMS.map((sum) => [sum, sql<bigint>`${sql.ref(`${table}.${sum}`)} + ${sql.ref(`excluded.${sum}`)}`]));

function hourOf(cells: UsageCells): UsageHourRow {
  const isText = (column: string) => USAGE_TEXTS.some((text) => text === column);
  return Object.fromEntries(HOUR_COLUMNS.map((column, index) => [column, isText(column) ? String(cells[index]) : BigInt(cells[index] ?? 0)])) as UsageHourRow;
}

/** As the database orders them: times, which all have the same number of digits, and the bytes of texts, none of which has a NUL. */
function inOrder<Row extends UsageHourRow | UsageDayRow>(rows: readonly Row[]): Row[] {
  const bytesOf = (row: Row) => Buffer.from(["hour" in row ? row.hour : row.day, ...USAGE_TEXTS.map((text) => row[text])].join("\0"));
  return rows.toSorted((one, other) => Buffer.compare(bytesOf(one), bytesOf(other)));
}
