import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { AdminParts } from "../../src/admin/routes.ts";
import { allRoutes } from "../../src/assembly/all-routes.ts";
import type { Signalbox } from "../../src/gateway/signalbox.ts";
import type { Route } from "../../src/gateway/visit/exchange.ts";
import type { AuthDesk } from "../../src/http/auth/routes.ts";
import type { OpenHandlers } from "../../src/http/routes.ts";
import { ROLES, type Role } from "../../src/vocabulary/caller.ts";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

setDefaultTimeout(60_000);

/** Every route there is, asked by everybody there may be: whom it lets in is what it says. */
const { programs, people } = allRoutes({
  box: {} as Signalbox,
  health: {} as OpenHandlers,
  desk: {} as AdminParts,
  doors: {} as AuthDesk,
  options: { ollama: true },
  stays: undefined,
});
const ROUTES = [...programs, ...people];

let gateway: GatewayProcess;
/** A key of each role, and keys that are none. */
const keys = new Map<Role | "expired" | "blocked" | "revoked", string>();

const call = (method: string, path: string, key: string | undefined, body?: unknown) =>
  fetch(gateway.url + path, {
    method,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const manage = async (method: string, path: string, body?: unknown) => objectOf(await (await call(method, path, gateway.key, body)).json());
const audited = async () => listOf((await manage("GET", "/admin/audit?limit=1000"))["data"]).map(objectOf);

beforeAll(async () => {
  gateway = await startGateway({ arguments: ["--demo"], config: { server: { trusted_networks: [] } } });
  for (const role of ROLES) keys.set(role, String((await manage("POST", "/admin/keys", { name: role, role }))["key"]));
  for (const [state, edit] of [
    ["expired", { expires_at: "2020-01-01T00:00:00Z" }],
    ["blocked", { blocked: true }],
  ] as const) {
    const { id, key } = await manage("POST", "/admin/keys", { name: state, role: "admin" });
    expect((await call("GET", "/auth/me", String(key))).status).toBe(200);
    await manage("PATCH", `/admin/keys/${id}`, edit);
    keys.set(state, String(key));
  }
  const { id, key } = await manage("POST", "/admin/keys", { name: "revoked", role: "admin" });
  await manage("DELETE", `/admin/keys/${id}`);
  keys.set("revoked", String(key));
});
afterAll(() => gateway.stop());

/** What a call meets at the entrance. */
async function meets({ method, path }: Route, key: string | undefined): Promise<"in" | "401" | "403" | "404"> {
  const answer = await call(method, path.replace("/*", "/nothing"), key, method === "GET" || method === "HEAD" ? undefined : {});
  const goesOn = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const text = goesOn ? "" : await answer.text();
  if (goesOn) await answer.body?.cancel();
  if (answer.status === 401) return "401";
  const refused = text.includes("needs the role");
  if (refused && answer.status === 403) return "403";
  return refused && answer.status === 404 ? "404" : "in";
}

test("all routes are asked, and each says whom it admits", () => {
  expect(ROUTES.length).toBeGreaterThan(90);
  const words: readonly string[] = ["anyone", "trusted", ...ROLES];
  expect(ROUTES.filter(({ admits }) => !words.includes(admits))).toEqual([]);
});

test("what is open to anyone says nothing of anybody", () => {
  const open = ROUTES.filter(({ admits }) => admits === "anyone").map(({ method, path }) => `${method} ${path}`);
  expect(open.toSorted()).toEqual(
    [
      ...["GET /v1/responses", "GET /responses"], // no WebSockets
      ...["DELETE", "GET", "PATCH", "POST"].map((method) => `${method} /v1beta/*`), // nothing there
      ...["GET /", "GET /api/version", "HEAD /api/hello", "GET /health", "GET /live", "GET /ready"],
      ...["POST /auth/token", "GET /auth/oidc/login", "GET /auth/oidc/callback", "POST /auth/logout"], // the doors themselves
    ].toSorted(),
  );
});

test("everything that manages and changes something is written down by a name of its own", () => {
  const writes = ROUTES.filter(({ method, path }) => path.startsWith("/admin/") && method !== "GET");
  expect(writes.filter(({ action }) => action === undefined).map(({ path }) => path)).toEqual(["/admin/explain"]);
  const names = writes.flatMap(({ action }) => action ?? []);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", (_name, route) => {
  test(`admits ${route.admits}`, async () => {
    const before = (await audited()).length;
    const strangers = [undefined, "sb-nobody", keys.get("expired"), keys.get("blocked"), keys.get("revoked")];
    const least = route.admits === "trusted" ? "operator" : route.admits;
    const met = await Promise.all(strangers.map((key) => meets(route, key)));
    expect(met).toEqual(strangers.map(() => (route.admits === "anyone" ? "in" : "401")));
    const low = least === "anyone" ? [] : ROLES.slice(0, ROLES.indexOf(least));
    for (const role of low) expect([role, await meets(route, keys.get(role))]).toEqual([role, least === "member" ? "404" : "403"]);
    expect((await audited()).length).toBe(before);
    const high = least === "anyone" ? ROLES : ROLES.slice(ROLES.indexOf(least));
    for (const role of high) expect([role, await meets(route, keys.get(role))]).toEqual([role, "in"]);
  });
});

test("a trusted network needs no key for what operators look at, and for nothing else", async () => {
  const trusting = await startGateway({ arguments: ["--demo"] });
  const statusOf = async (path: string) => (await fetch(trusting.url + path)).status;
  expect([await statusOf("/metrics"), await statusOf("/health/circuit-breakers"), await statusOf("/admin/keys"), await statusOf("/auth/me")]).toEqual([
    200, 200, 401, 401,
  ]);
  await trusting.stop();
});
