import { expect, test } from "bun:test";
import { RedisClient } from "bun";
import { until } from "../../../tests/harness/until.ts";
import { NEVER, says, stands, withRedis } from "./opened.fixture.ts";
import { openRedis, type SharedStore } from "./redis.ts";
import { freePort, type RedisServer, withRedisServer } from "./redis-server.fixture.ts";

/** Listens, and writes down what comes: messages, and `resumed`. */
function listen(store: SharedStore, channel: string): { readonly heard: string[]; readonly stop: () => void } {
  const heard: string[] = [];
  const stop = store.subscribe(
    channel,
    (message) => heard.push(message),
    () => heard.push("(resumed)"),
  );
  return { heard, stop };
}

/** Runs the work with a store whose listening stands, and what it hears of the channel "a". */
const listening = (work: (parts: { store: SharedStore; server: RedisServer; heard: string[]; stop: () => void }) => Promise<void>, deadline = 5_000) =>
  withRedisServer((server) =>
    withRedis({ url: server.url, deadline, heartbeat: 20 }, async (store) => {
      const listener = listen(store, "a");
      await stands(store);
      await hear(store, listener.heard);
      await work({ store, server, ...listener });
    }),
  );

/** Publishes until it is heard, and forgets that: subscribing is in the background. */
async function hear(store: SharedStore, heard: string[], channel = "a"): Promise<void> {
  let number = 0;
  while (!heard.includes(`test ${number}`)) {
    await store.publish(channel, `test ${++number}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  heard.length = 0;
}

test("messages come in turn, each once, to everybody who listens to the channel", () =>
  listening(async ({ store, heard, stop }) => {
    const another = listen(store, "a");
    const elsewhere = listen(store, "b");
    await hear(store, elsewhere.heard, "b");
    for (const message of ["1", "zwei\n", ""]) await store.publish("a", message);
    await store.publish("b", "for b");
    await until("b", () => elsewhere.heard.length > 0);
    expect({ heard, another: another.heard, elsewhere: elsewhere.heard }).toEqual({
      heard: ["1", "zwei\n", ""],
      another: ["1", "zwei\n", ""],
      elsewhere: ["for b"],
    });
    stop();
    stop();
    await store.publish("a", "2");
    await until("2", () => another.heard.includes("2"));
    expect(heard).not.toContain("2");
  }));

test("who leaves and comes back hears again", () =>
  listening(async ({ store, heard, stop }) => {
    stop();
    const again = listen(store, "a");
    await hear(store, again.heard);
    await store.publish("a", "1");
    await until("1", () => again.heard.length > 0);
    expect(again.heard).toEqual(["1"]);
    expect(heard).toEqual([]);
  }));

test("channels have the prefix, and two gateways hear one another", () =>
  listening(async ({ store, server, heard }) => {
    const client = new RedisClient(server.url);
    await client.publish("a", "not ours");
    await client.publish("signalbox:a", "ours");
    client.close();
    await withRedis({ url: server.url }, async (other) => {
      await stands(other);
      await other.publish("a", "theirs");
    });
    await until("both", () => heard.length > 1);
    expect(heard).toEqual(["ours", "theirs"]);
    expect(store.trouble()).toBeUndefined();
  }));

const AWAY: readonly [what: string, away: (server: RedisServer) => Promise<void>, back: (server: RedisServer) => Promise<void>][] = [
  ["died", (server) => server.kill(), (server) => server.restart()],
  ["fell silent", async (server) => server.pause(), async (server) => server.resume()],
];
test.each(AWAY)("after the server %s the listener is told once, and hears again", (_what, away, back) =>
  listening(async ({ store, server, heard }) => {
    await away(server);
    await until("trouble", () => store.trouble() !== undefined);
    await back(server);
    await until("the listener to be told", () => heard.length > 0);
    await stands(store);
    await store.publish("a", "1");
    await until("1", () => heard.length > 1);
    expect(heard).toEqual(["(resumed)", "1"]);
  }, 300),
);

test("listening may begin before the server does", () =>
  withRedisServer(async (server) => {
    await server.kill();
    await withRedis({ url: server.url, deadline: NEVER }, async (store) => {
      const { heard } = listen(store, "a");
      await says(store, "nobody accepts connections");
      const late = listen(store, "b");
      await server.restart();
      await until("the listener to be told", () => heard.length > 0);
      await stands(store);
      await hear(store, late.heard, "b");
      await store.publish("a", "1");
      await until("1", () => heard.length > 1);
      expect(heard).toEqual(["(resumed)", "1"]);
    });
  }));

test("a channel that may not be listened to is told of", () =>
  withRedisServer(
    (server) =>
      withRedis({ url: server.url.replace("//", "//anna:s3cret@") }, async (store) => {
        await stands(store);
        listen(store, "a");
        await says(store, "cannot be used: NOPERM this user has no permissions to access one of the channels");
      }),
    ...["--user", "anna", "on", ">s3cret", "~*", "resetchannels", "+@all"],
  ));

test("who is closed hears nothing more, and may stop listening", async () => {
  const store = openRedis({ url: `redis://127.0.0.1:${await freePort()}` });
  const { heard, stop } = listen(store, "a");
  await store.close();
  stop();
  expect(heard).toEqual([]);
});
