import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RequestRecord } from "../vocabulary/record.ts";
import type { KeyRow } from "./keys/key-row.ts";
import { openStore, type Store } from "./open.ts";
import type { RequestListing } from "./requests/request-queries.ts";
import { inFolder, key, record } from "./temporary.fixture.ts";

/** Runs the work with an open store, and closes it. */
function withStore<Result>(work: (store: Store, dataDir: string) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const store = await openStore({ dataDir });
    try {
      return await work(store, dataDir);
    } finally {
      await store.close();
    }
  });
}

/** What a promise rejects with. Not `expect(…).rejects`: bun:test waits for that one without letting workers' messages in. */
async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not reject.");
}

/** The value without the fields that are `undefined`. */
const plain = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

describe("requests", () => {
  const NO_TRACE = { candidates: [], attempts: [], warnings: [] };
  const bare: RequestRecord = {
    id: "req_0",
    startedAt: 0,
    operation: "other",
    dialect: "",
    model: "",
    stream: false,
    status: 401,
    outcome: "failed",
    totalMs: 0.1,
    trace: NO_TRACE,
  };

  test("come back as they went in", () =>
    withStore(async (store) => {
      const given = [record(1), bare];
      for (const one of given) store.requests.append(one);
      await store.requests.flush();
      const found = await Promise.all(given.map((one) => store.requests.find(one.id)));
      expect(plain(found)).toEqual(given);
      expect(await store.requests.find("req_none")).toBeUndefined();
      expect(store.requests.state()).toEqual({ waiting: 0, written: 2, dropped: 0, trouble: undefined });
    }));

  test("are paged newest first, none twice and none left out, also those of the same millisecond", () =>
    withStore(async (store) => {
      for (let number = 0; number < 100; number++) store.requests.append(record(number, { startedAt: 1000 + Math.floor(number / 10) }));
      await store.requests.flush();
      const seen: string[] = [];
      let before: string | undefined;
      let pages = 0;
      do {
        const page = await store.requests.list({ limit: 7, before });
        seen.push(...page.rows.map((row) => row.id));
        before = page.next;
        pages++;
      } while (before !== undefined);
      expect(pages).toBe(15);
      expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => `req_${99 - index}`));
    }));

  const filters: readonly [name: string, filters: Partial<RequestListing>, ids: string[]][] = [
    ["model", { model: "b" }, ["req_2"]],
    ["deployment", { deployment: "x/b" }, ["req_2"]],
    ["key", { keyId: "key_2" }, ["req_2"]],
    ["user", { userId: "user_2" }, ["req_2"]],
    ["source", { source: "n8n" }, ["req_2"]],
    ["outcome", { outcome: "ok" }, ["req_2"]],
    ["status", { status: 200 }, ["req_2"]],
    ["from", { from: 1_790_000_000_002 }, ["req_3", "req_2"]],
    ["to", { to: 1_790_000_000_002 }, ["req_1"]],
    ["two that exclude each other", { model: "b", source: "webui" }, []],
    ["words with quotes", { model: "' OR 1=1 --" }, []],
  ];
  test.each(filters)("are filtered by %s", (_name, listing, ids) =>
    withStore(async (store) => {
      store.requests.append(record(1));
      store.requests.append(record(2, { model: "b", deployment: "x/b", keyId: "key_2", userId: "user_2", source: "n8n", outcome: "ok", status: 200 }));
      store.requests.append(record(3));
      await store.requests.flush();
      const page = await store.requests.list({ limit: 10, ...listing });
      expect(page.rows.map((row) => row.id)).toEqual(ids);
    }),
  );

  test("a cursor that is none of ours is the caller's mistake", () =>
    withStore(async (store) => {
      expect(await errorOf(store.requests.list({ limit: 10, before: "1; DROP TABLE requests" }))).toMatchObject({ kind: "invalid-request" });
    }));

  test("a row the table refuses costs only itself", () =>
    withStore(async (store) => {
      store.requests.append(record(1));
      store.requests.append({ ...record(2), totalMs: Number.NaN });
      store.requests.append(record(3));
      await store.requests.flush();
      expect(store.requests.state()).toMatchObject({ waiting: 0, written: 2, dropped: 1 });
      expect((await store.requests.list({ limit: 10 })).rows.map((row) => row.id)).toEqual(["req_3", "req_1"]);
    }));

  test("fractions of tokens are rounded, not refused", () =>
    withStore(async (store) => {
      const given = record(1);
      store.requests.append({ ...given, usage: given.usage && { ...given.usage, input: 1.6 } });
      await store.requests.flush();
      expect((await store.requests.find("req_1"))?.usage?.input).toBe(2);
    }));
});

