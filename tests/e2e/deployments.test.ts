import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { startHeldUpstream } from "./held-upstream.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** How deployments are, on every page that tells it, when one is left alone, one has a bad key and one is well. */
let fake: FakeUpstream;
let gateway: GatewayProcess;
const KEYS = ["canary-key-one-0123456789", "canary-key-two-0123456789"];
const BREAKER = { breaker: { failures: 2, open: "1h" }, health_check: { mode: "off" }, backoff_ms: [1, 5] };

beforeAll(async () => {
  // The model "ill" fails; the first key is refused with itself in the words.
  fake = await startFakeUpstream(({ model, headers }) => {
    if (model === "ill") return failing(500);
    if (headers["authorization"] !== `Bearer ${KEYS[0]}`) return {};
    return { reply: { status: 401, body: { error: { message: `${KEYS[0]} is no key` } } } };
  });
  const provider = { kind: "openai-compatible", base_url: `${fake.url}/v1` };
  gateway = await startGateway({
    config: {
      providers: { one: { ...provider, api_key: "none" }, two: { ...provider, api_keys: KEYS } },
      models: {
        sick: { deployments: [{ provider: "one", model: "ill" }] },
        half: {
          deployments: [
            { provider: "one", model: "ill" },
            { provider: "one", model: "fine", priority: 1 },
          ],
        },
        keyed: { deployments: [{ provider: "two", model: "fine" }] },
      },
      routing: BREAKER,
    },
  });
  for (const model of ["sick", "sick", "keyed", "keyed"]) await ask(gateway, model);
});
afterAll(async () => {
  await gateway.stop();
  await fake.stop();
});

const admin = ({ key }: GatewayProcess) => ({ authorization: `Bearer ${key}` });
const ask = async (at: GatewayProcess, model: string) => {
  const answer = await fetch(`${at.url}/v1/chat/completions`, {
    method: "POST",
    headers: admin(at),
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
  await answer.text();
  return answer;
};
const json = async (path: string, init: RequestInit = {}, at = gateway) => objectOf(await (await fetch(at.url + path, { headers: admin(at), ...init })).json());
const rowOf = async (id: string): Promise<JsonObject> => {
  const { data } = await json("/admin/deployments");
  return objectOf(listOf(data).find((row) => objectOf(row)["id"] === id));
};
const ISO = expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
const OPEN = {
  state: "open",
  failures: 2,
  until: ISO,
  resting: "left alone after 2 failures, the last upstream-error",
  last_failure: { kind: "upstream-error", message: expect.any(String), status: 500, at: ISO },
};

test("rows tell of each how it is, its keys by their places and never by their text", async () => {
  expect(await rowOf("one/ill")).toMatchObject({ ...OPEN, in_flight: 0, queued: 0, keys: [{ name: null, state: "closed" }] });
  expect(await rowOf("one/fine")).toMatchObject({ state: "closed", failures: 0, until: null, resting: null, answers: 0, last_failure: null });
  const keyed = await rowOf("two/fine");
  expect(keyed).toMatchObject({
    state: "closed",
    resting: null,
    answers: 2,
    first_token_ms: expect.any(Number),
    keys: [
      { name: "key 1", state: "open", failures: 1, until: ISO, resting: "refused by its provider" },
      { name: "key 2", state: "closed", resting: null },
    ],
    last_failure: { kind: "upstream-credentials", status: 401 },
  });
  const text = JSON.stringify([await json("/admin/deployments"), await json("/health/circuit-breakers"), await json("/admin/models")]);
  expect(KEYS.filter((key) => text.includes(key))).toEqual([]);
});

test("an explanation tells who is left out for it, and who would be asked all the same", async () => {
  const explained = async (model: string) =>
    json("/admin/explain", { method: "POST", body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }) });
  expect(await explained("half")).toMatchObject({
    targets: [{ deployment: "one/fine" }],
    left_out: [{ deployment: "one/ill", why: OPEN.resting }],
    last_resort: [{ deployment: "one/ill" }],
  });
  expect(await explained("sick")).toMatchObject({ targets: [{ deployment: "one/ill", why: expect.stringContaining(OPEN.resting) }], left_out: [] });
});

test("the trace of a request tells which key an attempt used", async () => {
  const id = (await ask(gateway, "keyed")).headers.get("x-request-id");
  const { trace } = await json(`/admin/requests/${id}`);
  expect(listOf(objectOf(trace)["attempts"])).toMatchObject([{ deployment: "two/fine", key: "key 2", again: 0, decision: "answered" }]);
});

