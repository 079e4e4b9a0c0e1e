import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { argon2 } from "../../../src/store/argon2.ts";
import { browser, settingsOf, startHouse } from "./house.ts";

const SECRET = "5f0c9a1be6f24c7d8d3e1a09b7c6f5e4";
const PASSWORD = "correct horse battery";
const WITH_SECRET = { auth: { jwt: { secret: SECRET, expire_minutes: 5 } } };

let house: ReturnType<typeof startHouse>;
beforeAll(async () => {
  house = startHouse(WITH_SECRET, { id: "ann", email: "ann@example.com", name: "Ann", role: "operator", passwordHash: await argon2.hash(PASSWORD) });
});
afterAll(() => house.stop());

const ask = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => fetch(house.url + path, { redirect: "manual", ...init, headers });
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const JSON_TYPE = { "content-type": "application/json" };
const logIn = (body: string, headers: Record<string, string> = JSON_TYPE) => ask("/auth/token", headers, { method: "POST", body });
const good = JSON.stringify({ email: "ann@example.com", password: PASSWORD });

describe("POST /auth/token", () => {
  test.each([
    ["JSON", good, JSON_TYPE],
    ["JSON with username", JSON.stringify({ username: "ANN@example.com", password: PASSWORD }), JSON_TYPE],
    ["FastAPI's form", `grant_type=password&username=ann%40example.com&password=${encodeURIComponent(PASSWORD)}&scope=`, FORM],
    [
      "a form of no grant",
      `username=ann%40example.com&password=${encodeURIComponent(PASSWORD)}`,
      { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    ],
  ])("takes %s, and its token works where keys do", async (_what, body, headers) => {
    const reply = await logIn(body, headers);
    const token = (await reply.json()) as Record<string, unknown>;
    expect([reply.status, reply.headers.get("cache-control"), token]).toEqual([
      200,
      "no-store",
      { access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/), token_type: "bearer", expires_in: 300 },
    ]);
    for (const header of [["authorization", `Bearer ${token["access_token"]}`] as const, ["x-api-key", String(token["access_token"])] as const])
      expect(await (await ask("/v1/me", Object.fromEntries([header]))).json()).toMatchObject({ user: "ann" });
    expect(await (await ask("/auth/me", { authorization: `Bearer ${token["access_token"]}` })).json()).toEqual({
      user: "ann",
      role: "operator",
      key: "jwt:ann",
    });
  });

  const refused: readonly [what: string, body: string, headers: Record<string, string>, status: number, param: string | null][] = [
    ["no JSON", "{", JSON_TYPE, 400, null],
    ["a list", "[]", JSON_TYPE, 400, null],
    ["no password", '{"email":"ann@example.com"}', JSON_TYPE, 400, "password"],
    ["a password that is a number", '{"email":"ann@example.com","password":1}', JSON_TYPE, 400, "password"],
    ["no address", `{"password":"${PASSWORD}"}`, JSON_TYPE, 400, "email"],
    ["another grant", "grant_type=client_credentials", FORM, 400, "grant_type"],
    ["a wrong password", '{"email":"ann@example.com","password":"a wrong password"}', JSON_TYPE, 401, null],
    ["nobody", `{"email":"nobody@example.com","password":"${PASSWORD}"}`, JSON_TYPE, 401, null],
  ];
  test.each(refused)("refuses %s, and never repeats a password", async (_what, body, headers, status, param) => {
    const reply = await logIn(body, headers);
    const text = await reply.text();
    const { error } = JSON.parse(text) as { error: { param: string | null } };
    expect([reply.status, error.param || null, reply.headers.get("x-should-retry")]).toEqual([status, param, "false"]);
    expect(text).not.toContain(PASSWORD);
  });

  test("too many tries are told how long to wait, and a proxy's word is taken for whose they are", async () => {
    house.config.settings = settingsOf({ ...WITH_SECRET, server: { trusted_proxies: ["loopback"] } });
    const wrong = JSON.stringify({ email: "victim@example.com", password: "a wrong password" });
    const from = (address: string) => logIn(wrong, { ...JSON_TYPE, "x-forwarded-for": address });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) statuses.push((await from("203.0.113.7")).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const reply = await from("203.0.113.7");
    expect([Number(reply.headers.get("retry-after")) > 50, await reply.text()]).toEqual([true, expect.stringContaining("Too many logins")]);
    expect((await from("203.0.113.8")).status).toBe(401);
    house.config.settings = settingsOf(WITH_SECRET);
  });

  test("a token is exchanged for another, without the password", async () => {
    const { access_token } = (await (await logIn(good)).json()) as { access_token: string };
    const renew = (headers: Record<string, string>) => ask("/auth/token/renew", headers, { method: "POST" });
    const reply = await renew({ authorization: `Bearer ${access_token}` });
    const { access_token: next, ...facts } = (await reply.json()) as { access_token: string };
    expect([reply.status, reply.headers.get("cache-control"), facts]).toEqual([200, "no-store", { token_type: "bearer", expires_in: 300 }]);
    expect(await (await ask("/v1/me", { authorization: `Bearer ${next}` })).json()).toMatchObject({ user: "ann", role: "operator" });
    const cookie = (await house.logins.sessions.begin({ userId: "ann" })).split(";")[0] ?? "";
    const statuses = [await renew({}), await renew({ authorization: "Bearer sb-nobody" }), await renew({ cookie })].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401]);
  });

  test("records say nothing of a login but that it was", () => {
    const text = JSON.stringify(house.records);
    expect(house.records.length).toBeGreaterThan(10);
    for (const secret of [PASSWORD, "ann@example.com", "a wrong password"]) expect(text).not.toContain(secret);
  });
});

