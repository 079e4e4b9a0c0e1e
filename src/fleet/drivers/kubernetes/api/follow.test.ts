import { afterEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type FakeCluster, NAMESPACE, startFakeCluster, TOKEN } from "../../../../../tests/fakes/kubernetes/cluster.ts";
import { exampleRules } from "../../../../../tests/fakes/kubernetes/manifests.ts";
import { until } from "../../../../../tests/harness/until.ts";
import { objectOf } from "../../../../vocabulary/json.ts";
import { clusterAt } from "../cluster.ts";
import { DEPLOYMENTS } from "./call.ts";
import { apiClient } from "./client.ts";
import { follow, pauseAfter } from "./follow.ts";
import { failureOf } from "./refusal.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** A follower of all Deployments that are labelled `on`, and what it was told. */
async function following() {
  const cluster = await startFakeCluster({ rules: exampleRules() });
  const client = apiClient(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
  const ended = new AbortController();
  const told: string[] = [];
  const log = (what: string) => void (told.at(-1) !== what && told.push(what));
  const done = follow(
    client,
    { selection: { resource: DEPLOYMENTS, labelSelector: "on" }, signal: ended.signal },
    {
      changed: (objects) => log(objects.map((each) => objectOf(each["metadata"])["name"]).join(" ")),
      troubled: (error) => log(`troubled: ${failureOf(error).reason}`),
      well: () => log("well"),
    },
  );
  cleanUp.push(cluster.stop, client.close, async () => {
    ended.abort();
    await done;
  });
  await until("the watch", () => cluster.server.watches.open === 1);
  return { cluster, told, ended, done };
}

const put = ({ store }: FakeCluster, name: string, labels: Record<string, string>) =>
  void store.write("deployments", { metadata: { name, labels }, spec: { replicas: 0 } });
const asked = ({ server }: FakeCluster, verb: string) => server.asked.filter((each) => each.verb === verb).length;
const last = (told: readonly string[], what: string) => until(`"${what}" in ${JSON.stringify(told)}`, () => told.findLast((each) => each !== "well") === what);

describe("following", () => {
  test("what is there, comes, changes, no longer is selected, and goes", async () => {
    const { cluster, told } = await following();
    put(cluster, "a", { on: "1" });
    await last(told, "a");
    put(cluster, "b", { on: "1" });
    await last(told, "a b");
    put(cluster, "other", {});
    put(cluster, "a", { on: "" });
    put(cluster, "a", {});
    await last(told, "b");
    cluster.store.remove("deployments", "b");
    await last(told, "");
    expect([asked(cluster, "list"), asked(cluster, "watch")]).toEqual([1, 1]);
  });

  test("a watch the server ends is begun anew where it was, by the last bookmark, without a list", async () => {
    const { cluster, told } = await following();
    put(cluster, "a", { on: "1" });
    await last(told, "a");
    put(cluster, "of no interest", {});
    cluster.server.watches.bookmark();
    put(cluster, "b", { on: "1" });
    await last(told, "a b");
    cluster.server.watches.end();
    put(cluster, "c", { on: "1" });
    await last(told, "a b c");
    expect([asked(cluster, "list"), asked(cluster, "watch"), told.filter((each) => each.startsWith("troubled"))]).toEqual([1, 2, []]);
  });

  test("a bookmark spares the list, when all that was seen before it is forgotten", async () => {
    const { cluster, told } = await following();
    put(cluster, "a", { on: "1" });
    put(cluster, "of no interest", {});
    await last(told, "a");
    cluster.store.compact();
    cluster.server.watches.bookmark();
    put(cluster, "b", { on: "1" });
    await last(told, "a b");
    cluster.server.watches.end();
    await until("another watch", () => cluster.server.watches.open === 1);
    expect(asked(cluster, "list")).toBe(1);
  });

  test("a version that is too old: all is listed again, and what went meanwhile is gone", async () => {
    const { cluster, told } = await following();
    put(cluster, "a", { on: "1" });
    put(cluster, "b", { on: "1" });
    await last(told, "a b");
    cluster.server.watches.end();
    cluster.store.remove("deployments", "a");
    put(cluster, "c", { on: "1" });
    cluster.store.compact();
    await last(told, "b c");
    await until("another watch", () => cluster.server.watches.open === 1);
    expect([asked(cluster, "list"), told.filter((each) => each.startsWith("troubled"))]).toEqual([2, []]);
  });

  test("a connection that breaks is no trouble, a server that stays away is, and nothing is missed", async () => {
    const { cluster, told } = await following();
    put(cluster, "a", { on: "1" });
    await last(told, "a");
    cluster.server.watches.cut();
    await until("another watch", () => cluster.server.watches.open === 1);
    expect(told.filter((each) => each.startsWith("troubled"))).toEqual([]);
    cluster.server.shut();
    await last(told, "troubled: driver-gone");
    put(cluster, "b", { on: "1" });
    cluster.server.open();
    await last(told, "a b");
    await until("it to be well", () => told.at(-1) === "well");
  });

  test("ends when it is told to, in the middle of a watch and of a pause", async () => {
    const { cluster, ended, done } = await following();
    ended.abort();
    await done;
    await until("the watch to be closed", () => cluster.server.watches.open === 0);
    const other = await following();
    other.cluster.server.shut();
    await last(other.told, "troubled: driver-gone");
    other.ended.abort();
    await other.done;
    expect(other.told.at(-1)).toBe("troubled: driver-gone");
  });
});

describe("whatever happens to objects, watches and the server's memory", () => {
  const happening = fc.oneof(
    fc.record({ what: fc.constantFrom("put" as const, "unlabel" as const, "remove" as const), name: fc.constantFrom("a", "b", "c") }),
    fc.record({ what: fc.constantFrom("bookmark" as const, "end" as const, "cut" as const, "forget" as const, "wait" as const), name: fc.constant("") }),
  );
  let count = 0;
  async function happen(cluster: FakeCluster, { what, name }: { readonly what: string; readonly name: string }): Promise<void> {
    const { store, server } = cluster;
    if (what === "put") put(cluster, name, { on: String(++count) });
    if (what === "unlabel") put(cluster, name, {});
    if (what === "remove") store.remove("deployments", name);
    if (what === "bookmark") server.watches.bookmark();
    if (what === "end") server.watches.end();
    if (what === "cut") server.watches.cut();
    if (what === "forget") store.compact();
    if (what === "wait") await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test("what is told at last is what is there", async () => {
    const { cluster, told } = await following();
    const there = () =>
      cluster.store
        .list("deployments")
        .map((each) => objectOf(each["metadata"]))
        .filter(({ labels }) => objectOf(labels)["on"] !== undefined)
        .map(({ name }) => String(name))
        .sort()
        .join(" ");
    const toldLast = () =>
      told
        .findLast((each) => each !== "well" && !each.startsWith("troubled"))
        ?.split(" ")
        .sort()
        .join(" ");
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (happenings) => {
        for (const each of happenings) await happen(cluster, each);
        await until(`"${there()}" to be told`, () => toldLast() === there() && cluster.server.watches.open === 1);
      }),
      { numRuns: 40 },
    );
  });
});

describe("after failures in a row", () => {
  test.each([
    [1, 0, 0],
    [2, 125, 250],
    [3, 250, 500],
    [5, 1000, 2000],
    [30, 15_000, 30_000],
  ])("%i: from %i to %i ms", (failures, least, most) => {
    expect([pauseAfter(failures, 0), pauseAfter(failures, 1)]).toEqual([least, most]);
  });
});