test("/health/circuit-breakers is for operators and neighbours", async () => {
  const page = await json("/health/circuit-breakers");
  expect(page["status"]).toBe("degraded");
  expect(Object.keys(objectOf(page["circuit_breakers"])).toSorted()).toEqual(["one/fine", "one/ill", "two/fine"]);
  expect(objectOf(page["circuit_breakers"])["one/ill"]).toMatchObject(OPEN);
  const stranger = { "x-forwarded-for": "203.0.113.9" };
  const statusFor = async (headers: Record<string, string>) => (await fetch(`${gateway.url}/health/circuit-breakers`, { headers })).status;
  expect([await statusFor({}), await statusFor(stranger), await statusFor({ ...stranger, ...admin(gateway) })]).toEqual([200, 401, 200]);
});

test("/health tells how models are, and is degraded, not unready, when one is unavailable", async () => {
  expect(await json("/health")).toMatchObject({
    status: "degraded",
    models: { sick: { state: "unavailable" }, half: { state: "degraded" }, keyed: { state: "healthy" } },
  });
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
});

test("metrics have a series for each deployment in force", async () => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const lines = text.split("\n").filter((line) => /^(circuit_breaker_state|llm_queue_depth|llm_deployment_in_flight)\{/.test(line));
  const of = (name: string, values: readonly number[]) =>
    ["one/ill", "one/fine", "two/fine"].map((id, index) => `${name}{deployment="${id}"} ${values[index]}`);
  expect(lines.toSorted()).toEqual(
    [...of("circuit_breaker_state", [2, 0, 0]), ...of("llm_queue_depth", [0, 0, 0]), ...of("llm_deployment_in_flight", [0, 0, 0])].toSorted(),
  );
});

test("signalbox models shows who rests", () => {
  const { stdout } = runCommand(gateway, ["models"]);
  expect(stdout).toMatch(/^half .*one\/ill \(rests\), one\/fine *$/m);
});

describe("reset", () => {
  const reset = (id: string) => fetch(`${gateway.url}/admin/deployments/${id}/reset`, { method: "POST", headers: admin(gateway) });

  test.each(["one%2Fill", "one/ill"])("%s: closed, asked, and left alone again", async (id) => {
    const answer = await reset(id);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ id: "one/ill", state: "closed", failures: 0, until: null, resting: null }),
    ]);
    expect(await json("/health")).toMatchObject({ status: "healthy", models: { sick: { state: "healthy" } } });
    fake.forget();
    await ask(gateway, "sick");
    expect(fake.seen.length).toBeGreaterThan(0);
    expect(await rowOf("one/ill")).toMatchObject({ state: "open" });
  });

  test("a key's breaker too", async () => {
    await reset("two%2Ffine");
    expect(await rowOf("two/fine")).toMatchObject({ keys: [{ state: "closed" }, { state: "closed" }] });
  });

  test.each(["one/none/reset", "one%2Fill"])("POST /admin/deployments/%s is a 404", async (path) => {
    const answer = await fetch(`${gateway.url}/admin/deployments/${path}`, { method: "POST", headers: admin(gateway) });
    expect(answer.status).toBe(404);
  });
});

test("who is being asked, and who waits", async () => {
  const held = await startHeldUpstream();
  const busy = await startGateway({
    config: {
      providers: { held: { kind: "openai-compatible", base_url: held.url, api_key: "none" } },
      models: { m: { deployments: [{ provider: "held", model: "m", max_concurrent: 1, max_queue: 5 }] } },
      routing: BREAKER,
    },
  });
  const answers = [ask(busy, "m"), ask(busy, "m"), ask(busy, "m")];
  const row = async () => objectOf(listOf((await json("/admin/deployments", {}, busy))["data"])[0]);
  while ((await row())["queued"] !== 2) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await row()).toMatchObject({ in_flight: 1, queued: 2 });
  const text = await (await fetch(`${busy.url}/metrics`)).text();
  expect(text).toContain('llm_queue_depth{deployment="held/m"} 2');
  expect(text).toContain('llm_deployment_in_flight{deployment="held/m"} 1');
  for (const [index] of answers.entries()) {
    await until(`call ${index} to be upstream`, () => held.waiting() === 1);
    held.letGo();
    while ((await row())["answers"] !== index + 1) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(answers);
  expect(await row()).toMatchObject({ in_flight: 0, queued: 0, answers: 3 });
  await busy.stop();
  await held.stop();
});

test("a Redis that is away makes it degraded, and says so; it is ready all the same", async () => {
  const lone = await startGateway({
    config: {
      providers: { one: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
      models: { m: { deployments: [{ provider: "one", model: "fine" }] } },
      redis: { url: "redis://127.0.0.1:9" },
    },
  });
  expect(await json("/health", {}, lone)).toMatchObject({ status: "degraded", models: { m: { state: "healthy" } }, trouble: expect.stringContaining("Redis") });
  expect([(await fetch(`${lone.url}/ready`)).status, (await ask(lone, "m")).status]).toEqual([200, 200]);
  await lone.stop();
});
