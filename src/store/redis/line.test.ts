import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RedisClient } from "bun";
import { CERTIFICATE, KEY } from "../../upstream/http1/localhost.fixture.ts";
import { inFolder } from "../temporary.fixture.ts";
import { NEVER, says, stands, troubleOf, withRedis } from "./opened.fixture.ts";
import { freePort, withRawServer, withRedisServer } from "./redis-server.fixture.ts";

/** What a server says to a client's HELLO: facts about itself. */
const HELLO = "%1\r\n+server\r\n+redis\r\n";

describe("a server that is away", () => {
  test("is told of, and asked in vain without waiting", async () => {
    const port = await freePort();
    await withRedis({ url: `redis://127.0.0.1:${port}`, deadline: NEVER }, async (store) => {
      expect(store.trouble()).toBe(`Redis at 127.0.0.1:${port} is not connected yet.`);
      expect(await troubleOf(store.get("a"))).toContain("RedisTrouble");
      const why = `Redis at 127.0.0.1:${port} cannot be used: nobody accepts connections there, or they are closed at once.`;
      await says(store, why);
      for (const asked of [store.get("a"), store.set("a", "1", 1), store.delete("a"), store.deleteAll("a"), store.publish("a", "1")])
        expect(await troubleOf(asked)).toBe(`RedisTrouble: ${why}`);
    });
  });

  test("that dies in the middle of a question fails it at once, and is used when it is back", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: NEVER }, async (store) => {
        await stands(store);
        server.pause();
        const asked = troubleOf(store.get("a"));
        await server.kill();
        expect(await asked).toBe(`RedisTrouble: The connection to Redis at 127.0.0.1:${server.port} was lost.`);
        expect(await troubleOf(store.get("a"))).toContain("RedisTrouble");
        await server.restart();
        await stands(store);
        expect(await store.get("a")).toBeUndefined();
      }),
    ));

  test("that ends the connection is connected to again", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: NEVER }, async (store) => {
        await stands(store);
        const client = new RedisClient(server.url);
        await client.send("CLIENT", ["KILL", "TYPE", "normal"]);
        client.close();
        await says(store, "was lost");
        await stands(store);
        expect(await store.get("a")).toBeUndefined();
      }),
    ));
});

describe("a server that says nothing", () => {
  test("is not waited for past the deadline, nor again before it answers, and its late answers are dropped", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 100 }, async (store) => {
        await stands(store);
        await store.set("a", "1", NEVER);
        server.pause();
        const why = `RedisTrouble: Redis at 127.0.0.1:${server.port} did not answer within 100 ms.`;
        // The second is younger and no better off: both go with their connection.
        const first = troubleOf(store.get("a"));
        const second = troubleOf(store.get("b"));
        expect([await first, await second]).toEqual([why, why]);
        expect(store.trouble()).toBe(why.slice("RedisTrouble: ".length));
        expect(await troubleOf(store.get("a"))).toBe(why);
        server.resume();
        await stands(store);
        expect(await store.get("b")).toBeUndefined();
        expect(Buffer.from((await store.get("a")) ?? "").toString()).toBe("1");
      }),
    ));

  test("from the beginning is told of", () =>
    withRawServer(
      () => undefined,
      (port) =>
        withRedis({ url: `redis://127.0.0.1:${port}`, deadline: NEVER }, async (store) => {
          await says(store, `Redis at 127.0.0.1:${port} did not answer within 2000 ms.`);
          expect(await troubleOf(store.get("a"))).toContain("did not answer");
        }),
    ));

  test("is found out without a question", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 100, heartbeat: 20 }, async (store) => {
        await stands(store);
        server.pause();
        await says(store, "did not answer within 100 ms");
        server.resume();
        await stands(store);
      }),
    ));

  test("after each greeting is left alone longer and longer", () => {
    let greetings = 0;
    const greet = (bytes: string) => {
      if (bytes.includes("HELLO")) return HELLO;
      if (!bytes.includes("UNLINK")) return undefined;
      greetings++;
      return ":0\r\n";
    };
    return withRawServer(greet, (port) =>
      withRedis({ url: `redis://127.0.0.1:${port}`, deadline: 10 }, async (store) => {
        const began = performance.now();
        while (performance.now() - began < 1_500) {
          await troubleOf(store.get("a"));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        // Always the shortest pause would make some 30 of them.
        expect(greetings).toBeGreaterThan(1);
        expect(greetings).toBeLessThan(12);
      }),
    );
  });

  test("is not blamed when this process was busy itself", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 20 }, async (store) => {
        await stands(store);
        const asked = store.get("a");
        // Until the question is on its way.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const began = performance.now();
        while (performance.now() - began < 200);
        expect(await asked).toBeUndefined();
        expect(store.trouble()).toBeUndefined();
      }),
    ));
});

