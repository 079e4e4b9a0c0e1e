import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { until } from "../../tests/harness/until.ts";
import { type PostgresServer, withPostgresServer } from "./database/postgres/postgres-server.fixture.ts";
import { openStore, type Store } from "./open.ts";
import { errorOf } from "./stores.fixture.ts";
import { inFolder, key, record } from "./temporary.fixture.ts";

// Servers are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** A store over a PostgreSQL that things befall. */
interface Scene {
  readonly server: PostgresServer;
  readonly url: string;
  readonly dataDir: string;
  open(): Promise<Store>;
  /** The rows in the database, as `id` and how often. */
  rows(): string;
}

const TIMEOUT = 500;

function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return withPostgresServer((server) =>
    inFolder(async (folder) => {
      const url = server.database();
      const dataDir = join(folder, "data");
      const stores: Store[] = [];
      const open = async () => {
        const store = await openStore({ dataDir, database: { url, timeout: TIMEOUT }, bounds: { everyMs: 5, batch: 10, replayMs: 50 } });
        stores.push(store);
        return store;
      };
      const rows = () =>
        server.sql(
          url,
          "select string_agg(id || ' ' || times, ', ' order by id) from (select id, count(*) as times from signalbox.requests group by id) as rows",
        );
      try {
        await work({ server, url, dataDir, open, rows });
      } finally {
        for (const store of stores) await store.close();
      }
    }),
  );
}

const isBack = (store: Store) => until(`the database to be back: ${store.trouble()}`, () => store.isReady() && store.trouble() === undefined);
const isAway = (store: Store) => until("the database to be found away", () => store.trouble() !== undefined);
const once = (...numbers: number[]) => numbers.map((number) => `req_${number} 1`).join(", ");
const allWritten = (store: Store, count: number) =>
  until("all rows to be written", () => store.requests.state().waiting === 0 && store.requests.state().written === count);

test("away before the start: it opens, says so, and is of use once the database is there", () =>
  scene(async ({ server, open, rows }) => {
    await server.kill();
    const store = await open();
    expect([store.isReady(), store.trouble()]).toEqual([false, expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:\d+\/test_1 cannot be reached/)]);
    expect(await errorOf(store.keys.findByHash("hash-a"))).toMatchObject({ kind: "away" });
    store.requests.append(record(1));
    await store.requests.flush();
    expect(store.requests.state()).toEqual({ waiting: 1, written: 0, dropped: 0, trouble: undefined });

    await server.restart();
    await store.ready;
    await isBack(store);
    await store.keys.insert(key("a"));
    expect((await store.keys.findByHash("hash-a"))?.id).toBe("id-a");
    await allWritten(store, 1);
    expect(rows()).toBe(once(1));
  }));

test("killed and started again in the middle: questions fail at once, rows wait in the journal and arrive once each", () =>
  scene(async ({ server, open, rows }) => {
    const store = await open();
    await store.keys.insert(key("a"));
    store.requests.append(record(1));
    await store.requests.flush();
    await server.kill();
    await isAway(store);
    for (let times = 0; times < 50; times++) expect(await errorOf(store.keys.findByHash("hash-a"))).toMatchObject({ kind: "away" });
    store.requests.append(record(2));
    await store.requests.flush();
    store.requests.append(record(3));
    await store.requests.flush();
    expect(store.requests.state()).toEqual({ waiting: 2, written: 1, dropped: 0, trouble: undefined });

    await server.restart();
    await isBack(store);
    expect((await store.keys.findByHash("hash-a"))?.id).toBe("id-a");
    await allWritten(store, 3);
    expect(rows()).toBe(once(1, 2, 3));
  }));

test("silent: the first waits for its deadline, nobody else does, and what was under way arrives once", () =>
  scene(async ({ server, open, rows }) => {
    const store = await open();
    await store.keys.insert(key("a"));
    server.pause();
    store.requests.append(record(1));
    expect((await errorOf(store.keys.findByHash("hash-a"))).message).toContain(`did not answer within ${TIMEOUT} ms`);
    // If each waited for its deadline, this test would not end within its own.
    for (let times = 0; times < 500; times++) expect(await errorOf(store.keys.findByHash("hash-a"))).toMatchObject({ kind: "away" });
    await store.requests.flush();
    expect(store.requests.state()).toMatchObject({ waiting: 1, dropped: 0 });

    server.resume();
    await isBack(store);
    await allWritten(store, 1);
    expect(rows()).toBe(once(1));
    expect((await store.keys.findByHash("hash-a"))?.id).toBe("id-a");
  }));

test("all connections ended by the server, again and again under load: nothing is lost or doubled", () =>
  scene(async ({ server, url, open, rows }) => {
    const store = await open();
    for (let round = 0; round < 5; round++) {
      for (let number = 0; number < 40; number++) {
        store.requests.append(record(1000 + round * 40 + number));
        if (number === 20) server.sql(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'signalbox'");
      }
      await store.requests.flush();
      await isBack(store);
    }
    await allWritten(store, 200);
    expect(rows()).toBe(once(...Array.from({ length: 200 }, (_, index) => 1000 + index)));
  }));

test("a journal is there after kill -9", () =>
  scene(async ({ server, url, dataDir, open, rows }) => {
    // Brought up to date, and gone.
    await (await open()).close();
    await server.kill();
    const child = Bun.spawn([process.execPath, new URL("./killed-away.fixture.ts", import.meta.url).pathname, dataDir, url], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const said = await new Response(child.stdout).text();
    await child.exited;
    expect([child.signalCode, said]).toEqual(["SIGKILL", "3 wait"]);
    await server.restart();
    await allWritten(await open(), 3);
    expect(rows()).toBe(once(1, 2, 3));
  }));

test("a journal is there after a stop", () =>
  scene(async ({ server, open, rows }) => {
    const first = await open();
    await server.kill();
    await isAway(first);
    for (let number = 1; number <= 3; number++) first.requests.append(record(number));
    await first.close();
    const second = await open();
    expect(second.requests.state()).toMatchObject({ waiting: 3, written: 0 });
    await server.restart();
    await allWritten(second, 3);
    expect(rows()).toBe(once(1, 2, 3));
  }));

test("a server that may only be read from is as good as away, and its successor is found", () =>
  scene(async ({ server, open }) => {
    const store = await open();
    await server.restart("default_transaction_read_only=on");
    await until("the standby to be recognised", () => store.trouble()?.includes("standby") === true);
    await server.restart();
    await isBack(store);
    await store.keys.insert(key("a"));
  }));
