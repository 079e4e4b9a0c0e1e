import type { Database } from "bun:sqlite";
import { Kysely, type SqliteDatabase, SqliteDialect } from "kysely";

/** Kysely over a bun:sqlite database. */
export function kyselyOver<Tables>(database: Database): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyWants(database) }) });
}

/** Kysely expects better-sqlite3's face, with parameters as one list. `query` keeps statements prepared. */
function asKyselyWants(database: Database): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.query(sql);
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => statement.all(...(parameters as Parameters<typeof statement.all>)),
        run: (parameters) => statement.run(...(parameters as Parameters<typeof statement.run>)),
        iterate: (parameters) => statement.iterate(...(parameters as Parameters<typeof statement.iterate>)),
      };
    },
  };
}
