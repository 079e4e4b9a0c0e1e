import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type JsonObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

setDefaultTimeout(60_000);

/** Users, teams and their keys, as operators make and end them. */
let gateway: GatewayProcess;
let ours: FakeUpstream;
let cloud: FakeUpstream;
beforeAll(async () => {
  [ours, cloud] = [await startFakeUpstream(), await startFakeUpstream()];
  const to = (...providers: string[]) => ({ deployments: providers.map((provider) => ({ provider, model: "m" })) });
  gateway = await startGateway({
    config: {
      providers: {
        ours: { kind: "openai-compatible", base_url: `${ours.url}/v1`, api_key: "none" },
        cloud: { kind: "openai-compatible", base_url: `${cloud.url}/v1`, api_key: "none", local: false },
      },
      models: {
        both: to("cloud", "ours"),
        ours: to("ours"),
        cloud: to("cloud"),
        falling: { ...to("cloud"), fallbacks: ["ours"] },
        leaving: { ...to("ours"), fallbacks: ["cloud"] },
      },
      routing: { backoff_ms: [1, 5], breaker: { failures: 1000 } },
      auth: { create_vouched_users: true },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([ours.stop(), cloud.stop()]);
});

const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${gateway.key}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const manage = async (method: string, path: string, body?: unknown): Promise<JsonObject> => objectOf(await (await call(method, path, body)).json());
const bearer = (key: unknown) => ({ authorization: `Bearer ${key}` });
const ask = (key: unknown, model = "ours", headers: Record<string, string> = {}) =>
  call("POST", "/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] }, { ...bearer(key), ...headers });
/** The status, and what was wrong. */
const told = async (answer: Promise<Response>): Promise<[number, unknown]> => {
  const response = await answer;
  const error = objectOf(objectOf(await response.json())["error"]);
  return [response.status, error["message"]];
};
const me = async (key: unknown) => objectOf(await (await call("GET", "/auth/me", undefined, bearer(key))).json());
const audit = async (query = "") => listOf((await manage("GET", `/admin/audit?limit=1000${query}`))["data"]).map(objectOf);
const command = (...words: string[]) => runCommand(gateway, words);

describe("a user and their key", () => {
  test("a key may no more than its user; both are refused at once when blocked, and taken again", async () => {
    const ann = await manage("POST", "/admin/users", { email: "Ann@example.com", role: "operator", budgets: [{ amount: 0.3, window: "month" }] });
    expect(ann).toMatchObject({ email: "ann@example.com", issuer: "local", budgets: [{ amount: 0.3, amount_nano: "300000000", window: "month" }] });
    const { id, key } = await manage("POST", "/admin/keys", { name: "ann", user_id: ann["id"], role: "admin", limits: { max_parallel: 9 } });
    expect(await me(key)).toMatchObject({
      role: "operator",
      user: { id: ann["id"], email: "ann@example.com" },
      bounds: [
        { scope: "key", id, limits: { max_parallel: 9 }, budgets: null },
        { scope: "user", id: ann["id"], limits: null },
      ],
    });
    for (const [path, row, words] of [
      [`/admin/users/${ann["id"]}`, ann, "The user ann@example.com was blocked"],
      [`/admin/keys/${id}`, id, "This API key was blocked"],
    ] as const) {
      expect((await ask(key)).status).toBe(200);
      expect((await manage("PATCH", path, { blocked: true }))["blocked_at"]).toBeString();
      expect(await told(ask(key))).toEqual([401, expect.stringContaining(words)]);
      expect((await manage("PATCH", path, { blocked: false }))["blocked_at"]).toBeNull();
      expect([row !== undefined, (await ask(key)).status]).toEqual([true, 200]);
    }
  });

  test("a key sees its user's keys, or itself where it has none; never a value", async () => {
    const { id: user } = await manage("POST", "/admin/users", { id: "kim" });
    const one = await manage("POST", "/admin/keys", { name: "one", user_id: user, role: "read-only" });
    const two = await manage("POST", "/admin/keys", { name: "two", user_id: user });
    const alone = await manage("POST", "/admin/keys", { name: "alone" });
    const own = async (key: unknown) => {
      const text = await (await call("GET", "/api/me/keys", undefined, bearer(key))).text();
      expect([one, two, alone].some((made) => text.includes(String(made["key"])))).toBe(false);
      return listOf(objectOf(parseJson(text))["data"]).map((row) => objectOf(row)["name"]);
    };
    expect([(await own(one["key"])).toSorted(), await own(alone["key"])]).toEqual([["one", "two"], ["alone"]]);
  });

  const bad: readonly [name: string, path: string, body: object, says: string][] = [
    ["a user there is not", "/admin/keys", { name: "n", user_id: "nobody" }, "There is no user nobody."],
    ["a team there is not", "/admin/keys", { name: "n", team_id: "nothing" }, "There is no team nothing."],
    ["a route there is not", "/admin/keys", { name: "n", routes: ["chats"] }, "routes.0"],
    ["a role there is not", "/admin/users", { email: "r@example.com", role: "king" }, "role"],
    ["no address", "/admin/users", { email: "ann" }, "expected an e-mail address."],
    ["an address that is taken", "/admin/users", { email: "ann@EXAMPLE.com" }, "There is a user ann@example.com already."],
    ["a limit below nothing", "/admin/users", { limits: { max_parallel: -1 } }, "expected a whole number"],
    ["a budget without a span", "/admin/teams", { name: "t", budgets: [{ amount: 5 }] }, "budgets.0.window"],
    ["a budget below nothing", "/admin/teams", { name: "t", budgets: [{ amount: -5, window: "day" }] }, "budgets.0.amount"],
  ];
  for (const [name, path, body, says] of bad) {
    test(`${name} is a clear 400`, async () => {
      expect(await told(call("POST", path, body))).toEqual([400, expect.stringContaining(says)]);
    });
  }
});

describe("a team", () => {
  test("binds the keys of its members: what they may use, what they may spend, and whether they may at all", async () => {
    const team = await manage("POST", "/admin/teams", { name: "research", models: ["ours"], limits: { requests_per_minute: 1000 } });
    const { id: user } = await manage("POST", "/admin/users", { id: "bea" });
    const { key } = await manage("POST", "/admin/keys", { name: "bea", user_id: user, models: ["ours", "both"] });
    expect([(await ask(key)).status, (await ask(key, "both")).status]).toEqual([200, 200]);
    expect(await manage("PUT", `/admin/teams/${team["id"]}/members/${user}`)).toEqual({ id: team["id"], members: ["bea"] });
    expect([(await ask(key)).status, (await ask(key, "both")).status]).toEqual([200, 404]);
    expect(await me(key)).toMatchObject({
      team: { id: team["id"], name: "research" },
      models: ["ours"],
      bounds: [{ scope: "team", limits: { requests_per_minute: 1000 } }],
    });
    await manage("PATCH", `/admin/teams/${team["id"]}`, { blocked: true });
    expect(await told(ask(key))).toEqual([401, expect.stringContaining('The team "research" was blocked')]);
    await manage("PATCH", `/admin/teams/${team["id"]}`, { blocked: false, models: null });
    expect((await ask(key, "both")).status).toBe(200);
    const inTeam = await manage("POST", "/admin/keys", { name: "bea in research", user_id: user, team_id: team["id"] });
    expect((await ask(inTeam["key"])).status).toBe(200);
    expect((await manage("GET", `/admin/users/${user}`))["teams"]).toEqual([String(team["id"])]);
    expect(await manage("DELETE", `/admin/teams/${team["id"]}/members/${user}`)).toEqual({ id: team["id"], members: [] });
    expect(await told(ask(inTeam["key"]))).toEqual([401, expect.stringContaining("not in any more")]);
    expect((await ask(key)).status).toBe(200);
  });
});

describe("a key", () => {
  test("rotated with an overlap: both values are good until it is over; without one the old ends at once", async () => {
    const { id, key: first } = await manage("POST", "/admin/keys", { name: "turning" });
    expect((await ask(first)).status).toBe(200);
    const { key: second, former_until } = await manage("POST", `/admin/keys/${id}/rotate`, { overlap: "24h" });
    expect(Math.abs(Date.parse(String(former_until)) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    expect([(await ask(first)).status, (await ask(second)).status]).toEqual([200, 200]);
    const { key: third } = await manage("POST", `/admin/keys/${id}/rotate`);
    expect(await told(ask(second))).toEqual([401, expect.stringContaining("replaced by another")]);
    expect([(await ask(first)).status, (await ask(third)).status]).toEqual([401, 200]);
    expect((await me(third))["key"]).toMatchObject({ id, name: "turning" });
    expect(await told(call("POST", `/admin/keys/${id}/rotate`, { overlap: "a day" }))).toEqual([400, expect.stringContaining("24h")]);
  });

  test("for some operations is told that it is not for others, and may list models", async () => {
    const { key } = await manage("POST", "/admin/keys", { name: "embedder", routes: ["embeddings"] });
    expect(await told(ask(key))).toEqual([404, "This API key is not for chat, only for embeddings. Use another, or ask whoever runs this Signalbox."]);
    const embedded = await call("POST", "/v1/embeddings", { model: "ours", input: "hi" }, bearer(key));
    expect(embedded.status).toBe(200);
    expect((await call("GET", "/v1/models", undefined, bearer(key))).status).toBe(200);
    const { key: chats } = await manage("POST", "/admin/keys", { name: "chatter", routes: ["chat"] });
    const counted = await call("POST", "/v1/messages/count_tokens", { model: "ours", messages: [{ role: "user", content: "hi" }] }, bearer(chats));
    expect([(await ask(chats)).status, counted.status]).toEqual([200, 200]);
  });

  test("of the file is the file's: it cannot be changed, blocked or rotated here", async () => {
    const declared = await startGateway({ environment: { WEBUI_API_KEY: "webui-secret-of-some-length" } });
    const asAdmin = { authorization: `Bearer ${declared.key}` };
    const rows = listOf(objectOf(await (await fetch(`${declared.url}/admin/keys`, { headers: asAdmin })).json())["data"]).map(objectOf);
    const { id } = rows.find((row) => row["source"] === "webui") ?? {};
    for (const [method, path, body] of [
      ["PATCH", `/admin/keys/${id}`, { blocked: true }],
      ["POST", `/admin/keys/${id}/rotate`, {}],
      ["DELETE", `/admin/keys/${id}`, undefined],
    ] as const) {
      const answer = await fetch(declared.url + path, { method, headers: asAdmin, body: body && JSON.stringify(body) });
      expect([answer.status, (await answer.text()).includes("WEBUI_API_KEY")]).toEqual([400, true]);
    }
    await declared.stop();
  });
});

describe("a key that never uses a cloud service", () => {
  let key: unknown;
  beforeAll(async () => {
    key = (await manage("POST", "/admin/keys", { name: "private", local_only: true }))["key"];
  });
  const servedBy = async (model: string) => (await ask(key, model)).headers.get("x-signalbox-deployment");

  test("is served by our own deployments alone, and sees their models", async () => {
    cloud.forget();
    for (let time = 0; time < 4; time++) expect(await servedBy("both")).toBe("ours/m");
    expect([await servedBy("falling"), cloud.seen.length]).toEqual(["ours/m", 0]);
    const listed = objectOf(await (await call("GET", "/v1/models", undefined, bearer(key))).json());
    expect(listOf(listed["data"]).map((row) => objectOf(row)["id"])).toEqual(["both", "ours", "leaving"]);
  });

  test("is told so where there is none, and no fallback leaves the house", async () => {
    cloud.forget();
    expect(await told(ask(key, "cloud"))).toEqual([404, expect.stringContaining("cloud services only")]);
    ours.play(failing(500));
    expect((await ask(key, "leaving")).status).toBeGreaterThanOrEqual(500);
    ours.play({});
    expect(cloud.seen.length).toBe(0);
  });

  test("and the trace says why the others were left out", async () => {
    const id = (await ask(key, "both")).headers.get("x-request-id");
    const { candidates } = objectOf((await manage("GET", `/admin/requests/${id}`))["trace"]);
    expect(listOf(candidates)).toContainEqual({ deployment: "cloud/m", why: "it is a cloud service, and this key never uses one", out: true });
  });
});

describe("a key that vouches for others", () => {
  test("asks as users of ours: by their id, or as somebody who is made when first seen; blocking them blocks them alone", async () => {
    const { key } = await manage("POST", "/admin/keys", { name: "chat", source: "webui", vouches: true });
    await manage("POST", "/admin/users", { id: "known", issuer: "webui", subject: "u-known", limits: { max_parallel: 5 } });
    const as = (user: string) => ({ "x-openwebui-user-id": user, "x-openwebui-user-email": `${user}@example.com` });
    const row = async (user: string) => {
      const id = (await ask(key, "ours", as(user))).headers.get("x-request-id");
      return manage("GET", `/admin/requests/${id}`);
    };
    expect(await row("u-known")).toMatchObject({ user_id: "known", end_user: "u-known", source: "webui" });
    const { user_id: made } = await row("u-new");
    expect(await manage("GET", `/admin/users/${made}`)).toMatchObject({ issuer: "webui", subject: "u-new", email: "u-new@example.com", role: "member" });
    expect((await row("u-new"))["user_id"]).toBe(String(made));
    await manage("PATCH", `/admin/users/${made}`, { blocked: true });
    expect(await told(ask(key, "ours", as("u-new")))).toEqual([401, expect.stringContaining("The user u-new@example.com was blocked")]);
    expect((await ask(key, "ours", as("u-known"))).status).toBe(200);
  });
});

describe("the audit log", () => {
  test("says who did what to whom, what it was before and after, and never a secret", async () => {
    const made = await manage("POST", "/admin/keys", { name: "watched", models: ["ours"] });
    await manage("PATCH", `/admin/keys/${made["id"]}`, { models: null, role: "operator" });
    const rotated = await manage("POST", `/admin/keys/${made["id"]}/rotate`);
    await manage("DELETE", `/admin/keys/${made["id"]}`);
    const rows = (await audit(`&target=${made["id"]}`)).toReversed();
    expect(rows.map((row) => row["action"])).toEqual(["key.create", "key.change", "key.rotate", "key.revoke"]);
    expect(rows[0]).toMatchObject({ actor: { name: "admin", role: "admin" }, target: { kind: "key", id: made["id"] }, before: null, address: "127.0.0.1" });
    expect(rows[0]?.["after"]).toMatchObject({ name: "watched", models: ["ours"], role: "member" });
    expect([rows[1]?.["before"], rows[1]?.["after"]]).toEqual([
      { role: "member", models: ["ours"] },
      { role: "operator", models: null },
    ]);
    expect(rows.every((row) => /^req_/.test(String(row["request_id"])) && !Number.isNaN(Date.parse(String(row["at"]))))).toBe(true);
    const text = JSON.stringify(await audit());
    expect([made["key"], rotated["key"], gateway.key].filter((secret) => text.includes(String(secret)))).toEqual([]);
  });

  test("has reloads and resets too, and nothing of what was refused", async () => {
    const before = (await audit()).length;
    await manage("POST", "/admin/reload");
    await manage("POST", "/admin/deployments/ours/m/reset");
    await manage("DELETE", "/admin/cache?model=ours");
    expect((await call("POST", "/admin/users", { role: "king" })).status).toBe(400);
    expect((await call("DELETE", "/admin/keys/key_none")).status).toBe(404);
    const rows = (await audit()).slice(0, -before);
    expect(rows.map((row) => [row["action"], objectOf(row["target"])["id"]])).toEqual([
      ["cache.clear", "ours"],
      ["deployment.reset", "ours/m"],
      ["config.reload", undefined],
    ]);
  });

  test("is read page by page, by actor, action and time", async () => {
    const all = await audit();
    const paged: JsonObject[] = [];
    for (let cursor = ""; ; ) {
      const page = await manage("GET", `/admin/audit?limit=3${cursor}`);
      paged.push(...listOf(page["data"]).map(objectOf));
      if (page["next"] === null) break;
      cursor = `&cursor=${page["next"]}`;
    }
    expect(paged).toEqual(all);
    const actor = String(objectOf(all[0]?.["actor"])["key_id"]);
    expect((await audit(`&actor=${actor}`)).length).toBe(all.length);
    expect(await audit("&actor=nobody")).toEqual([]);
    expect((await audit("&action=key.rotate")).every((row) => row["action"] === "key.rotate")).toBe(true);
    expect(await audit(`&from=${new Date(Date.now() + 60_000).toISOString()}`)).toEqual([]);
    expect((await audit(`&to=${new Date(Date.now() + 60_000).toISOString()}`)).length).toBe(all.length);
    expect((await call("GET", "/admin/audit?cursor=x")).status).toBe(400);
  });
});

describe("the command line", () => {
  test("does the same, over the socket, and is named in the audit log", async () => {
    const user = command("users", "create", "--email", "cli@example.com", "--budget", "5/day", "100/month").stdout;
    const team = command("teams", "create", "--name", "cli", "--per-minute", "60").stdout;
    expect(command("teams", "add", team, user)).toMatchObject({ status: 0, stderr: `Team ${team} has 1 member.` });
    const { key, id } = objectOf(
      parseJson(command("keys", "create", "--name", "cli", "--user", user, "--role", "operator", "--route", "chat", "--json").stdout),
    );
    expect(await me(key)).toMatchObject({ user: { id: user }, team: { id: team }, role: "member", routes: ["chat"] });
    for (const [group, target] of [
      ["keys", id],
      ["users", user],
      ["teams", team],
    ] as const) {
      expect(command(group, "block", String(target)).status).toBe(0);
      expect((await ask(key)).status).toBe(401);
      expect(command(group, "unblock", String(target)).status).toBe(0);
      expect((await ask(key)).status).toBe(200);
    }
    const rotated = command("keys", "rotate", String(id), "--overlap", "1h").stdout;
    expect([(await ask(key)).status, (await ask(rotated)).status]).toEqual([200, 200]);
    expect(command("users", "role", user, "operator").status).toBe(0);
    expect((await me(key))["role"]).toBe("operator");
    expect(command("users", "list").stdout).toMatch(/cli@example\.com .*operator .*5\/day, 100\/month/);
    expect(command("teams", "list").stdout).toContain("cli");
    expect(command("keys", "list").stdout).toContain("operator");
    expect((await audit(`&actor=command-line&target=${id}`)).map((row) => [row["action"], row["address"]])).toEqual([
      ["key.rotate", null],
      ["key.change", null],
      ["key.change", null],
      ["key.create", null],
    ]);
  });

  test("says what is wrong and ends with 1", () => {
    expect(command("users", "create", "--email", "cli@example.com")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "There is a user cli@example.com already.",
    });
    expect(command("users", "block", "nobody")).toMatchObject({ status: 1, stderr: "There is no user nobody." });
    expect(command("teams", "create", "--name", "x", "--budget", "much")).toMatchObject({ status: 1, stdout: "" });
  });
});
