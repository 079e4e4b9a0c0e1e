import type { Kysely } from "kysely";
import type { PostgresPlace } from "../place.ts";
import { kyselyOverPostgres } from "./kysely-over-postgres.ts";
import { PostgresLine } from "./line.ts";
import { readPostgresAddress } from "./postgres-address.ts";

/** Kysely over a line to PostgreSQL, whose first attempt to connect has gone well or not. */
export async function openPostgres<Tables>(
  { url, connect, deadline, connections }: PostgresPlace,
  told: (trouble: string | undefined) => void,
): Promise<{ readonly kysely: Kysely<Tables>; close(): Promise<void> }> {
  const line = new PostgresLine({ address: readPostgresAddress(url), connect, deadline, connections, told });
  await line.attempted;
  return { kysely: kyselyOverPostgres<Tables>(line), close: () => line.close() };
}
