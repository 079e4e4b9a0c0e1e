import { type Kysely, sql } from "kysely";
import type { RequestTables } from "../requests/request-queries.ts";
import { DAY, DAY_COLUMNS, USAGE_SUMS, USAGE_TEXTS } from "./usage-sums.ts";

/**
 * Closes all days before this one, if nobody has: adds their hours up, in the transaction it is given. Whoever adds rows shares the row of `usage_closed` until that is committed, so
 * this waits for those who may still add to the hours alone, and those who come after it know. `exact`: its integers are bigints.
 */
export async function closeDaysBefore(day: bigint, exact: Kysely<RequestTables>): Promise<void> {
  const closed = await exact.selectFrom("usage_closed").select("day").forUpdate().executeTakeFirstOrThrow();
  if (day <= closed.day) return;
  await exact
    .insertInto("usage_days")
    .columns(DAY_COLUMNS)
    .expression((query) =>
      query
        .selectFrom("usage_hours")
        .select([sql<bigint>`hour - hour % ${sql.lit(DAY)}`.as("day"), ...USAGE_TEXTS])
        .select((column) => USAGE_SUMS.map((sum) => column.fn.sum<bigint>(sum).as(sum)))
        .where("hour", ">=", closed.day)
        .where("hour", "<", day)
        .groupBy([sql.ref("day"), ...USAGE_TEXTS]),
    )
    .execute();
  await exact.updateTable("usage_closed").set({ day }).execute();
}
