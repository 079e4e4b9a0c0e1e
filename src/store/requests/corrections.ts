import { type Kysely, sql, type Transaction } from "kysely";
import type { Nano } from "../../vocabulary/money.ts";
import { changeSums } from "../usage/change-sums.ts";
import { HOUR_COLUMNS, hoursOf, USAGE_SUMS, type UsageCells } from "../usage/usage-sums.ts";
import type { RequestSummary, RequestTables } from "./request-queries.ts";
import { cellsOf } from "./request-row.ts";

/** A request as it was read, and what it comes to instead. */
export interface Correction {
  readonly row: RequestSummary;
  readonly cost: Nano | undefined;
  readonly charge: Nano | undefined;
  readonly priceVersion: string | undefined;
}

/** Before which day all are closed, for as long as the transaction lasts. */
type Closed = (step: Transaction<RequestTables>) => Promise<{ readonly day: bigint }>;

/**
 * Corrects rows and the sums they are part of, all or nothing; how many rows were. A row that somebody else has corrected since it was read is
 * left as it is. `exact`: its integers are bigints.
 */
export async function correctRows(exact: Kysely<RequestTables>, corrections: readonly Correction[], closed: Closed): Promise<number> {
  return exact.transaction().execute(async (step) => {
    const { day } = await closed(step);
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
    await changeSums(step, differencesOf(done), day);
    return done.length;
  });
}

/** An amount as its column takes it on either database: every digit of it. */
function money(nano: Nano | undefined) {
  return sql<string | null>`CAST(${nano?.toString() ?? null} AS BIGINT)`;
}

const FIRST_SUM = HOUR_COLUMNS.length - USAGE_SUMS.length;

/** What the sums change by: what the rows add to them now, less what they added before. */
function differencesOf(corrections: readonly Correction[]): UsageCells[] {
  const before = hoursOf(corrections.map(({ row }) => cellsOf(row)));
  const after = hoursOf(corrections.map(({ row, cost, charge }) => cellsOf({ ...row, cost, charge })));
  // Corrections change no key: both are of the same hour, and of the same of everything else, in the same order.
  return after.map((cells, index) => cells.map((cell, place) => (place < FIRST_SUM ? cell : BigInt(cell) - BigInt(before[index]?.[place] ?? 0))));
}