describe("a login of a browser", () => {
  const cookieOf = async () => (await house.logins.sessions.begin({ userId: "ann" })).split(";")[0] ?? "";
  const me = async (headers: Record<string, string>) => (await ask("/auth/me", { cookie: await cookieOf(), ...headers })).status;
  const host = () => new URL(house.url).host;

  test.each([
    ["a page of ours", () => ({ "sec-fetch-site": "same-origin", origin: house.url }), 200],
    ["somebody who types the address", () => ({ "sec-fetch-site": "none" }), 200],
    ["a browser that says nothing", () => ({}), 200],
    ["a page of ours, over plain HTTP", () => ({ origin: house.url }), 200],
    ["a page of another site", () => ({ "sec-fetch-site": "cross-site", origin: "https://evil.example.com" }), 403],
    ["a link on another site", () => ({ "sec-fetch-site": "cross-site" }), 403],
    ["a page of a neighbour", () => ({ "sec-fetch-site": "same-site", origin: "https://other.example.com" }), 403],
    ["another page, over plain HTTP", () => ({ origin: "http://evil.example.com" }), 403],
    ["another port of this host", () => ({ origin: "http://127.0.0.1:1" }), 403],
    ["a page of nobody", () => ({ origin: "null" }), 403],
    ["another host that a proxy names", () => ({ origin: "https://llm.example.com", host: host() }), 403],
  ])("counts, or not, for %s", async (_what, headers, status) => {
    expect(await me(headers())).toBe(status);
  });

  test("counts where browsers are, and nowhere else", async () => {
    const reply = await ask("/v1/me", { cookie: await cookieOf() });
    expect([reply.status, await reply.text()]).toEqual([401, expect.stringContaining("No API key was given")]);
  });

  test("is no token, and no token is a login", async () => {
    const cookie = await cookieOf();
    const { access_token } = (await (await logIn(good)).json()) as { access_token: string };
    expect((await ask("/v1/me", { authorization: `Bearer ${cookie.split("=")[1]}` })).status).toBe(401);
    expect((await ask("/auth/me", { cookie: `signalbox_session=${access_token}` })).status).toBe(401);
  });

  test("ends with POST /auth/logout, which no other site can ask for", async () => {
    const person = browser();
    person.jar.set("signalbox_session", (await cookieOf()).split("=")[1] ?? "");
    expect((await person.open(`${house.url}/auth/logout`, { method: "POST", headers: { origin: "https://evil.example.com" } })).status).toBe(403);
    expect(person.jar.size).toBe(1);
    expect((await person.open(`${house.url}/auth/logout`, { method: "POST", headers: { origin: house.url } })).status).toBe(204);
    expect(person.jar.size).toBe(0);
    expect((await person.open(`${house.url}/auth/me`)).status).toBe(401);
  });

  test("without a secret in the config is signed with one of the data folder, which only its owner can read", async () => {
    house.config.settings = settingsOf({});
    const cookie = await cookieOf();
    expect((await ask("/auth/me", { cookie })).status).toBe(200);
    const file = join(house.dataDir, "session.key");
    expect([statSync(file).mode & 0o777, readFileSync(file, "utf8")]).toEqual([0o600, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    house.config.settings = settingsOf(WITH_SECRET);
    expect((await ask("/auth/me", { cookie })).status).toBe(401);
  });
});

test("GET /auth/me is for those who show something", async () => {
  expect((await ask("/auth/me")).status).toBe(401);
});
