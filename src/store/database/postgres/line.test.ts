import { expect, setDefaultTimeout, test } from "bun:test";
import { sql } from "kysely";
import { until } from "../../../../tests/harness/until.ts";
import { errorOf } from "../../stores.fixture.ts";
import { kyselyOverPostgres } from "./kysely-over-postgres.ts";
import { PostgresLine } from "./line.ts";
import { readPostgresAddress } from "./postgres-address.ts";
import { type PostgresServer, sharedPostgres, withPostgresServer } from "./postgres-server.fixture.ts";

setDefaultTimeout(60_000);
const postgres = sharedPostgres();

interface Bounds {
  readonly deadline: number;
  readonly connections: number;
}

/** Runs the work with a line that is closed afterwards; `told` is what was said of the database, its return as "back". */
async function withLine(
  server: PostgresServer,
  { deadline, connections }: Bounds,
  work: (kysely: ReturnType<typeof kyselyOverPostgres>, told: string[]) => Promise<void>,
) {
  const told: string[] = [];
  const address = readPostgresAddress(server.database());
  const line = new PostgresLine({ address, connect: 5_000, deadline, connections, told: (trouble) => told.push(trouble ?? "back") });
  await line.attempted;
  try {
    await work(kyselyOverPostgres(line), told);
  } finally {
    await line.close();
  }
}
const LONG = 10_000;
const sleep = (seconds: number) => sql`select pg_sleep(${seconds}::float8)`;

test("questions beside each other share the sessions there are", async () =>
  withLine(await postgres(), { deadline: LONG, connections: 3 }, async (kysely, told) => {
    const pids = await Promise.all(
      Array.from({ length: 30 }, async () => (await sql<{ pid: bigint }>`select pg_backend_pid() as pid, pg_sleep(0.01)`.execute(kysely)).rows[0]?.pid),
    );
    expect(new Set(pids).size).toBe(3);
    expect(told).toEqual(["back"]);
  }));

test("where the server takes fewer sessions than we would have, those it takes do the work", () =>
  withPostgresServer(async (server) => {
    await server.restart("max_connections=2", "superuser_reserved_connections=0");
    await withLine(server, { deadline: LONG, connections: 6 }, async (kysely, told) => {
      await Promise.all(Array.from({ length: 20 }, () => sleep(0.01).execute(kysely)));
      expect(told).toEqual(["back"]);
    });
  }));

test("whoever finds all sessions busy for longer than the deadline is told so, and the database is not called away for it", async () =>
  withLine(await postgres(), { deadline: 300, connections: 1 }, async (kysely, told) => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const holding = kysely.transaction().execute(async (step) => {
      await sql`select 1`.execute(step);
      begin();
      await held;
    });
    await begun;
    const waiting = errorOf(sql`select 1`.execute(kysely));
    expect(await waiting).toMatchObject({ kind: "failed", message: expect.stringContaining("were busy for 300 ms") });
    letGo();
    // Its session was idle in the transaction for longer than the server allows.
    await holding.catch(() => undefined);
    await until("a session to be there", () => told.at(-1) === "back");
    expect((await sql<{ one: bigint }>`select 1 as one`.execute(kysely)).rows).toEqual([{ one: 1n }]);
  }));

test("a statement past its deadline is the end of its session, and the database is found to be well at once", async () =>
  withLine(await postgres(), { deadline: 300, connections: 2 }, async (kysely, told) => {
    expect(await errorOf(sleep(60).execute(kysely))).toMatchObject({ kind: "away", message: expect.stringContaining("did not answer within 300 ms") });
    await until("the database to be well", () => told.length === 3);
    expect(told).toEqual(["back", expect.stringContaining("did not answer"), "back"]);
    expect((await sql<{ one: bigint }>`select 1 as one`.execute(kysely)).rows).toEqual([{ one: 1n }]);
  }));

test("a transaction is guarded by the server too, and leaves nothing behind in its session", async () =>
  withLine(await postgres(), { deadline: 1_234, connections: 1 }, async (kysely) => {
    const settings = sql<{
      statement: string;
      idle: string;
    }>`select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`;
    const inside = await kysely.transaction().execute(async (step) => (await settings.execute(step)).rows[0]);
    expect(inside).toEqual({ statement: "1234ms", idle: "1234ms" });
    expect((await settings.execute(kysely)).rows[0]).toEqual({ statement: "0", idle: "0" });
  }));

test("a closed line answers nobody", async () => {
  const address = readPostgresAddress((await postgres()).database());
  const line = new PostgresLine({ address, connect: 5_000, deadline: LONG, connections: 1, told: () => undefined });
  await line.attempted;
  await line.close();
  expect((await errorOf(line.connect())).message).toContain("has been closed");
});
