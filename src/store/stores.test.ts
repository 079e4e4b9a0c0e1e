import { expect, test } from "bun:test";
import type { RequestRecord } from "../vocabulary/record.ts";
import type { KeyRow } from "./keys/key-row.ts";
import type { Owner, RequestListing } from "./requests/request-queries.ts";
import { describeStores, errorOf, plain, withStore } from "./stores.fixture.ts";
import { key, record } from "./temporary.fixture.ts";

describeStores("requests", (kind) => {
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
    withStore(kind, async (store) => {
      const given = [record(1), bare];
      for (const one of given) store.requests.append(one);
      await store.requests.flush();
      const found = await Promise.all(given.map((one) => store.requests.find(one.id)));
      expect(found).toEqual(given);
      expect(await store.requests.find("req_none")).toBeUndefined();
      expect(store.requests.state()).toEqual({ waiting: 0, written: 2, dropped: 0, trouble: undefined });
    }));

  test("are found for their owner alone, also where another has the same id", () =>
    withStore(kind, async (store) => {
      const [anns, bobs] = [record(1, { userId: "ann", keyId: "key_a" }), record(2, { id: "req_1", userId: "bob", keyId: "key_b" })];
      for (const one of [anns, bobs]) store.requests.append(one);
      await store.requests.flush();
      const found = (of?: Owner) => store.requests.find("req_1", of);
      expect(await Promise.all([found(), found({ userId: "ann" }), found({ keyId: "key_a" })])).toEqual([bobs, anns, anns]);
      expect(await Promise.all([found({ userId: "cleo" }), found({ keyId: "key_c" })])).toEqual([undefined, undefined]);
    }));

  test("are paged newest first, none twice and none left out, also those of the same millisecond", () =>
    withStore(kind, async (store) => {
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
    ["team", { teamId: "team_2" }, ["req_2"]],
    ["source", { source: "n8n" }, ["req_2"]],
    ["outcome", { outcome: "ok" }, ["req_2"]],
    ["status", { status: 200 }, ["req_2"]],
    ["from", { from: 1_790_000_000_002 }, ["req_3", "req_2"]],
    ["to", { to: 1_790_000_000_002 }, ["req_1"]],
    ["two that exclude each other", { model: "b", source: "webui" }, []],
    ["words with quotes", { model: "' OR 1=1 --" }, []],
  ];
  test.each(filters)("are filtered by %s", (_name, listing, ids) =>
    withStore(kind, async (store) => {
      store.requests.append(record(1));
      store.requests.append(
        record(2, { model: "b", deployment: "x/b", keyId: "key_2", userId: "user_2", teamId: "team_2", source: "n8n", outcome: "ok", status: 200 }),
      );
      store.requests.append(record(3));
      await store.requests.flush();
      const page = await store.requests.list({ limit: 10, ...listing });
      expect(page.rows.map((row) => row.id)).toEqual(ids);
    }),
  );

  test("a cursor that is none of ours is the caller's mistake", () =>
    withStore(kind, async (store) => {
      expect(await errorOf(store.requests.list({ limit: 10, before: "1; DROP TABLE requests" }))).toMatchObject({ kind: "invalid-request" });
    }));

  test("a row the table refuses costs only itself", () =>
    withStore(kind, async (store) => {
      store.requests.append(record(1));
      store.requests.append({ ...record(2), totalMs: Number.NaN });
      store.requests.append(record(3));
      await store.requests.flush();
      expect(store.requests.state()).toMatchObject({ waiting: 0, written: 2, dropped: 1 });
      expect((await store.requests.list({ limit: 10 })).rows.map((row) => row.id)).toEqual(["req_3", "req_1"]);
    }));

  test("text with the character NUL is kept where it can be, and readable everywhere", () =>
    withStore(kind, async (store) => {
      store.requests.append(record(1, { model: "a\u0000b" }));
      await store.requests.flush();
      expect((await store.requests.find("req_1"))?.model).toBe(kind.name === "SQLite" ? "a\u0000b" : "a\uFFFDb");
      expect((await store.requests.list({ limit: 10, model: "a\u0000b" })).rows.length).toBe(1);
    }));

  test("fractions of tokens are rounded, not refused", () =>
    withStore(kind, async (store) => {
      const given = record(1);
      store.requests.append({ ...given, usage: given.usage && { ...given.usage, input: 1.6 } });
      await store.requests.flush();
      expect((await store.requests.find("req_1"))?.usage?.input).toBe(2);
    }));
});

describeStores("keys", (kind) => {
  test("come back as they went in, and are found by hash", () =>
    withStore(kind, async (store) => {
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
    withStore(kind, async (store) => {
      await store.keys.insert(key("a"));
      expect((await errorOf(store.keys.insert(key("b", { hash: "hash-a" })))).message).toMatch(/unique/i);
    }));

  test("are revoked once", () =>
    withStore(kind, async (store) => {
      await store.keys.insert(key("a"));
      expect([await store.keys.revoke("id-a", 50), await store.keys.revoke("id-a", 60), await store.keys.revoke("id-none", 60)]).toEqual([true, false, false]);
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBe(50);
    }));

  test("replace one another at a declared origin, wholly or not at all", () =>
    withStore(kind, async (store) => {
      const origin = "file:ci";
      await store.keys.insert(key("a", { origin }));
      expect((await errorOf(store.keys.insert(key("b", { origin })))).message).toMatch(/unique/i);
      expect((await errorOf(store.keys.insert(key("b", { origin, hash: "hash-a" }), { replaces: "id-a" }))).message).toMatch(/unique/i);
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBeUndefined();
      await store.keys.insert(key("b", { origin, createdAt: 3000 }), { replaces: "id-a" });
      expect((await store.keys.findByHash("hash-a"))?.revokedAt).toBe(3000);
    }));

  test("are changed without losing what does not change", () =>
    withStore(kind, async (store) => {
      await store.keys.insert(key("a", { revokedAt: 5 }));
      const changed = await store.keys.change("id-a", { name: "new", models: ["m"], revokedAt: null });
      expect([changed?.before.name, changed?.after.name]).toEqual(["a", "new"]);
      expect(await store.keys.change("id-none", { name: "new" })).toBeUndefined();
      expect(plain(await store.keys.findByHash("hash-a"))).toEqual(plain(key("a", { name: "new", models: ["m"] })));
    }));

  test("remember their last use, noted in passing", () =>
    withStore(kind, async (store) => {
      await store.keys.insert(key("a"));
      const lastUsed = async () => (await store.keys.findByHash("hash-a"))?.lastUsedAt;
      expect(await lastUsed()).toBeUndefined();
      store.keys.seen("id-a", 70_000);
      store.keys.seen("id-none", 70_000);
      await store.keys.flush();
      expect(await lastUsed()).toBe(70_000);
      store.keys.seen("id-a", 140_000);
      await store.keys.flush();
      expect(await lastUsed()).toBe(140_000);
    }));
});

describeStores("users", (kind) => {
  test("remember when they were last seen, noted in passing, and never an earlier time", () =>
    withStore(kind, async (store, reopen) => {
      await store.users.insert({ id: "ann", issuer: "local", subject: "ann", role: "member", createdAt: 1, passwordHash: "hash", passwordAt: 2 });
      expect(plain(await store.users.find("ann"))).toMatchObject({ passwordAt: 2 });
      expect((await store.users.find("ann"))?.lastSeenAt).toBeUndefined();
      store.users.seen("nobody", 120_000);
      store.users.seen("ann", 120_000);
      const second = await reopen();
      expect((await second.users.find("ann"))?.lastSeenAt).toBe(120_000);
      second.users.seen("ann", 60_000);
      await second.users.flush();
      await second.users.change("ann", { name: "Ann" });
      expect(await second.users.find("ann")).toMatchObject({ lastSeenAt: 120_000, name: "Ann" });
    }));
});
