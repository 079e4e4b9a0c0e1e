import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { LAUNCHER } from "../harness/launcher.ts";
import { until } from "../harness/until.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** What there is to be asked for, as clients and operators see it. */
let fake: FakeUpstream;
let gateway: GatewayProcess;
const FEW = "sb-catalog-few-0123456789";

beforeAll(async () => {
  fake = await startFakeUpstream();
  gateway = await startGateway({
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
      models: {
        "up/*": { deployments: [{ provider: "up", model: "*" }], price: { input: 1 } },
        day: { aliases: ["sun"], deployments: [{ provider: "up", model: "m", hours: { from: "00:00", to: "00:01", days: [] } }] },
        mine: { aliases: ["my-own"], deployments: [{ provider: "up", model: "m", max_concurrent: 7 }] },
      },
      keys: [{ name: "few", key: FEW, models: ["up/*"] }],
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await fake.stop();
});

const get = async (path: string, key = gateway.key) => {
  const answer = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: objectOf(await answer.json()) };
};
const ask = (model: string, key = gateway.key) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
const idsOf = (body: JsonObject) => listOf(body["data"]).map((row) => objectOf(row)["id"]);

test("the list has names, aliases and what the wildcard's provider lists; never a *, and never what is closed", async () => {
  const { body } = await get("/v1/models");
  const ids = idsOf(body);
  expect(ids.filter((id) => !String(id).startsWith("up/"))).toEqual(["mine", "my-own"]);
  expect(ids.filter((id) => String(id).startsWith("up/")).length).toBeGreaterThan(0);
  expect(ids.filter((id) => String(id).includes("*"))).toEqual([]);
  expect(body["first_id"]).toBe("mine");
});

test("the start report says which names are models", async () => {
  await until("the report's end", () => gateway.output().includes("Any name that fits one of these is a model: up/*."));
  expect(gateway.output()).toContain("Models: day, mine, up/fake-model.");
});

test("?all=1 lists what is closed too, with the time from which it can be called", async () => {
  const { body } = await get("/v1/models?all=1");
  const row = (id: string) => objectOf(listOf(body["data"]).find((each) => objectOf(each)["id"] === id));
  expect(row("day")).toMatchObject({ object: "model", available_from: "9999-12-31T23:59:59Z" });
  expect(row("sun")).toMatchObject({ root: "day", parent: "day" });
  expect(row("mine")).not.toHaveProperty("available_from");
  expect((await get("/v1/models/day")).body).toMatchObject({ id: "day", available_from: "9999-12-31T23:59:59Z" });
});

test("a name that only the wildcard knows can be asked for, is described, and is no label of a metric", async () => {
  const answer = await ask("up/made-up-by-a-stranger");
  expect([answer.status, answer.headers.get("x-signalbox-deployment")]).toEqual([200, "up/made-up-by-a-stranger"]);
  expect((await get("/v1/models/up/made-up-by-a-stranger")).body).toMatchObject({ id: "up/made-up-by-a-stranger", owned_by: "up" });
  const metrics = await fetch(`${gateway.url}/metrics`).then((page) => page.text());
  expect(metrics).not.toContain("stranger");
  expect(metrics).toMatch(/llm_requests_total\{model="other",dialect="[^"]+",outcome="ok",deployment="other"\}/);
  expect((await ask(`up/${"x".repeat(300)}`)).status).toBe(404);
});

test("a key for a pattern may use what fits it, and is told of nothing else", async () => {
  expect((await ask("up/anything", FEW)).status).toBe(200);
  const refused = await ask("mine", FEW);
  expect([refused.status, objectOf(objectOf(await refused.json())["error"])["code"]]).toEqual([404, "model_not_found"]);
  expect(idsOf((await get("/v1/models", FEW)).body).every((id) => String(id).startsWith("up/"))).toBe(true);
});

test("management shows models and deployments whole", async () => {
  const models = listOf((await get("/admin/models")).body["data"]).map(objectOf);
  expect(models.find(({ name }) => name === "up/*")).toMatchObject({ wildcard: true, price: { input: 1 } });
  const rows = listOf((await get("/admin/deployments?model=my-own")).body["data"]);
  expect(rows).toMatchObject([{ model: "mine", id: "up/m", upstream_model: "m", limits: { max_concurrent: 7 } }]);
});

test("a LiteLLM config starts a gateway as it is, and is written as ours by a command", async () => {
  const theirs = {
    model_list: [{ model_name: "chat", litellm_params: { model: "openai/gpt-4o", api_base: `${fake.url}/v1`, api_key: "os.environ/UP_KEY", rpm: 100 } }],
    litellm_settings: { callbacks: ["prometheus"] },
  };
  const lite = await startGateway({ config: theirs, environment: { UP_KEY: "none" } });
  try {
    const answer = await fetch(`${lite.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${lite.key}` },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }] }),
    });
    expect([answer.status, answer.headers.get("x-signalbox-deployment")]).toEqual([200, "openai-compatible/gpt-4o"]);
    expect(lite.output()).toContain("litellm_settings.callbacks: is not carried over.");
    const file = join(lite.folder, "litellm.yaml");
    copyFileSync(join(lite.folder, "signalbox.yaml"), file);
    const out = join(lite.folder, "ours.yaml");
    const run = (...words: string[]) => spawnSync(LAUNCHER, words, { encoding: "utf8", env: { ...process.env, UP_KEY: "none" } });
    const printed = run("import", "litellm", file);
    expect([printed.status, printed.stderr]).toEqual([0, expect.stringContaining("litellm_settings.callbacks: is not carried over.")]);
    const written = run("import", "litellm", file, "--out", out);
    expect([written.status, written.stdout]).toEqual([0, ""]);
    expect(readFileSync(out, "utf8")).toBe(printed.stdout);
    expect(run("config", "check", out).stdout.trim()).toBe(`${out} is valid.`);
    expect(run("import", "litellm", file, "--out", out)).toMatchObject({ status: 1, stderr: expect.stringContaining("EEXIST") });
    writeFileSync(file, "server: {}\n");
    expect(run("import", "litellm", file)).toMatchObject({ status: 1, stderr: expect.stringContaining("it has no model_list") });
    expect(run("import", "litellm", join(lite.folder, "nowhere.yaml")).stderr).toContain("cannot be read");
  } finally {
    await lite.stop();
  }
});
