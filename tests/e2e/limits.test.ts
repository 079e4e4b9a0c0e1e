import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { withRedisServer } from "../../src/store/redis/redis-server.fixture.ts";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterAll(() => fake.stop());

const MINE = "sb-limits-mine-0123456789";
const config = (limits: object, more: object = {}) => ({
  providers: { fake: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
  models: { m: { deployments: [{ provider: "fake", model: "m" }] } },
  keys: [{ name: "mine", key: MINE }],
  limits,
  ...more,
});
const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
const call = (
  gateway: GatewayProcess,
  method: string,
  path: string,
  { key = MINE, body, forwarded }: { key?: string; body?: string; forwarded?: string } = {},
) =>
  fetch(gateway.url + path, {
    method,
    body,
    headers: { authorization: `Bearer ${key}`, ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }) },
  });
const ask = async (gateway: GatewayProcess, forwarded?: string): Promise<number> => {
  const response = await call(gateway, "POST", "/v1/chat/completions", { body: CHAT, forwarded });
  await response.text();
  return response.status;
};
const asked = async (gateway: GatewayProcess, times: number): Promise<number[]> => {
  const statuses: number[] = [];
  for (let time = 0; time < times; time++) statuses.push(await ask(gateway));
  return statuses;
};
const admitted = async (gateway: GatewayProcess, times: number) => (await asked(gateway, times)).filter((status) => status === 200).length;

describe("a gateway", () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({
      config: config({ per_ip: { requests_per_minute: 2 }, settings: { requests_per_minute: 2 } }, { server: { trusted_proxies: ["loopback"] } }),
      environment: { RATE_LIMIT_REQUESTS_PER_HOUR: "4" },
    });
  });
  afterAll(() => gateway.stop());

  test("that only changes settings limits whoever tries to, not who reads them, nor who may, nor the command line", async () => {
    const tries: number[] = [];
    for (let time = 0; time < 3; time++) tries.push((await call(gateway, "POST", "/admin/reload")).status);
    expect(tries).toEqual([403, 403, 429]);
    const strangers: number[] = [];
    for (let time = 0; time < 3; time++) strangers.push((await call(gateway, "DELETE", "/admin/keys/key_none", { key: "sb-none" })).status);
    expect(strangers).toEqual([401, 401, 429]);
    for (let time = 0; time < 4; time++) {
      expect((await call(gateway, "GET", "/admin/keys")).status).toBe(403);
      expect((await call(gateway, "POST", "/admin/reload", { key: gateway.key })).status).toBe(200);
    }
    for (let time = 0; time < 3; time++) expect(runCommand(gateway, ["keys", "revoke", "key_none"]).stderr).toContain("There is no key key_none.");
  });

  test("knows clients behind its proxies by their own addresses, explains with nothing taken, and counts what became of all", async () => {
    expect([await ask(gateway, "1.1.1.1"), await ask(gateway, "2.2.2.2"), await ask(gateway, "2.2.2.2, 1.1.1.1"), await ask(gateway, "1.1.1.1")]).toEqual([
      200, 200, 200, 429,
    ]);
    const keys = listOf(objectOf(await (await call(gateway, "GET", "/admin/keys", { key: gateway.key })).json())["data"]).map(objectOf);
    const id = String(keys.find(({ name }) => name === "mine")?.["id"]);
    for (let time = 0; time < 3; time++) {
      const explained = objectOf(await (await call(gateway, "POST", `/admin/explain?key_id=${id}`, { key: gateway.key, body: CHAT })).json());
      expect(listOf(explained["limits"]).map((row) => [objectOf(row)["scope"], objectOf(row)["limit"], objectOf(row)["used"]])).toEqual([["user", 4, 3]]);
    }
    expect([await ask(gateway, "3.3.3.3"), await ask(gateway, "3.3.3.3")]).toEqual([200, 429]);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    // Two of those at the addresses were strangers, above.
    expect(metrics.split("\n").filter((line) => line.startsWith("rate_limit_requests_total"))).toEqual(
      expect.arrayContaining([
        'rate_limit_requests_total{scope="ip",outcome="admitted"} 6',
        'rate_limit_requests_total{scope="ip",outcome="rejected"} 1',
        'rate_limit_requests_total{scope="user",outcome="rejected"} 1',
        'rate_limit_requests_total{scope="settings",outcome="rejected"} 2',
      ]),
    );
  });
});

describe("two gateways over one Redis", () => {
  const health = async ({ url }: GatewayProcess) => objectOf(await (await fetch(`${url}/health`)).json());
  const together = async (...gateways: GatewayProcess[]) => {
    for (const gateway of gateways) {
      let { status } = await health(gateway);
      await until("limits to be counted together", () => {
        void health(gateway).then((now) => {
          status = now["status"];
        });
        return status === "healthy";
      });
    }
  };

  test("admit together what one alone would, go on apart while it is away, and together when it is back", () =>
    withRedisServer(async (redis) => {
      const both = config({ global: { requests_per_hour: 12 }, replicas: 2, timeout: "1s" }, { redis: { url: redis.url, timeout: "2s" } });
      const [one, other] = await Promise.all([startGateway({ config: both }), startGateway({ config: both })]);
      try {
        await together(one, other);
        const shared = await Promise.all(Array.from({ length: 3 }, () => Promise.all([admitted(one, 1), admitted(other, 1)])));
        expect(shared.flat().reduce((sum, each) => sum + each, 0)).toBe(6);

        await redis.kill();
        // Each grants half of twelve, three of which it has granted before.
        expect([await admitted(one, 5), await admitted(other, 2)]).toEqual([3, 2]);
        const { status, trouble } = await health(one);
        expect([status, trouble]).toEqual(["degraded", expect.stringContaining("each gateway counts for itself, and grants 1/2 of every limit.")]);
        const metrics = await (await fetch(`${one.url}/metrics`)).text();
        expect(metrics).toContain('rate_limit_requests_total{scope="global",outcome="rejected_alone"} 2');

        // It comes back empty, and hears of the eleven that were admitted before and meanwhile.
        await redis.restart();
        await together(one, other);
        expect((await admitted(one, 5)) + (await admitted(other, 3))).toBe(1);
      } finally {
        await Promise.all([one.stop(), other.stop()]);
      }
    }));
});
