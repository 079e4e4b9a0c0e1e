import { type Kysely, sql } from "kysely";
import type { Nano } from "../../vocabulary/money.ts";
import { hoursOf, USAGE_COLUMNS, USAGE_KEYS, USAGE_SUMS, type UsageCells, type UsageTableRow } from "../usage/usage-hours.ts";
import type { RequestSummary, RequestTables } from "./request-queries.ts";
import { cellsOf } from "./request-row.ts";

/** A request as it was read, and what it comes to instead. */
export interface Correction {
  readonly row: RequestSummary;
  readonly cost: Nano | undefined;
  readonly charge: Nano | undefined;
  readonly priceVersion: string | undefined;
}

/**
 * Corrects rows and the hours' sums they are part of, all or nothing; how many rows were. A row that somebody else has corrected since it was
 * read is left as it is. `exact`: its integers are bigints.
 */
export async function correctRows(exact: Kysely<RequestTables>, corrections: readonly Correction[]): Promise<number> {
  return exact.transaction().execute(async (step) => {
    const done: Correction[] = [];
    for (const correction of corrections) {
      const { row, cost, charge, priceVersion } = correction;
      const { numUpdatedRows } = await step
        .updateTable("requests")
        .set({ cost: money(cost), charge: money(charge), price_version: priceVersion ?? null })
        .where("id", "=", row.id)
        .where("cost", "is not distinct from", money(row.cost))
        .where("charge", "is not distinct from", money(row.charge))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows > 0n) done.push(correction);
    }
    const hours = differencesOf(done);
    if (hours.length > 0)
      await step
        .insertInto("usage_hours")
        .values(hours)
        .onConflict((conflict) =>
          conflict
            .columns(USAGE_KEYS)
            .doUpdateSet((column) => Object.fromEntries(USAGE_SUMS.map((sum) => [sum, column(`usage_hours.${sum}`, "+", column.ref(`excluded.${sum}`))]))),
        )
        .execute();
    return done.length;
  });
}

/** An amount as its column takes it on either database: every digit of it. */
function money(nano: Nano | undefined) {
  return sql<string | null>`CAST(${nano?.toString() ?? null} AS BIGINT)`;
}

/** What the sums change by: what the rows add to them now, less what they added before. In one order everywhere, so that two gateways never wait for one another. */
function differencesOf(corrections: readonly Correction[]): UsageTableRow[] {
  const before = hoursOf(corrections.map(({ row }) => cellsOf(row)));
  const after = hoursOf(corrections.map(({ row, cost, charge }) => cellsOf({ ...row, cost, charge })));
  const hours = after.map((cells, index) => difference(cells, before[index] ?? []));
  return hours.sort((one, other) => Buffer.compare(bytesOf(one), bytesOf(other)));
}

/** Corrections change no key: both are of the same hour, and of the same of everything else. */
function difference(after: UsageCells, before: UsageCells): UsageTableRow {
  const cells = USAGE_COLUMNS.map((column, index): [string, string | bigint] => {
    if (index >= USAGE_KEYS.length) return [column, BigInt(after[index] ?? 0) - BigInt(before[index] ?? 0)];
    return [column, column === "hour" ? BigInt(after[index] ?? 0) : String(after[index])];
  });
  return Object.fromEntries(cells) as UsageTableRow;
}

/** As the database puts them in order: hours, which all have the same number of digits, and the bytes of texts, none of which has a NUL. */
function bytesOf(hour: UsageTableRow): Buffer {
  return Buffer.from(USAGE_KEYS.map((key) => String(hour[key])).join("\0"));
}
