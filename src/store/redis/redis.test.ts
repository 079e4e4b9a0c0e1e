import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { RedisClient } from "bun";
import { stands, troubleOf, withRedis } from "./opened.fixture.ts";
import { openRedis, type SharedStore } from "./redis.ts";
import { withRedisServer } from "./redis-server.fixture.ts";

/** Runs the work with a store and, for a look at what is really there, a client of the runtime. */
const withBoth = (work: (store: SharedStore, client: RedisClient) => Promise<void>, path = ""): Promise<void> =>
  withRedisServer((server) =>
    withRedis({ url: server.url + path, deadline: 5_000 }, async (store) => {
      await stands(store);
      const client = new RedisClient(server.url + path);
      try {
        await work(store, client);
      } finally {
        client.close();
      }
    }),
  );

test("values come back as they went in, whatever their bytes", () =>
  withBoth(async (store) => {
    const values: readonly Uint8Array[] = [
      new Uint8Array(0),
      new Uint8Array([0, 255, 13, 10, 128]),
      Uint8Array.from({ length: 300_000 }, (_, index) => index % 251),
    ];
    for (const [index, value] of values.entries()) {
      await store.set(`value ${index}`, value, 60_000);
      expect(Buffer.compare((await store.get(`value ${index}`)) ?? Buffer.from("nothing"), value)).toBe(0);
    }
    await store.set("ключ\n", "текст", 60_000);
    expect(Buffer.from((await store.get("ключ\n")) ?? "").toString()).toBe("текст");
    expect(await store.get("another")).toBeUndefined();
  }));

test("many questions at once get their own answers", () =>
  withBoth(async (store) => {
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    await Promise.all(numbers.map((number) => store.set(`n${number}`, String(number), 60_000)));
    const answers = await Promise.all(numbers.map((number) => store.get(`n${number}`)));
    expect(answers.map((answer) => Number(Buffer.from(answer ?? "").toString()))).toEqual(numbers);
  }));

test("every value expires, and every key has the prefix", () =>
  withBoth(async (store, client) => {
    await store.set("an hour", "1", 3_600_000);
    await store.set("a fraction", "1", 0.4);
    const left = Number(await client.send("PTTL", ["signalbox:an hour"]));
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    expect(await client.keys("*")).not.toContain("an hour");
    while ((await store.get("a fraction")) !== undefined);
  }));

test("keys are deleted and counted", () =>
  withBoth(async (store) => {
    for (const key of ["a", "b", "c"]) await store.set(key, "1", 60_000);
    expect(await store.delete("a", "b", "none")).toBe(2);
    expect(await store.delete("a")).toBe(0);
    expect(await store.delete()).toBe(0);
    expect(await store.get("c")).toBeDefined();
  }));

test("all keys of a beginning are deleted, letter by letter, and no others", () =>
  withBoth(async (store, client) => {
    const kept = ["cacheXy1", "cache", "other:cache[*]?\\:1"];
    for (const key of kept) await store.set(key, "1", 60_000);
    await client.set("cache[*]?\\:not ours", "1");
    await Promise.all(Array.from({ length: 1_700 }, (_, number) => store.set(`cache[*]?\\:${number}`, "1", 60_000)));
    expect(await store.deleteAll("cache[*]?\\:")).toBe(1_700);
    expect((await client.keys("*")).sort()).toEqual(["cache[*]?\\:not ours", ...kept.map((key) => `signalbox:${key}`)].sort());
    expect(await store.deleteAll("cache[*]?\\:")).toBe(0);
    expect(await store.deleteAll("")).toBe(kept.length);
    expect(await client.keys("*")).toEqual(["cache[*]?\\:not ours"]);
  }));

test("scripts run in one step, over keys with the prefix, whether the server knows them or not", () =>
  withBoth(async (store, client) => {
    const text = "redis.call('SET', KEYS[1], ARGV[1]) return { redis.call('INCRBY', KEYS[1], ARGV[2]), KEYS[1] }";
    const script = { text, digest: createHash("sha1").update(text).digest("hex") };
    for (const flush of [false, false, true]) {
      if (flush) await client.send("SCRIPT", ["FLUSH"]);
      expect(await store.evaluate(script, ["a"], ["5", "2"])).toEqual([7, "signalbox:a"]);
    }
    const broken = { text: "return redis.call('NOTHING')", digest: "0".repeat(40) };
    expect(await troubleOf(store.evaluate(broken, [], []))).toContain("refuses: ");
  }));

test("the database of the URL is used", () =>
  withBoth(async (store, client) => {
    await store.set("a", "1", 60_000);
    expect(await client.keys("*")).toEqual(["signalbox:a"]);
    await client.send("SELECT", ["0"]);
    expect(await client.keys("*")).toEqual([]);
  }, "/7"));

test("the user and the password of the URL are used, and need nothing outside of the prefix", () =>
  withRedisServer(
    (server) =>
      withRedis({ url: server.url.replace("//", "//an%40na:p%40s%2Fs%20%25@"), prefix: "box:" }, async (store) => {
        await stands(store);
        await store.set("a", "1", 60_000);
        expect(await store.get("a")).toBeDefined();
        expect(await store.deleteAll("")).toBe(1);
        await store.publish("a", "1");
      }),
    ...["--user", "an@na", "on", ">p@s/s %", "~box:*", "resetchannels", "&box:*", "+@all"],
  ));

const REFUSED: readonly [what: string, url: string][] = [
  ["nothing", ""],
  ["no scheme", "127.0.0.1:6379"],
  ["a name without scheme", "secret:6379"],
  ["another scheme", "http://:secret@127.0.0.1:6379"],
  ["a port that is none", "redis://:secret@127.0.0.1:99999"],
  ["a database that is none", "redis://:secret@127.0.0.1/secret"],
  ["a password with a bare percent sign", "redis://:secret%@127.0.0.1"],
];
test.each(REFUSED)("a URL of %s is refused and not repeated", (_what, url) => {
  expect(() => openRedis({ url })).toThrow("The URL of Redis cannot be read. It looks like redis://user:password@host:6379/0, or rediss:// for TLS.");
});
