import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withRedisServer } from "../../src/store/redis/redis-server.fixture.ts";
import { isObject, type JsonObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** The cache as operators see it. */
const configOf = (fake: FakeUpstream, cache: JsonObject, more: JsonObject = {}) => ({
  providers: { up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "canary-provider-secret" } },
  models: {
    m: { deployments: [{ provider: "up", model: "m" }], aliases: ["also-m"] },
    n: { deployments: [{ provider: "up", model: "n" }] },
    fresh: { deployments: [{ provider: "up", model: "fresh" }], cache: false },
  },
  cache,
  ...more,
});

async function withGateway(cache: JsonObject, more: JsonObject, work: (gateway: GatewayProcess, fake: FakeUpstream) => Promise<void>): Promise<void> {
  const fake = await startFakeUpstream();
  const gateway = await startGateway({ config: configOf(fake, cache, more) });
  try {
    await work(gateway, fake);
  } finally {
    await gateway.stop();
    await fake.stop();
  }
}

const call = (gateway: GatewayProcess, method: string, path: string, body?: JsonObject) =>
  fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${gateway.key}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const json = async (gateway: GatewayProcess, method: string, path: string) => objectOf(await (await call(gateway, method, path)).json());
async function ask(gateway: GatewayProcess, model: string, content = "hi") {
  const response = await call(gateway, "POST", "/v1/chat/completions", { model, messages: [{ role: "user", content }] });
  await response.text();
  return response.headers.get("x-signalbox-cache");
}
/** Keeping is over a moment after the answer. */
const asked = async (gateway: GatewayProcess, model: string, cache: string) => {
  for (let tries = 0; tries < 200; tries++) {
    if ((await ask(gateway, model)) === cache) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${model} was never a ${cache}`);
};
const command = (gateway: GatewayProcess, ...words: string[]) => runCommand(gateway, words);

test("hits are in the row, the log line, the metrics and /admin/cache, and go when they are removed", () =>
  withGateway({ enabled: true }, {}, async (gateway) => {
    expect([await ask(gateway, "m"), await ask(gateway, "n"), await ask(gateway, "fresh")]).toEqual(["miss", "miss", null]);
    await asked(gateway, "m", "hit");
    await asked(gateway, "n", "hit");
    const { data } = await json(gateway, "GET", "/admin/requests?cache=hit&model=m");
    const row = objectOf(listOf(data)[0]);
    expect(row).toMatchObject({ cache: "hit", deployment: null, outcome: "ok" });
    expect((await call(gateway, "GET", "/admin/requests?cache=maybe")).status).toBe(400);
    const line = () =>
      gateway
        .output()
        .split("\n")
        .map(parseJson)
        .find((each) => isObject(each) && each["request_id"] === row["id"]);
    await until("the log line", () => line() !== undefined);
    expect(objectOf(line())["cache"]).toBe("hit");
    const metrics = await (await call(gateway, "GET", "/metrics")).text();
    expect(metrics).toMatch(/cache_requests_total\{outcome="hit"\} [1-9]/);
    expect(metrics).toContain('cache_semantic_shadow_total{outcome="true"} 0');
    expect(await json(gateway, "GET", "/admin/cache")).toMatchObject({ entries: 2, troubles: 0 });

    expect(command(gateway, "cache", "clear", "--model", "also-m")).toMatchObject({ status: 0, stdout: "Removed 1 answer." });
    expect([await ask(gateway, "m"), await ask(gateway, "n")]).toEqual(["miss", "hit"]);
    await asked(gateway, "m", "hit");
    expect(command(gateway, "cache", "clear")).toMatchObject({ status: 0, stdout: "Removed 2 answers." });
    expect(await json(gateway, "DELETE", "/admin/cache?model=m")).toEqual({ removed: 0 });
    expect((await fetch(`${gateway.url}/admin/cache`, { method: "DELETE" })).status).toBe(401);
  }));

test("a reload turns it on and off", () =>
  withGateway({ enabled: false }, {}, async (gateway, fake) => {
    expect([await ask(gateway, "m"), await ask(gateway, "m")]).toEqual([null, null]);
    const reload = async (cache: JsonObject) => {
      writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(configOf(fake, cache)));
      return json(gateway, "POST", "/admin/reload");
    };
    await reload({ enabled: true });
    expect(await ask(gateway, "m")).toBe("miss");
    await asked(gateway, "m", "hit");
    expect((await reload({ enabled: false, max_mb: 1 }))["restart"]).toEqual(["cache.max_mb"]);
    expect(await ask(gateway, "m")).toBeNull();
  }));

test("in Redis answers outlive the gateway that kept them; without Redis it goes on", () =>
  withRedisServer(async (server) => {
    const redis = { redis: { url: server.url, timeout: "5s" } };
    await withGateway({ enabled: true, store: "redis" }, redis, async (gateway) => {
      expect(await ask(gateway, "m")).toBe("miss");
      await asked(gateway, "m", "hit");
      expect(await json(gateway, "GET", "/admin/cache")).toMatchObject({ entries: null, bytes: null });
    });
    await withGateway({ enabled: true, store: "redis" }, redis, async (gateway) => {
      // Its connection is made in the background.
      let removed = await call(gateway, "DELETE", "/admin/cache?model=m");
      while (removed.status === 503) removed = await call(gateway, "DELETE", "/admin/cache?model=m");
      expect(await removed.json()).toEqual({ removed: 1 });
      await server.kill();
      expect(await ask(gateway, "m")).toBe("miss");
      expect((await call(gateway, "DELETE", "/admin/cache")).status).toBe(503);
    });
  }));