describe("a server that refuses", () => {
  const REFUSALS: readonly [what: string, url: (url: string) => string, flags: string[], why: string][] = [
    ["a wrong password", (url) => url.replace("//", "//:s3cret@"), ["--requirepass", "another"], "WRONGPASS invalid username-password pair"],
    ["a wrong user", (url) => url.replace("//", "//anna:s3cret@"), ["--requirepass", "another"], "WRONGPASS invalid username-password pair"],
    ["no password", (url) => url, ["--requirepass", "another"], "NOAUTH HELLO must be called with the client already authenticated"],
    ["a database that is not there", (url) => `${url}/99`, [], "ERR DB index is out of range"],
    [
      "a user who may not write our keys",
      (url) => url.replace("//", "//anna:s3cret@"),
      ["--user", "anna", "on", ">s3cret", "~other:*", "+@all"],
      "NOPERM this user has no",
    ],
    ["writing to a replica", (url) => url, ["--replicaof", "127.0.0.1 1"], "READONLY You can't write against a read only replica"],
  ];
  test.each(REFUSALS)("%s says why", (_what, urlOf, flags, why) =>
    withRedisServer(
      (server) =>
        withRedis({ url: urlOf(server.url) }, async (store) => {
          await says(store, `Redis at 127.0.0.1:${server.port} cannot be used: ${why}`);
          expect(store.trouble()).not.toContain("s3cret");
          expect(await troubleOf(store.get("a"))).toContain(why);
        }),
      ...flags,
    ),
  );

  const SAID: readonly [what: string, answer: (bytes: string) => string, why: string][] = [
    ["loads its data", (bytes) => (bytes.includes("HELLO") ? HELLO : "-LOADING Redis is loading the dataset in memory\r\n"), "LOADING Redis is loading"],
    ["repeats the password", () => "-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `p@ss`\r\n", "`default`, `…`"],
    ["is none", () => "HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there is not Redis"],
  ];
  test.each(SAID)("a server that %s is told of", (_what, answer, why) =>
    withRawServer(answer, (port) => withRedis({ url: `redis://:p%40ss@127.0.0.1:${port}` }, (store) => says(store, why))),
  );

  test("one that becomes a replica is left, and used when it is none any more", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 5_000 }, async (store) => {
        await stands(store);
        const client = new RedisClient(server.url);
        await client.send("REPLICAOF", ["127.0.0.1", "1"]);
        expect(await troubleOf(store.set("a", "1", NEVER))).toContain("refuses: READONLY You can't write against a read only replica.");
        expect(store.trouble()).toContain("READONLY");
        await client.send("REPLICAOF", ["NO", "ONE"]);
        client.close();
        await stands(store);
        await store.set("a", "1", NEVER);
      }),
    ));

  test("one question only is no trouble for the others", () =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 5_000 }, async (store) => {
        await stands(store);
        const client = new RedisClient(server.url);
        await client.send("LPUSH", ["signalbox:list", "1"]);
        client.close();
        expect(await troubleOf(store.get("list"))).toContain("refuses: WRONGTYPE Operation against a key holding the wrong kind of value.");
        expect(store.trouble()).toBeUndefined();
      }),
    ));
});

test("closed, it asks nothing more", () =>
  withRedisServer((server) =>
    withRedis({ url: server.url, deadline: NEVER }, async (store) => {
      await stands(store);
      server.pause();
      const asked = troubleOf(store.get("a"));
      await store.close();
      await store.close();
      const why = `The connection to Redis at 127.0.0.1:${server.port} has been closed.`;
      expect(await asked).toBe(`RedisTrouble: ${why}`);
      expect(await troubleOf(store.get("a"))).toBe(`RedisTrouble: ${why}`);
      expect(store.trouble()).toBe(why);
      store.subscribe("a", () => undefined)();
    }),
  ));

test("a certificate is verified", () =>
  inFolder(async (folder) => {
    for (const [name, text] of Object.entries({ certificate: CERTIFICATE, key: KEY })) writeFileSync(join(folder, name), text);
    const port = await freePort();
    const tls = ["--tls-port", String(port), "--tls-cert-file", join(folder, "certificate"), "--tls-key-file", join(folder, "key"), "--tls-auth-clients", "no"];
    await withRedisServer(
      async () => {
        const url = `rediss://localhost:${port}`;
        await withRedis({ url }, (store) => says(store, `Redis at localhost:${port} cannot be used: self signed certificate.`));
        const trusting = Bun.spawn([process.execPath, new URL("./trusting.fixture.ts", import.meta.url).pathname, url], {
          env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "certificate") },
        });
        expect(await new Response(trusting.stdout).text()).toBe("1");
      },
      ...tls,
      ...["--tls-ca-cert-file", join(folder, "certificate")],
    );
  }));
