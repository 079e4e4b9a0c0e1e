import type { CompiledQuery, Transaction } from "kysely";
import type { Entry } from "../../vocabulary/ledger.ts";
import { type NewEntryRow, rowOfEntry } from "./entry-row.ts";
import type { MoneyTables } from "./money-tables.ts";

/** Rows in one statement, the most first: however many entries there are, they are a few statements of these sizes, so that each is compiled and prepared once. */
const SIZES = [100, 10, 1] as const;

/** The statements of a database, by the number of rows. */
const statements = new WeakMap<object, Map<number, CompiledQuery<{ id: string }>>>();

/** Inserts those that are not there, and says their ids. */
export async function insertEntries(step: Transaction<MoneyTables>, entries: readonly Entry[]): Promise<ReadonlySet<string>> {
  const written = new Set<string>();
  let at = 0;
  for (const size of SIZES) {
    for (; at + size <= entries.length; at += size) {
      const rows = entries.slice(at, at + size).map(rowOfEntry);
      const parameters = rows.flatMap((row) => Object.values(row));
      // Kysely's own way to give a statement its parameters freezes them, which takes longer than to insert them.
      const inserted = await step.executeQuery<{ id: string }>({ ...statementFor(step, rows), parameters });
      for (const { id } of inserted.rows) written.add(id);
    }
  }
  return written;
}

/** Inserts as many rows as these. Every value is a parameter, in the order of the row's columns. */
function statementFor(step: Transaction<MoneyTables>, rows: readonly NewEntryRow[]): CompiledQuery<{ id: string }> {
  // A transaction is a new object each time; what it knows of its database stays.
  const { adapter } = step.getExecutor();
  const bySize = statements.get(adapter) ?? new Map<number, CompiledQuery<{ id: string }>>();
  statements.set(adapter, bySize);
  const known = bySize.get(rows.length);
  if (known !== undefined) return known;
  const statement = step
    .insertInto("entries")
    .values(rows)
    .onConflict((conflict) => conflict.column("id").doNothing())
    .returning("id")
    .compile();
  bySize.set(rows.length, statement);
  return statement;
}
