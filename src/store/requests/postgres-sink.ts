import { CompiledQuery, type Kysely, sql } from "kysely";
import type { OpenDatabase } from "../database/open-database.ts";
import { refusesTheRow } from "../database/postgres/refusal.ts";
import { addedTo } from "../usage/change-sums.ts";
import { closeDaysBefore } from "../usage/close-days.ts";
import { DAY, DAY_COLUMNS, dayOf, HOUR_COLUMNS, hoursOf, newestHour, USAGE_SUMS, USAGE_TEXTS } from "../usage/usage-sums.ts";
import { correctRows } from "./corrections.ts";
import type { RequestTables } from "./request-queries.ts";
import { type Cell, REQUEST_COLUMN_TYPES, REQUEST_COLUMNS } from "./request-row.ts";
import type { RowSink } from "./row-sink.ts";

const refs = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)));
const COLUMNS = refs(REQUEST_COLUMNS);
const TEXTS = refs(USAGE_TEXTS);
/** Added up once more: keys that differ here may be one there. */
const ADDED = sql`${TEXTS}, ${sql.join(USAGE_SUMS.map((sum) => sql`sum(${sql.ref(sum)})`))} from batch`;
const isText = (column: string): boolean => USAGE_TEXTS.some((text) => text === column);

/**
 * Rows to PostgreSQL, and what they add to the sums of usage, a batch in one statement of one list for each column: 27 µs a row, 13 of them this
 * process's CPU, and 3 more for the sums. The statement is written once: that alone took 2 ms a batch. Beside it a list of values takes 50 µs and more parameters than a statement may have; a batch as one JSON text takes 100 µs, of the server's time.
 */
export function postgresSink({ kysely, exact, close }: OpenDatabase<RequestTables>): RowSink {
  const text = insertion(kysely);
  /** Days before this one are known to be closed, and in this hour it was last attempted. */
  let [closed, attempted] = [0, 0];
  /** Attempted once an hour: a day so full that it takes longer than a deadline stays open, and is read by the hour. */
  const closeDays = async (hour: number): Promise<void> => {
    const day = dayOf(hour);
    if (day <= closed || hour <= attempted) return;
    attempted = hour;
    await exact.transaction().execute((step) => closeDaysBefore(BigInt(day), step));
    closed = day;
  };
  /** A batch that is refused is halved until the rows at fault are alone. */
  const insert = async (rows: readonly Cell[][]): Promise<number> => {
    try {
      if (rows.length === 0) return 0;
      const hours = hoursOf(rows);
      await closeDays(newestHour(hours)).catch(() => undefined);
      const parameters = [...turned(hours, HOUR_COLUMNS), ...turned(rows, REQUEST_COLUMNS)];
      // In a transaction, which has its deadline at the server too: what was given up here is not carried out there after all, and counted twice.
      await kysely.transaction().execute((step) => step.executeQuery(CompiledQuery.raw(text, parameters)));
      return rows.length;
    } catch (error) {
      if (!refusesTheRow(error)) throw error;
      if (rows.length <= 1) return 0;
      const half = Math.ceil(rows.length / 2);
      return (await insert(rows.slice(0, half))) + (await insert(rows.slice(half)));
    }
  };
  return {
    async insert(rows, { again = false } = {}) {
      if (!again) return insert(rows);
      const there = await idsOf(kysely, rows);
      const missing = rows.filter(([id]) => !there.has(id ?? ""));
      return rows.length - missing.length + (await insert(missing));
    },
    correct: (corrections) =>
      // Whoever changes sums shares the row of what is closed: see `closeDaysBefore`.
      correctRows(exact, corrections, (step) => step.selectFrom("usage_closed").select("day").forShare().executeTakeFirstOrThrow()),
    close,
  };
}

/**
 * One statement, so that rows and sums are there both or neither; rows go first, so that what others add to the same sums waits least. Its
 * parameters are the columns of the hours' sums and then those of the rows, a list each. Which days are closed is read, and kept so, before any sum
 * is added to, and sums are added to in the same order everywhere, so that gateways never wait for one another in a ring.
 */
function insertion(kysely: Kysely<RequestTables>): string {
  const lists = (types: readonly string[]) => sql.join(types.map((type) => sql`${null}::${sql.raw(type)}[]`));
  const sums = lists(HOUR_COLUMNS.map((column) => (isText(column) ? "text" : "bigint")));
  const rows = lists(REQUEST_COLUMNS.map((column) => REQUEST_COLUMN_TYPES[column]));
  const insert = kysely
    // One row: a server that thinks there may be thousands makes plans for them.
    .with("closed", (step) => step.selectFrom("usage_closed").select("day as closed").limit(sql.lit(1)).forShare())
    .with("batch", () => sql`(select batch.*, closed from unnest(${sums}) as batch(${refs(HOUR_COLUMNS)}), closed)`)
    .with("hours", (step) =>
      step
        .insertInto("usage_hours")
        .columns(HOUR_COLUMNS)
        .expression(sql`select hour, ${ADDED} group by hour, ${TEXTS} order by hour, ${TEXTS}`)
        .onConflict((conflict) => conflict.columns(["hour", ...USAGE_TEXTS]).doUpdateSet(addedTo("usage_hours"))),
    )
    .with("days", (step) =>
      step
        .insertInto("usage_days")
        .columns(DAY_COLUMNS)
        .expression(sql`select hour - hour % ${sql.lit(DAY)} as day, ${ADDED} where hour < closed group by 1, ${TEXTS} order by 1, ${TEXTS}`)
        .onConflict((conflict) => conflict.columns(["day", ...USAGE_TEXTS]).doUpdateSet(addedTo("usage_days"))),
    )
    .insertInto("requests")
    .columns(REQUEST_COLUMNS)
    .expression(sql`select ${COLUMNS} from unnest(${rows}) as rows(${COLUMNS})`);
  return insert.compile().sql;
}

const turned = (rows: readonly (readonly unknown[])[], columns: readonly string[]) => columns.map((_, index) => rows.map((row) => row[index] ?? null));

/** Which of them are there. */
async function idsOf(kysely: Kysely<RequestTables>, rows: readonly Cell[][]): Promise<ReadonlySet<Cell>> {
  const ids = rows.map(([id]) => String(id));
  const found = await kysely.selectFrom("requests").select("id").where("id", "=", sql<string>`any(${ids})`).execute();
  return new Set(found.map(({ id }) => id));
}
