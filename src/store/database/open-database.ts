import type { Kysely } from "kysely";
import { numbers } from "./numbers.ts";
import type { Durability, Place } from "./place.ts";
import { kyselyOverSqlite } from "./sqlite/kysely-over-sqlite.ts";
import { openForReading, openForWriting } from "./sqlite/open-file.ts";

/** A database, whichever it is, in two views over the same connections: a table belongs to one of them, and its columns have that one's types. */
export interface OpenDatabase<Tables> {
  /** Integers are numbers; one that a number cannot hold exactly is an error. */
  readonly kysely: Kysely<Tables>;
  /** Integers are bigints: for money. */
  readonly exact: Kysely<Tables>;
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Of a file, `reading`: nothing will be written. PostgreSQL's commits are always on its disk. */
  readonly access: Durability | "reading";
  /** Told when the database goes away, in words for the operator, and with `undefined` when it is back. A file never does. */
  readonly told: (trouble: string | undefined) => void;
}

/**
 * Opens a database. A file throws when it cannot be opened. PostgreSQL is waited for until the first attempt to connect has gone well or not;
 * after that queries reject with `StoreTrouble`, at once while it is known to be away, and it comes back by itself.
 */
export async function openDatabase<Tables>(place: Place, { access, told }: OpenOptions): Promise<OpenDatabase<Tables>> {
  if (place.kind === "sqlite") {
    const { kysely, close } = kyselyOverSqlite<Tables>(access === "reading" ? openForReading(place.path) : openForWriting(place.path, access));
    return { kysely: kysely.withPlugin(numbers), exact: kysely, close: async () => close() };
  }
  // Its client is 7 MiB in every thread that knows it.
  const { openPostgres } = await import("./postgres/open-postgres.ts");
  const { kysely, close } = await openPostgres<Tables>(place, told);
  return { kysely: kysely.withPlugin(numbers), exact: kysely, close };
}
