import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

setDefaultTimeout(60_000);

/** What members see of their own, and no more of it. */
let upstream: FakeUpstream;
let gateway: GatewayProcess;
/** Ann's, her second, Bob's, and one of nobody's. */
const keys = new Map<string, string>();
const ids = new Map<string, string>();

const call = (path: string, key = gateway.key, body?: unknown) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` }, ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }) });
const json = async (path: string, key?: string, body?: unknown) => objectOf(await (await call(path, key, body)).json());
const rowsAt = async (path: string, key?: string) => listOf((await json(path, key))["data"]).map(objectOf);
const idsAt = async (path: string, name: string) => (await rowsAt(path, keys.get(name))).map(({ id }) => String(id));

/** Asks a model, and remembers the request's id under this name. */
async function ask(name: string, request: string, model: string): Promise<void> {
  const answer = await call("/v1/chat/completions", keys.get(name), { model, max_tokens: 100, messages: [{ role: "user", content: "hi" }] });
  await answer.text();
  ids.set(request, answer.headers.get("x-request-id") ?? "");
}

beforeAll(async () => {
  upstream = await startFakeUpstream();
  const deployment = { provider: "fake", model: "dear", price: { input: 1, output: 2 } };
  gateway = await startGateway({
    config: {
      billing: { enabled: true },
      providers: {
        fake: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "fake" },
        nowhere: { kind: "openai-compatible", base_url: "http://127.0.0.1:9/v1", api_key: "fake" },
      },
      models: {
        dear: { deployments: [deployment], price: { input: 1000, output: 2000 } },
        shaky: {
          deployments: [
            { provider: "nowhere", model: "gone", priority: 1 },
            { ...deployment, priority: 2 },
          ],
        },
        gone: { deployments: [{ provider: "nowhere", model: "gone" }] },
      },
    },
  });
  const { id: team } = await json("/admin/teams", gateway.key, { name: "research", budgets: [{ amount: 100, window: "total" }] });
  ids.set("team", String(team));
  for (const user of ["ann", "bob"]) await json("/admin/users", gateway.key, { id: user, balance: 5, budgets: [{ amount: 3, window: "month" }] });
  await fetch(`${gateway.url}/admin/teams/${team}/members/ann`, { method: "PUT", headers: { authorization: `Bearer ${gateway.key}` } });
  for (const [name, facts] of [
    ["ann", { user_id: "ann", team_id: team, budgets: [{ amount: 2, window: "day" }] }],
    ["ann's second", { user_id: "ann" }],
    ["bob", { user_id: "bob" }],
    ["nobody", {}],
  ] as const) {
    const made = await json("/admin/keys", gateway.key, { name, ...facts });
    keys.set(name, String(made["key"]));
    ids.set(`key of ${name}`, String(made["id"]));
  }
  await ask("ann", "one", "dear");
  await ask("ann's second", "two", "shaky");
  await ask("ann", "three", "gone");
  await ask("bob", "bob's", "dear");
  await ask("nobody", "nobody's", "dear");
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const of = (...requests: string[]) => requests.map((request) => ids.get(request) ?? "");

test("lists are of one's user, or of one's key where it has none, filtered and paged like management's", async () => {
  expect(await idsAt("/api/me/requests", "ann")).toEqual(of("three", "two", "one"));
  expect(await idsAt("/api/me/requests", "bob")).toEqual(of("bob's"));
  expect(await idsAt("/api/me/requests", "nobody")).toEqual(of("nobody's"));
  expect(await idsAt("/api/me/requests?user_id=bob&outcome=ok", "ann")).toEqual(of("two", "one"));
  expect(await idsAt(`/api/me/requests?key_id=${ids.get("key of bob")}`, "ann")).toEqual([]);
  expect(await idsAt(`/api/me/requests?key_id=${ids.get("key of bob")}`, "nobody")).toEqual(of("nobody's"));
  const { data, next } = await json("/api/me/requests?limit=2", keys.get("ann"));
  expect([listOf(data).length, await idsAt(`/api/me/requests?limit=2&cursor=${next}`, "ann")]).toEqual([2, of("one")]);
  expect((await call("/api/me/requests?outcome=good", keys.get("ann"))).status).toBe(400);
});

test("by team they are those that were asked for it then, for operators and for oneself", async () => {
  const rows = (await rowsAt(`/admin/requests?team_id=${ids.get("team")}`)).filter(({ operation }) => operation === "chat");
  // The second key names no team, and research is the only one that Ann is in.
  expect(rows.map(({ id }) => id)).toEqual(of("three", "two", "one"));
  expect(await idsAt(`/api/me/requests?team_id=${ids.get("team")}`, "bob")).toEqual([]);
});

test("somebody else's request is not there, in the words of one that never was", async () => {
  const told = async (name: string, id: string) => {
    const answer = await call(`/api/me/requests/${id}`, keys.get(name));
    const { error } = (await answer.json()) as { error: JsonObject };
    return [answer.status, { ...error, message: String(error["message"]).replace(id, "ID") }];
  };
  const never = await told("ann", "req_none");
  expect(never[0]).toBe(404);
  for (const [name, request] of [
    ["ann", "bob's"],
    ["bob", "one"],
    ["nobody", "one"],
    ["ann", "nobody's"],
  ] as const)
    expect(await told(name, ids.get(request) ?? "")).toEqual(never);
});

test("a trace tells what became of each attempt, and nothing of the house", async () => {
  const [id] = of("two");
  const mine = await json(`/api/me/requests/${id}`, keys.get("ann"));
  const theirs = await json(`/admin/requests/${id}`);
  const { trace, ...row } = mine;
  const { trace: whole, cost, cost_nano, accounts, ...shown } = theirs;
  expect([row, "cost" in mine, listOf(accounts)[0]]).toEqual([shown, false, "user:ann"]);
  expect([String(cost_nano).length > 0, objectOf(whole)["candidates"]]).toEqual([true, expect.any(Array)]);
  expect(objectOf(trace)).toEqual({
    warnings: [],
    attempts: [
      expect.objectContaining({ deployment: null, failure: "upstream-unreachable", decision: "next" }),
      expect.objectContaining({ deployment: "fake/dear", failure: null, decision: "answered" }),
    ],
  });
  expect(JSON.stringify(mine)).not.toMatch(/nowhere|127\.0\.0\.1/);
  const failed = await json(`/api/me/requests/${of("three")[0]}`, keys.get("ann"));
  // What its client was told: which deployment it was, and not where.
  const message = "The connection to nowhere/gone failed: ECONNREFUSED.";
  expect(failed).toMatchObject({ failure: "upstream-unreachable", message, deployment: null, charge: null });
  expect(JSON.stringify(failed)).not.toContain("127.0.0.1");
});

test("a balance, and every budget that binds: what is left of it, and which will be the first to end", async () => {
  const own = await json("/api/me/balance", keys.get("ann"));
  const { budgets, ...balance } = own;
  expect(balance).toEqual(await json("/billing/balance", keys.get("ann")));
  const charged = async (search: string) => (await rowsAt(`/admin/requests?${search}`)).reduce((sum, row) => sum + BigInt(String(row["charge_nano"] ?? 0)), 0n);
  const [day, all] = [await charged(`key_id=${ids.get("key of ann")}`), await charged("user_id=ann")];
  expect(day > 0n && all > day).toBe(true);
  const expected = [
    { scope: "key", id: ids.get("key of ann"), amount: 2, window: "day", used: day, binds_first: true },
    { scope: "user", id: "ann", amount: 3, window: "month", used: all, binds_first: false },
    { scope: "team", id: ids.get("team"), amount: 100, window: "total", used: all, binds_first: false },
  ].map(({ used, ...facts }) => {
    const left = BigInt(facts.amount) * 1_000_000_000n - used;
    return expect.objectContaining({
      ...facts,
      amount_nano: `${facts.amount}000000000`,
      used_nano: String(used),
      held_nano: "0",
      remaining_nano: String(left),
    });
  });
  expect(budgets).toEqual(expected);
  const [daily, , whole] = listOf(budgets).map(objectOf);
  expect(Date.parse(String(daily?.["resets_at"])) % 86_400_000).toBe(0);
  expect(String(daily?.["text"])).toMatch(/^The daily budget of 2 USD of key key_\w+ has 1\.\d+ USD left\. It begins anew at /);
  expect([whole?.["resets_at"], String(whole?.["text"])]).toEqual([null, expect.stringMatching(/ USD left\.$/)]);
});

test("a caller without a user has the house's money, and no budgets where none are set", async () => {
  expect(await json("/api/me/balance", keys.get("nobody"))).toEqual({ user_id: "house", balance: null, unlimited: true, budgets: [] });
});

test("users and keys say when they last asked; who never did has not been seen", async () => {
  await json("/admin/users", gateway.key, { id: "quiet" });
  const seen = async () => new Map((await rowsAt("/admin/users")).map(({ id, last_seen_at }) => [id, last_seen_at]));
  await until("Ann to be seen", async () => (await seen()).get("ann") !== null);
  const [users, [row]] = [await seen(), (await rowsAt("/admin/keys")).filter(({ name }) => name === "ann")];
  const age = Date.now() - Date.parse(String(users.get("ann")));
  expect([age >= 0 && age < 60_000, users.get("quiet"), row?.["last_used_at"]]).toEqual([true, null, expect.stringMatching(/^20/)]);
  const list = (what: string) =>
    runCommand(gateway, [what, "list"])
      .stdout.split("\n")
      .filter((line) => /^(ID|ann|quiet) /.test(line));
  expect(list("users").map((line) => line.trimEnd().split(/ {2,}/).at(-1))).toEqual(["LAST SEEN", "never", expect.stringMatching(/^20\S+Z$/)]);
  expect(list("keys")[0]?.trimEnd()).toEndWith("LAST USED");
});
