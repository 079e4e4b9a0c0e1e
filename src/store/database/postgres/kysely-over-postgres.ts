import { Kysely, PostgresDialect } from "kysely";
import type { PostgresLine } from "./line.ts";

/** All our tables are in a schema of ours: the database may be somebody else's too. */
export const SCHEMA = "signalbox";

/**
 * Kysely over a line, its integers as bigints. Tables are named with their schema in every query: a pooler hands each transaction to whichever
 * session is free, so nothing may be set for a session.
 */
export function kyselyOverPostgres<Tables>(line: PostgresLine): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: { connect: () => line.connect(), end: () => line.close(), options: {} } }) }).withSchema(
    SCHEMA,
  );
}