describe("keys", () => {
  test("come back as they went in, and are found by hash", () =>
    withStore(async (store) => {
      const whole = key("a", {
        description: "Ann's 'own'",
        role: "admin",
        userId: "u",
        teamId: "t",
        source: "webui",
        models: ["m", "n"],
        routes: ["chat", "embeddings"],
        limits: { requestsPerMinute: 60, maxParallel: 3 },
        localOnly: true,
        formerHash: "hash-former",
        formerUntil: 4,
        expiresAt: 5,
        lastUsedAt: 6,
        blockedAt: 7,
        revokedAt: 8,
        createdAt: 2000,
      });
      const given: KeyRow[] = [whole, key("b")];
      for (const one of given) await store.keys.insert(one);
      expect(plain((await store.keys.list({ limit: 10 })).rows)).toEqual(given);
      expect(plain(await store.keys.findByHash("hash-b"))).toEqual(key("b"));
      expect(await store.keys.findByHash("hash-none")).toBeUndefined();
    }));

  test("one hash is one key", () =>
    withStore(async (store) => {
      await store.keys.insert(key("a"));
      expect((await errorOf(store.keys.insert(key("b", { hash: "hash-a" })))).message).toContain("UNIQUE");
    }));

  test("are revoked once", () =>
    withStore(async (store) => {
      await store.keys.insert(key("a"));
      expect([await store.keys.revoke("id-a", 50), await store.keys.revoke("id-a", 60), await store.keys.revoke("id-none", 60)]).toEqual([true, false, false]);
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBe(50);
    }));

  test("replace one another at a declared origin, wholly or not at all", () =>
    withStore(async (store) => {
      const origin = "file:ci";
      await store.keys.insert(key("a", { origin }));
      expect((await errorOf(store.keys.insert(key("b", { origin })))).message).toContain("UNIQUE");
      expect((await errorOf(store.keys.insert(key("b", { origin, hash: "hash-a" }), { replaces: "id-a" }))).message).toContain("UNIQUE");
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBeUndefined();
      await store.keys.insert(key("b", { origin, createdAt: 3000 }), { replaces: "id-a" });
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBe(3000);
    }));

  test("are changed without losing what does not change", () =>
    withStore(async (store) => {
      await store.keys.insert(key("a", { revokedAt: 5 }));
      const changed = await store.keys.change("id-a", { name: "new", models: ["m"], revokedAt: null });
      expect([changed?.before.name, changed?.after.name]).toEqual(["a", "new"]);
      expect(await store.keys.change("id-none", { name: "new" })).toBeUndefined();
      expect(plain(await store.keys.findByHash("hash-a"))).toEqual(plain(key("a", { name: "new", models: ["m"] })));
    }));

  test("remember their last use, noted in passing", () =>
    withStore(async (store) => {
      await store.keys.insert(key("a"));
      store.keys.touch("id-a", 70);
      store.keys.touch("id-a", 80);
      store.keys.touch("id-none", 80);
      await store.keys.flush();
      expect((await store.keys.findByHash("hash-a"))?.lastUsedAt).toBe(80);
    }));
});

describe("the data folder", () => {
  test("keeps everything through close and open, what was not flushed too", () =>
    inFolder(async (dataDir) => {
      const first = await openStore({ dataDir });
      first.requests.append(record(1));
      await first.keys.insert(key("a"));
      first.keys.touch("id-a", 70);
      await Promise.all([first.close(), first.close()]);
      expect(existsSync(join(dataDir, "requests.db-wal"))).toBe(false);
      const second = await openStore({ dataDir });
      expect(plain(await second.requests.find("req_1"))).toEqual(record(1));
      expect((await second.keys.findByHash("hash-a"))?.lastUsedAt).toBe(70);
      await second.close();
    }));

  test("is let go of whole, even when nothing was asked of it", () =>
    inFolder(async (dataDir) => {
      await (await openStore({ dataDir })).close();
      expect(readdirSync(dataDir).filter((name) => name.endsWith("-wal"))).toEqual([]);
    }));

  test("takes one instance at a time, and says so", () =>
    withStore(async (_store, dataDir) => {
      expect((await errorOf(openStore({ dataDir }))).message).toMatch(/Another Signalbox is running.*--data-dir/);
    }));

  test("of a newer Signalbox is refused, and free again afterwards", () =>
    inFolder(async (dataDir) => {
      await (await openStore({ dataDir })).close();
      const ledger = new Database(join(dataDir, "ledger.db"));
      ledger.run("INSERT INTO migrations (id, applied_at) VALUES ('9999-later', 0)");
      ledger.close();
      for (let time = 0; time < 2; time++) expect((await errorOf(openStore({ dataDir }))).message).toMatch(/ledger\.db was written by a newer Signalbox/);
    }));

  test("with a file that is no database is refused with its name", () =>
    inFolder(async (dataDir) => {
      writeFileSync(join(dataDir, "requests.db"), "not a database, but long enough to look at".repeat(100));
      expect((await errorOf(openStore({ dataDir }))).message).toMatch(/requests\.db cannot be opened/);
    }));

  test("that cannot be made is refused with what to do", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "file"), "");
      expect((await errorOf(openStore({ dataDir: join(folder, "file", "data") }))).message).toContain("--data-dir");
    }));
});

describe("kill -9", () => {
  test("loses no key and no row that was flushed, and frees the folder", () =>
    inFolder(async (dataDir) => {
      const child = Bun.spawn([process.execPath, new URL("./killed.fixture.ts", import.meta.url).pathname, dataDir], { stdout: "pipe", stderr: "inherit" });
      const said = await new Response(child.stdout).text();
      await child.exited;
      expect([child.signalCode, said]).toEqual(["SIGKILL", "written"]);
      const store = await openStore({ dataDir });
      expect((await store.keys.list({ limit: 10 })).rows.map((row) => row.id)).toEqual(["id-a"]);
      expect((await store.requests.list({ limit: 1000 })).rows.length).toBeGreaterThanOrEqual(600);
      await store.close();
    }));
});
