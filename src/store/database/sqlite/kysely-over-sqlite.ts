import type { Database, SQLQueryBindings, Statement } from "bun:sqlite";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";

/** Statements kept prepared; a console's filters combine to more queries than are worth keeping. */
const MOST_STATEMENTS = 100;

/** Kysely over a file, its integers as bigints. `close` closes the file: Kysely's own destroy() leaves one open that was never asked anything. */
export function kyselyOverSqlite<Tables>(database: Database): { readonly kysely: Kysely<Tables>; close(): void } {
  const face = asKyselyWants(database);
  return { kysely: new Kysely<Tables>({ dialect: new SqliteDialect({ database: face }) }), close: () => face.close() };
}

/** Kysely expects better-sqlite3's face, with parameters as one list. */
function asKyselyWants(database: Database): SqliteDatabase {
  const statements = new Map<string, Statement<unknown, SQLQueryBindings[]>>();
  const finalizeAll = () => {
    for (const statement of statements.values()) statement.finalize();
    statements.clear();
  };
  return {
    close() {
      // A statement left open would keep the file open, and locked, until it is collected.
      finalizeAll();
      database.close(true);
    },
    prepare(sql) {
      let statement = statements.get(sql);
      if (!statement) {
        if (statements.size >= MOST_STATEMENTS) finalizeAll();
        statement = database.prepare(sql).safeIntegers(true);
        statements.set(sql, statement);
      }
      const prepared = statement;
      return {
        reader: prepared.columnNames.length > 0,
        all: (parameters) => prepared.all(...(parameters as SQLQueryBindings[])),
        run: (parameters) => prepared.run(...(parameters as SQLQueryBindings[])),
        iterate: (parameters) => prepared.iterate(...(parameters as SQLQueryBindings[])),
      };
    },
  };
}
