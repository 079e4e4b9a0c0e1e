import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { isObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

/** Keys as operators make and end them, by the command line and by HTTP. */
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ arguments: ["--demo"] });
});
afterAll(() => gateway.stop());

const LAUNCHER = join(import.meta.dir, "..", "..", "bin", "signalbox");
const command = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, [...words, "--data-dir", join(gateway.folder, "data")], {
    cwd: gateway.folder,
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
};
const made = (...words: string[]) => objectOf(parseJson(command("keys", "create", ...words, "--json").stdout));
const ask = (key: unknown, model = "demo-chat") =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
const manage = (method: string, path: string, body?: unknown, key = gateway.key) =>
  fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${key}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

describe("while a gateway runs", () => {
  test("a key works at once, and is refused at once when it is revoked", async () => {
    const key = made("--name", "laptop");
    expect((await ask(key["key"])).status).toBe(200);
    expect(command("keys", "revoke", String(key["id"])).status).toBe(0);
    expect((await ask(key["key"])).status).toBe(401);
    expect(command("keys", "revoke", String(key["id"]))).toMatchObject({ status: 1 });
    expect(command("keys", "list").stdout).toMatch(/laptop .*revoked/);
  });

  test("a key for one model sees and gets that one", async () => {
    const { key } = made("--name", "narrow", "--model", "demo-chat");
    expect([(await ask(key)).status, (await ask(key, "demo-slow")).status]).toEqual([200, 404]);
    const listed = objectOf(await (await fetch(`${gateway.url}/v1/models`, { headers: { "x-api-key": String(key) } })).json());
    expect(listOf(listed["data"]).map((row) => objectOf(row)["id"])).toEqual(["demo-chat"]);
  });

  test("an expired key is refused, and a key cannot be born expired", async () => {
    const soon = new Date(Date.now() + 2500).toISOString();
    const { key } = objectOf(await (await manage("POST", "/admin/keys", { name: "brief", expires_at: soon })).json());
    expect((await ask(key)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2600));
    expect((await ask(key)).status).toBe(401);
    expect(command("keys", "create", "--name", "old", "--expires", "2020-01-01").stderr).toContain("in the past");
  });

  test("an own key is taken, a published sample warns, a bad body is a clear 400", async () => {
    expect((await manage("POST", "/admin/keys", { name: "own", key: "my-very-own-key-for-tests" })).status).toBe(201);
    expect((await ask("my-very-own-key-for-tests")).status).toBe(200);
    const sample = objectOf(await (await manage("POST", "/admin/keys", { name: "sample", key: "sk-1234567890abcdef" })).json());
    expect(listOf(sample["warnings"]).length).toBe(1);
    const bad = await manage("POST", "/admin/keys", { nmae: "x" });
    expect([bad.status, JSON.stringify(await bad.json()).includes("name")]).toEqual([400, true]);
  });

  test("only an admin key manages", async () => {
    const { key } = made("--name", "plain");
    expect((await manage("GET", "/admin/keys", undefined, String(key))).status).toBe(403);
    expect((await manage("GET", "/admin/keys", undefined, "nobody")).status).toBe(401);
    const listed = await (await manage("GET", "/admin/keys")).text();
    expect(listed).not.toContain(String(key));
  });

  test("two different credentials in one request are refused", async () => {
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${gateway.key}`, "x-api-key": "another" } });
    expect(answer.status).toBe(401);
  });
});

describe("declared keys", () => {
  test("WEBUI_API_KEY exists from start on, with its source in the log; a changed value takes its place", async () => {
    const first = await startGateway({ arguments: ["--demo"], environment: { WEBUI_API_KEY: "webui-secret-one" } });
    // The demo keeps the neighbourhood out: only its own names of the environment count.
    expect((await fetch(`${first.url}/v1/models`, { headers: { authorization: "Bearer webui-secret-one" } })).status).toBe(401);
    await first.end();
    const start = (value: string) => startGateway({ folder: first.folder, environment: { WEBUI_API_KEY: value } });
    const status = async (running: GatewayProcess, key: string) =>
      (await fetch(`${running.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    const second = await start("webui-secret-one");
    expect(await status(second, "webui-secret-one")).toBe(200);
    await second.end();
    const line = second
      .output()
      .split("\n")
      .map(parseJson)
      .findLast((row) => isObject(row) && row["message"] === "request");
    expect(objectOf(line)["source"]).toBe("webui");
    const third = await start("webui-secret-two");
    expect([await status(third, "webui-secret-one"), await status(third, "webui-secret-two")]).toEqual([401, 200]);
    await third.stop();
  });
});

describe("while none runs", () => {
  test("the same commands work on the database itself", async () => {
    await gateway.end();
    const key = made("--name", "offline");
    expect(command("keys", "list").stdout).toContain("offline");
    gateway = await startGateway({ arguments: ["--demo"], folder: gateway.folder });
    expect((await ask(key["key"])).status).toBe(200);
    expect(command("models").stdout).toContain("demo-chat");
  });
});
