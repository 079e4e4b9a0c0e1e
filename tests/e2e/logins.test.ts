import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { type JsonObject, objectOf } from "../../src/vocabulary/json.ts";
import { browser } from "../conformance/logins/house.ts";
import { type FakeProvider, startProvider } from "../fakes/identity/provider.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

setDefaultTimeout(60_000);

/** Tokens and logins in a gateway as it is started, with its own users. */
const SECRET = "5f0c9a1be6f24c7d8d3e1a09b7c6f5e4";
const PASSWORD = "correct horse battery";
const UPSTREAM_KEY = "upstream-key-0123456789";

let gateway: GatewayProcess;
let provider: FakeProvider;
let upstream: FakeUpstream;
beforeAll(async () => {
  [provider, upstream] = await Promise.all([startProvider(), startFakeUpstream()]);
  gateway = await startGateway({
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: UPSTREAM_KEY } },
      models: { m: { deployments: [{ provider: "up", model: "m" }] }, other: { deployments: [{ provider: "up", model: "m" }] } },
      auth: {
        jwt: { claims: { team: "team" } },
        oidc: {
          issuer: provider.issuer,
          client_id: provider.clientId,
          client_secret: provider.clientSecret,
          create_users: true,
          roles: { claim: "groups", map: { ops: "operator" } },
        },
      },
    },
    environment: { JWT_SECRET_KEY: SECRET, JWT_ACCESS_TOKEN_EXPIRE_MINUTES: "60" },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([provider.stop(), upstream.stop()]);
});

const manage = async (method: string, path: string, body?: unknown): Promise<JsonObject> => {
  const answer = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${gateway.key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return objectOf(await answer.json());
};
const signed = (claims: JsonObject) => new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime("10m").sign(new TextEncoder().encode(SECRET));
const logIn = (email: string, password = PASSWORD) =>
  fetch(`${gateway.url}/auth/token`, { method: "POST", body: new URLSearchParams({ username: email, password }) });
const ask = async (credential: string, model = "m") => {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${credential}` }, body });
  return [answer.status, objectOf(objectOf(await answer.json())["error"])["message"]] as const;
};
const person = async (claims: JsonObject) => {
  Object.assign(provider.hands, { claims });
  const one = browser();
  const there = (await one.open(`${gateway.url}/auth/oidc/login?return_to=/console/`)).headers.get("location") ?? "";
  const back = (await fetch(there, { redirect: "manual" })).headers.get("location") ?? "";
  return { one, arrived: await one.open(back) };
};

describe("a password", () => {
  test("that an operator gave is good for a token, the token for a model, and a block ends both", async () => {
    const { id } = await manage("POST", "/admin/users", { email: "Ann@example.com", password: PASSWORD });
    const answer = await logIn("ann@example.com");
    const { access_token: token, expires_in } = (await answer.json()) as { access_token: string; expires_in: number };
    expect([answer.status, expires_in, await ask(token)]).toEqual([200, 3600, [200, undefined]]);
    expect(await manage("GET", `/admin/requests?limit=1`)).toMatchObject({ data: [{ user_id: id }] });
    await manage("PATCH", `/admin/users/${id}`, { blocked: true });
    expect(await ask(token)).toEqual([401, expect.stringContaining("was blocked on")]);
    expect((await logIn("ann@example.com")).status).toBe(401);
    await manage("PATCH", `/admin/users/${id}`, { blocked: false });
    expect(await ask(token)).toEqual([200, undefined]);
  });

  test("can be changed, and must be a good one", async () => {
    const { id } = await manage("POST", "/admin/users", { email: "eve@example.com", password: PASSWORD });
    await manage("PATCH", `/admin/users/${id}`, { password: "another fine sentence" });
    expect([(await logIn("eve@example.com")).status, (await logIn("eve@example.com", "another fine sentence")).status]).toEqual([401, 200]);
    expect(await manage("POST", "/admin/users", { email: "x@example.com", password: "short" })).toMatchObject({ error: { param: "password" } });
  });
});

describe("a token of our secret", () => {
  test("is for the user its sub names, and what binds their team", async () => {
    const { id } = await manage("POST", "/admin/users", { id: "carl" });
    const { id: team } = await manage("POST", "/admin/teams", { name: "red", models: ["m"] });
    await manage("PUT", `/admin/teams/${team}/members/${id}`);
    expect(await ask(await signed({ sub: "carl" }), "m")).toEqual([200, undefined]);
    expect((await ask(await signed({ sub: "carl" }), "other"))[0]).toBe(404);
    expect(await ask(await signed({ sub: "carl", team: "red" }))).toEqual([200, undefined]);
    expect(await ask(await signed({ sub: "carl", team: "blue" }))).toEqual([401, expect.stringContaining("is not in")]);
    expect(await ask(await signed({ sub: "nobody" }))).toEqual([401, expect.stringContaining("no account here")]);
  });

  test("that an operator made a key of is that key, whatever it says", async () => {
    const key = await new SignJWT({ role: "anon" }).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode("somebody else's secret, of 32 bytes"));
    expect((await ask(key))[1]).toContain("signature of this token");
    await manage("POST", "/admin/keys", { name: "odd", key });
    expect(await ask(key)).toEqual([200, undefined]);
  });
});

describe("a login with an identity provider", () => {
  test("opens management to operators, for pages of ours alone, and no model", async () => {
    const { one, arrived } = await person({ sub: "o-1", email: "o@example.com", email_verified: true, groups: ["ops"] });
    expect([arrived.status, arrived.headers.get("location")]).toEqual([303, "/console/"]);
    expect((await one.open(`${gateway.url}/admin/users`)).status).toBe(200);
    expect(await (await one.open(`${gateway.url}/auth/me`)).json()).toMatchObject({ user: { email: "o@example.com" }, role: "operator" });
    const elsewhere = { headers: { "sec-fetch-site": "cross-site" } };
    expect((await one.open(`${gateway.url}/admin/users`, elsewhere)).status).toBe(403);
    expect((await one.open(`${gateway.url}/admin/keys`, { method: "POST" })).status).toBe(403);
    expect((await one.open(`${gateway.url}/v1/models`)).status).toBe(401);
    await one.open(`${gateway.url}/auth/logout`, { method: "POST" });
    expect((await one.open(`${gateway.url}/admin/users`)).status).toBe(401);
  });

  test("is no way into management for anybody else", async () => {
    const { one } = await person({ sub: "m-1" });
    expect([(await one.open(`${gateway.url}/auth/me`)).status, (await one.open(`${gateway.url}/admin/users`)).status]).toEqual([200, 403]);
  });
});

test("nothing secret is written down", async () => {
  expect(await gateway.end()).toBe(0);
  const folder = join(gateway.folder, "data");
  const files = (readdirSync(folder, { recursive: true, withFileTypes: true }) as { isFile(): boolean; parentPath: string; name: string }[])
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
  expect(files.some((text) => text.includes("$argon2id$v=19$"))).toBe(true);
  const written = [gateway.output(), ...files].join("\n");
  for (const secret of [PASSWORD, "another fine sentence", SECRET, provider.clientSecret, "signalbox_session="]) expect(written).not.toContain(secret);
});
