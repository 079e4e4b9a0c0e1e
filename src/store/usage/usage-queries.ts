import { type Kysely, sql } from "kysely";
import type { RequestTables } from "../requests/request-queries.ts";
import { HOUR, USAGE_SUMS, type UsageKey, type UsageSum } from "./usage-hours.ts";

/** What usage is told apart by; days are UTC's. */
export type UsageDimension = UsageKey | "day";

/** Which part of all usage is wanted. Times are milliseconds since 1970, and reach out to whole hours. */
export interface UsageFilters {
  /** An empty text: requests that have none. */
  readonly matching?: Readonly<Partial<Record<Exclude<UsageKey, "hour">, string>>>;
  readonly from?: number;
  readonly to?: number;
}

export interface UsageQuestion extends UsageFilters {
  /** One or two, each once. */
  readonly by: readonly UsageDimension[];
  readonly limit: number;
  /** Rows to leave out, of those before. */
  readonly offset: number;
}

/** What was used by one of whatever it was told apart by. */
export interface UsageRow {
  /** In the order asked; hours and days as milliseconds since 1970. */
  readonly group: readonly (string | number)[];
  readonly sums: Readonly<Record<UsageSum, bigint>>;
}

const DAY = 24 * HOUR;

/** The beginning of the hour a time is in, and the end of the one a span ends in. */
export const hourBefore = (time: number): number => Math.floor(time / HOUR) * HOUR;
export const hourAfter = (time: number): number => Math.ceil(time / HOUR) * HOUR;

/** From the sums by the hour, never from rows of requests. Most charged first, then most asked for. `exact`: its integers are bigints. */
export async function listUsage(exact: Kysely<RequestTables>, { by, matching = {}, from, to, limit, offset }: UsageQuestion): Promise<UsageRow[]> {
  let query = exact
    .selectFrom("usage_hours")
    .select(by.map((dimension) => columnFor(dimension).as(dimension)))
    .select((column) => USAGE_SUMS.map((sum) => column.fn.sum<bigint>(sum).as(sum)))
    .groupBy(by.map((dimension) => sql.ref(dimension)))
    .orderBy(sql.ref("charge"), "desc")
    .orderBy(sql.ref("requests"), "desc")
    .limit(limit)
    .offset(offset);
  for (const dimension of by) query = query.orderBy(sql.ref(dimension));
  for (const [key, value] of Object.entries(matching) as [Exclude<UsageKey, "hour">, string | undefined][])
    if (value !== undefined) query = query.where(key, "=", value);
  if (from !== undefined) query = query.where("hour", ">=", BigInt(hourBefore(from)));
  if (to !== undefined) query = query.where("hour", "<", BigInt(hourAfter(to)));
  const rows = await query.execute();
  return rows.map((row) => ({
    group: by.map((dimension) => (typeof row[dimension] === "bigint" ? Number(row[dimension]) : row[dimension])),
    sums: Object.fromEntries(USAGE_SUMS.map((sum) => [sum, row[sum]])) as Record<UsageSum, bigint>,
  }));
}

function columnFor(dimension: UsageDimension) {
  return dimension === "day" ? sql<bigint>`hour - hour % ${sql.lit(DAY)}` : sql.ref<string | bigint>(dimension);
}
