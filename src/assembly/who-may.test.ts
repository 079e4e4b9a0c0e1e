import { expect, test } from "bun:test";
import { openStore } from "../store/open.ts";
import { stands, withRedis } from "../store/redis/opened.fixture.ts";
import type { SharedStore } from "../store/redis/redis.ts";
import { withRedisServer } from "../store/redis/redis-server.fixture.ts";
import { inFolder } from "../store/temporary.fixture.ts";
import { upstreamClient } from "../upstream/client.ts";
import { Failure } from "../vocabulary/failure.ts";
import { install, KINDS } from "./installation.ts";
import { replicas } from "./replicas.ts";
import { whoMay } from "./who-may.ts";

/** Nothing is asked for its models here. */
const NO_PROBE = () => Promise.reject(new Error("nobody is asked"));
const CONFIG = "models: {}\nauth: { create_vouched_users: true }\n";

/** A second is the promise; a busy machine is not held to it, but to a time in which nothing is forgotten by itself. */
const PATIENCE = 20_000;

/** Two gateways over one ledger, of one mind by way of a real Redis. */
function withTwo(work: (one: ReturnType<typeof whoMay>, other: ReturnType<typeof whoMay>) => Promise<void>): Promise<void> {
  return withRedisServer(({ url }) =>
    withRedis({ url }, (first) =>
      withRedis({ url }, (second) =>
        inFolder(async (dataDir) => {
          await Promise.all([stands(first), stands(second)]);
          const store = await openStore({ dataDir });
          const gateway = (shared: SharedStore, self: string) => {
            const installation = install({ variables: {}, kinds: KINDS, readFile: () => CONFIG, exists: (path) => path === "signalbox.yaml" }, NO_PROBE);
            return whoMay(store, installation, {
              replicas: replicas({ shared, self, missed: () => undefined }),
              upstream: upstreamClient(),
              dataDir,
              welcome: async () => undefined,
            });
          };
          try {
            const [one, other] = [gateway(first, "one"), gateway(second, "other")];
            await one.takeOverKeys();
            await other.takeOverKeys();
            // A word that went through shows that both listen.
            await heard(one, other);
            await work(one, other);
          } finally {
            await store.close();
          }
        }),
      ),
    ),
  );
}

async function heard(one: ReturnType<typeof whoMay>, other: ReturnType<typeof whoMay>): Promise<void> {
  const { key, row } = await one.keys.create({ name: "first word" });
  await kindOf(other, key);
  await soon(async () => {
    await one.keys.change(row.id, { blocked: true });
    return (await kindOf(other, key)) === "invalid-key";
  });
}

async function kindOf(gateway: ReturnType<typeof whoMay>, key: string): Promise<string> {
  try {
    return (await gateway.identify(new Headers({ authorization: `Bearer ${key}` }), "")).role;
  } catch (error) {
    return error instanceof Failure ? error.kind : String(error);
  }
}

async function soon(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += 10) {
    if (waited > PATIENCE) throw new Error("The other gateway has not heard of it.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("what one gateway ends, the other refuses: a key, a user, a team, a member, a value that was rotated", () =>
  withTwo(async (one, other) => {
    const user = await one.users.create({ id: "ann" });
    const team = await one.teams.create({ name: "research" });
    await one.teams.addMember({ teamId: team.id, userId: user.id });
    const { key, row } = await one.keys.create({ name: "k", userId: user.id, teamId: team.id });
    const becomes = (kind: string) => soon(async () => (await kindOf(other, key)) === kind);
    const ends: readonly (readonly [end: () => Promise<unknown>, undo: () => Promise<unknown>])[] = [
      [() => one.keys.change(row.id, { blocked: true }), () => one.keys.change(row.id, { blocked: false })],
      [() => one.users.change("ann", { blocked: true }), () => one.users.change("ann", { blocked: false })],
      [() => one.teams.change(team.id, { blocked: true }), () => one.teams.change(team.id, { blocked: false })],
      [() => one.teams.removeMember({ teamId: team.id, userId: "ann" }), () => one.teams.addMember({ teamId: team.id, userId: "ann" })],
    ];
    for (const [end, undo] of ends) {
      await becomes("member");
      await end();
      await becomes("invalid-key");
      await undo();
    }
    await becomes("member");
    await one.users.change("ann", { role: "read-only" });
    await becomes("read-only");
    await one.keys.rotate(row.id, { overlap: 0 });
    await becomes("invalid-key");
  }));

test("a user whom a key vouches for is looked up anew in both", () =>
  withTwo(async (one, other) => {
    const caller = { keyId: "k", keyName: "chat", source: "webui", role: "member", vouches: true } as const;
    const as = async (gateway: ReturnType<typeof whoMay>) => {
      try {
        return (await gateway.attributed(caller, { endUser: "u-1" })).userId ?? "nobody";
      } catch (error) {
        return error instanceof Failure ? error.kind : String(error);
      }
    };
    const [id = ""] = await Promise.all([as(one), as(other)]);
    expect([id.startsWith("user_"), await as(other)]).toEqual([true, id]);
    await one.users.change(id, { blocked: true });
    expect(await as(one)).toBe("invalid-key");
    await soon(async () => (await as(other)) === "invalid-key");
  }));

test("a declared key of somebody there is not is told of", () =>
  inFolder(async (dataDir) => {
    const store = await openStore({ dataDir });
    const text =
      "models: {}\nauth: { admin_key: an-admin-key-of-some-length }\nkeys: [{ name: ci, key: a-key-of-some-length, user_id: nobody, team_id: nothing }]\n";
    const installation = install({ variables: {}, kinds: KINDS, readFile: () => text, exists: (path) => path === "signalbox.yaml" }, NO_PROBE);
    const { warnings } = await whoMay(store, installation, {
      replicas: replicas({ shared: undefined, self: "one", missed: () => undefined }),
      upstream: upstreamClient(),
      dataDir,
      welcome: async () => undefined,
    }).takeOverKeys();
    expect(warnings).toEqual([
      "file:ci is the key of the user nobody, whom there is not: until there is, no limits but its own bind it.",
      "file:ci asks for the team nothing, which there is not: until there is, no limits but its own bind it.",
    ]);
    await store.close();
  }));
