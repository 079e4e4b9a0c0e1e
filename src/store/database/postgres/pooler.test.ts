import { expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../../tests/harness/until.ts";
import { openStore } from "../../open.ts";
import { freePort } from "../../redis/redis-server.fixture.ts";
import { inFolder, key, record } from "../../temporary.fixture.ts";
import { asPostgres, ownByPostgres, type PostgresServer, withPostgresServer } from "./postgres-server.fixture.ts";

setDefaultTimeout(60_000);

/** Runs the work with a PgBouncer that hands out so few sessions by transaction that everybody gets everybody else's; gives the database's URL there. */
function withPooler<Result>(server: PostgresServer, work: (url: string) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const direct = new URL(server.database());
    const port = await freePort();
    const [settings, users] = [join(folder, "pgbouncer.ini"), join(folder, "users.txt")];
    writeFileSync(users, `"${direct.username}" "${direct.password}"\n`);
    writeFileSync(
      settings,
      [
        "[databases]",
        `* = host=127.0.0.1 port=${server.port}`,
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        `listen_port = ${port}`,
        "unix_socket_dir =",
        "auth_type = scram-sha-256",
        `auth_file = ${users}`,
        "pool_mode = transaction",
        "default_pool_size = 2",
      ].join("\n"),
    );
    ownByPostgres(folder, settings, users);
    const { program, words } = asPostgres("pgbouncer", [settings]);
    const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (bytes) => {
      said += bytes;
    });
    try {
      await until("PgBouncer to listen", () => said.includes("listening on 127.0.0.1") || child.exitCode !== null);
      direct.port = String(port);
      return await work(direct.href);
    } finally {
      child.kill("SIGKILL");
    }
  });
}

test("everything works where a pooler hands out sessions by transaction, for several gateways at once", () =>
  withPostgresServer((server) =>
    withPooler(server, (url) =>
      inFolder(async (folder) => {
        const stores = await Promise.all(["a", "b", "c"].map((name) => openStore({ dataDir: join(folder, name), database: { url, timeout: 5_000 } })));
        try {
          const work = async (gateway: number, number: number) => {
            const store = stores[gateway];
            const name = `${gateway}-${number}`;
            await store?.keys.insert(key(name));
            expect((await store?.keys.findByHash(`hash-${name}`))?.id).toBe(`id-${name}`);
            await store?.keys.insert(key(`${name}-new`), { replaces: `id-${name}` });
            store?.requests.append(record(gateway * 1000 + number));
            await store?.responses.keep({ id: name, owner: "ann", createdAt: 1, expiresAt: Date.now() + 60_000, input: "[]", body: "{}" });
            expect((await store?.responses.conversation(name, "ann", 1000))?.length).toBe(1);
          };
          await Promise.all(stores.flatMap((_, gateway) => Array.from({ length: 20 }, (_, number) => work(gateway, number))));
          await Promise.all(stores.map((store) => store.requests.flush()));
          expect((await stores[0]?.keys.list({ limit: 1000 }))?.rows.filter(({ revokedAt }) => revokedAt === undefined)).toHaveLength(60);
          expect((await stores[0]?.requests.list({ limit: 1000 }))?.rows).toHaveLength(60);
          expect(stores.map((store) => store.trouble())).toEqual([undefined, undefined, undefined]);
        } finally {
          await Promise.all(stores.map((store) => store.close()));
        }
      }),
    ),
  ));
