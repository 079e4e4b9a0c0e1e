import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

// Programs are started by the dozen here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** Keys as operators make and end them, by the command line and by HTTP. */
let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ arguments: ["--demo"] });
});
afterAll(() => gateway.stop());

const command = (...words: string[]) => runCommand(gateway, words);
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

  test("a key works until it expires and not after, and cannot be born expired", async () => {
    const ends = Date.now() + 6000;
    const { key } = objectOf(await (await manage("POST", "/admin/keys", { name: "brief", expires_at: new Date(ends).toISOString() })).json());
    expect((await ask(key)).status).toBe(200);
    let answer = await ask(key);
    while (answer.status === 200 && Date.now() < ends + 30_000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await ask(key);
    }
    expect(answer.status).toBe(401);
    expect(Date.now()).toBeGreaterThanOrEqual(ends);
    expect(objectOf(objectOf(await answer.json())["error"])["message"]).toContain("expired");
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

  test("the list of keys has no key in it", async () => {
    const plain = String(made("--name", "plain")["key"]);
    const text = await (await manage("GET", "/admin/keys?limit=1000")).text();
    expect([text.includes('"plain"'), text.includes(plain), text.includes(gateway.key)]).toEqual([true, false, false]);
  });

  test("two different credentials in one request are refused", async () => {
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${gateway.key}`, "x-api-key": "another" } });
    expect(answer.status).toBe(401);
  });
});

describe("declared keys", () => {
  const SOURCES = { WEBUI_API_KEY: "webui", N8N_API_KEY: "n8n" };
  const status = async (running: GatewayProcess, key: string) =>
    (await fetch(`${running.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
  /** The rows of this source: what they are called, and whether they live. */
  const rowsOf = async (running: GatewayProcess, source: string) => {
    const answer = await fetch(`${running.url}/admin/keys`, { headers: { authorization: `Bearer ${running.key}` } });
    const rows = listOf(objectOf(await answer.json())["data"]).map(objectOf);
    return rows.filter((row) => row["source"] === source).map((row) => ({ id: row["id"], name: row["name"], lives: row["revoked_at"] === null }));
  };

  test("the demo keeps the neighbourhood out: only its own names of the environment count", async () => {
    const demo = await startGateway({ arguments: ["--demo"], environment: { WEBUI_API_KEY: "webui-secret-one", N8N_API_KEY: "n8n-secret-one" } });
    expect([await status(demo, "webui-secret-one"), await status(demo, "n8n-secret-one")]).toEqual([401, 401]);
    await demo.stop();
  });

  for (const [variable, source] of Object.entries(SOURCES)) {
    test(`${variable} exists from start on, with its source in the log; a changed value takes its place, none ends it`, async () => {
      const [one, two] = [`${source}-secret-one-of-some-length`, `${source}-secret-two-of-some-length`];
      const start = (environment: Readonly<Record<string, string>>, folder?: string) => startGateway({ folder, environment });

      const first = await start({ [variable]: one });
      expect(await status(first, one)).toBe(200);
      const [row] = await rowsOf(first, source);
      expect(row).toMatchObject({ name: source, lives: true });
      const revoked = await fetch(`${first.url}/admin/keys/${row?.id}`, { method: "DELETE", headers: { authorization: `Bearer ${first.key}` } });
      expect([revoked.status, (await revoked.text()).includes(variable)]).toEqual([400, true]);
      await first.end();
      const line = first
        .output()
        .split("\n")
        .map(parseJson)
        .find((each) => isObject(each) && each["message"] === "request");
      expect(objectOf(line)["source"]).toBe(source);

      const same = await start({ [variable]: one }, first.folder);
      expect(await rowsOf(same, source)).toEqual([{ id: row?.id, name: source, lives: true }]);
      await same.end();

      const changed = await start({ [variable]: two }, first.folder);
      expect([await status(changed, one), await status(changed, two)]).toEqual([401, 200]);
      expect((await rowsOf(changed, source)).map((each) => each.lives).toSorted()).toEqual([false, true]);
      await changed.end();

      const without = await start({}, first.folder);
      expect([await status(without, one), await status(without, two)]).toEqual([401, 401]);
      await without.stop();
    });
  }
});

describe("while none runs", () => {
  test("the same commands work on the database itself", async () => {
    const [kept, ended] = [made("--name", "kept"), made("--name", "ended-offline")];
    expect((await ask(ended["key"])).status).toBe(200);
    await gateway.end();
    const key = made("--name", "offline");
    expect(command("keys", "list").stdout).toContain("offline");
    expect(command("keys", "revoke", String(ended["id"]))).toEqual({ status: 0, stdout: "", stderr: `Key ${ended["id"]} is revoked.` });
    expect(command("keys", "revoke", String(ended["id"]))).toMatchObject({ status: 1, stdout: "" });
    expect(command("keys", "list").stdout).toMatch(/ended-offline .*revoked/);
    gateway = await startGateway({ arguments: ["--demo"], folder: gateway.folder });
    expect([(await ask(key["key"])).status, (await ask(kept["key"])).status, (await ask(ended["key"])).status]).toEqual([200, 200, 401]);
    expect(command("models").stdout).toContain("demo-chat");
  });
});
