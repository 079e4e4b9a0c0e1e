import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withRedisServer } from "../../src/store/redis/redis-server.fixture.ts";
import { objectOf } from "../../src/vocabulary/json.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** How a gateway says it is, once that is no more what it was. */
async function statusAfter({ url }: GatewayProcess, before: string): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const { status } = objectOf(await (await fetch(`${url}/health`)).json());
    if (status !== before || tries > 200) return status;
    await Bun.sleep(50);
  }
}

/** Two gateways beside each other, of one mind by way of Redis. */
interface Two {
  readonly one: GatewayProcess;
  readonly other: GatewayProcess;
  readonly bad: FakeUpstream;
  readonly good: FakeUpstream;
  /** The first gives up on a deployment at once and tries it again soon; the other would not give up for long. */
  readonly config: (failures: number, ...models: string[]) => object;
}

async function withTwo(redis: string, work: (two: Two) => Promise<void>): Promise<void> {
  const [bad, good] = [await startFakeUpstream(), await startFakeUpstream()];
  const provider = (fake: FakeUpstream) => ({ kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" });
  const config = (failures: number, ...models: string[]) => ({
    redis: { url: redis },
    providers: { bad: provider(bad), good: provider(good) },
    models: Object.fromEntries(models.map((model) => [model, { deployments: ["bad", "good"].map((name) => ({ provider: name, model })) }])),
    routing: { breaker: { failures, open: "1s" }, health_check: { mode: "off" }, backoff_ms: [1, 5] },
  });
  const [one, other] = await Promise.all([startGateway({ config: config(1, "m") }), startGateway({ config: config(1000, "m") })]);
  try {
    await work({ one, other, bad, good, config });
  } finally {
    await Promise.all([one.stop(), other.stop(), bad.stop(), good.stop()]);
  }
}

const ask = async ({ url, key }: GatewayProcess, model = "m"): Promise<number> => {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
  await response.text();
  return response.status;
};
const askOften = async (gateway: GatewayProcess, times: number) => {
  for (let time = 0; time < times; time++) expect(await ask(gateway)).toBe(200);
};

test("what one finds broken the other leaves alone, what one reloads the other does too, and without Redis both go on", () =>
  withRedisServer((redis) =>
    withTwo(redis.url, async ({ one, other, bad, config }) => {
      await askOften(other, 2); // it knows both deployments
      bad.play(failing(500));
      // Until Redis is reached nothing is told: it fails anew every second, until the other has heard of it.
      let spared = false;
      for (let tries = 0; !spared && tries < 100; tries++) {
        await askOften(one, 2);
        bad.forget();
        await askOften(other, 2);
        spared = bad.seen.length === 0;
        await Bun.sleep(50);
      }
      expect(spared).toBe(true);

      for (const gateway of [one, other]) writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(config(1, "m", "new")));
      expect(await ask(other, "new")).toBe(404);
      const reloaded = await fetch(`${one.url}/admin/reload`, { method: "POST", headers: { authorization: `Bearer ${one.key}` } });
      expect(reloaded.status).toBe(200);
      await until("the other to have reloaded", () => other.output().includes("config reloaded"));
      expect(await ask(other, "new")).toBe(200);

      await redis.kill();
      expect(await statusAfter(one, "healthy")).toBe("degraded");
      await askOften(one, 3);
      await askOften(other, 3);
    }),
  ));

/** Where nobody needs to listen. */
const MODEL = {
  providers: { none: { kind: "openai-compatible", base_url: "http://127.0.0.1:9/v1", api_key: "none" } },
  models: { m: { deployments: [{ provider: "none", model: "m" }] } },
};

test("five wrong passwords are free at both together, not at each", () =>
  withRedisServer(async (redis) => {
    const start = () =>
      startGateway({ config: { ...MODEL, redis: { url: redis.url, timeout: "5s" }, auth: { jwt: { secret: "5f0c9a1be6f24c7d8d3e1a09b7c6f5e4" } } } });
    const both = await Promise.all([start(), start()]);
    const logIn = async ({ url }: GatewayProcess) => {
      const answer = await fetch(`${url}/auth/token`, {
        method: "POST",
        body: new URLSearchParams({ username: "ann@example.com", password: "a wrong password" }),
      });
      await answer.text();
      return answer.status;
    };
    try {
      for (const { url } of both) await until("Redis to be reached", async () => objectOf(await (await fetch(`${url}/ready`)).json())["status"] === "ready");
      const statuses: number[] = [];
      for (let time = 0; time < 4; time++) for (const gateway of both) statuses.push(await logIn(gateway));
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    } finally {
      await Promise.all(both.map((gateway) => gateway.stop()));
    }
  }));
