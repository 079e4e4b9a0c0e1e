import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isObject, type JsonObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { startHeldUpstream } from "./held-upstream.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** What operators, probes and logs see. */
let sick: FakeUpstream;
let well: FakeUpstream;
let gateway: GatewayProcess;
const CANARY = "canary-provider-secret-123456";
beforeAll(async () => {
  sick = await startFakeUpstream(() => failing(500));
  well = await startFakeUpstream();
  gateway = await startGateway({
    config: {
      server: { cors_origins: ["https://app.example"], max_body_mb: 1 },
      providers: {
        sick: { kind: "openai-compatible", base_url: `${sick.url}/v1`, api_key: CANARY },
        well: { kind: "openai-compatible", base_url: `${well.url}/v1`, api_key: CANARY },
      },
      models: {
        m: { deployments: [{ provider: "well", model: "m" }] },
        broken: { deployments: [{ provider: "sick", model: "x" }], fallbacks: ["m"] },
        hopeless: { deployments: [{ provider: "sick", model: "x" }] },
      },
      routing: { backoff_ms: [1, 5] },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await sick.stop();
  await well.stop();
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });
const json = async (answer: Response) => objectOf(await answer.json());
const admin = () => ({ authorization: `Bearer ${gateway.key}` });
const STRANGER = { "x-forwarded-for": "203.0.113.9" };
const ask = (model: string, key = gateway.key) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });
/** The log line of a request, once it is written. */
async function lineOf(id: string | null): Promise<JsonObject> {
  const line = () =>
    gateway
      .output()
      .split("\n")
      .map(parseJson)
      .find((row) => isObject(row) && row["request_id"] === id);
  await until(`the log line of ${id}`, () => line() !== undefined);
  return objectOf(line());
}

describe("health", () => {
  test("strangers learn the bare status, neighbours and keys the models", async () => {
    expect(await json(await get("/health", STRANGER))).toEqual({ status: "healthy" });
    expect(await json(await get("/health"))).toMatchObject({ status: "healthy", models: { m: { state: "healthy" } } });
    expect(await json(await get("/health", { ...STRANGER, ...admin() }))).toMatchObject({ models: { m: { state: "healthy" } } });
    expect(await json(await get("/health", { ...STRANGER, authorization: "Bearer wrong" }))).toEqual({ status: "healthy" });
  });

  test("live, ready, and ready without a model", async () => {
    expect([(await get("/live")).status, (await get("/ready")).status]).toEqual([200, 200]);
    const empty = await startGateway();
    const answer = await fetch(`${empty.url}/ready`);
    expect([answer.status, (await json(answer))["reason"]]).toEqual([503, "no model can be called"]);
    await empty.stop();
  });

  test("metrics count a request while it runs, and then no more", async () => {
    const held = await startHeldUpstream();
    const busy = await startGateway({
      config: {
        providers: { held: { kind: "openai-compatible", base_url: held.url, api_key: CANARY } },
        models: { m: { deployments: [{ provider: "held", model: "m" }] } },
      },
    });
    const flying = async () => /^llm_in_flight.*/m.exec(await (await fetch(`${busy.url}/metrics`)).text())?.[0];
    const answer = fetch(`${busy.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${busy.key}` },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] }),
    });
    await until("the request to be upstream", () => held.waiting() === 1);
    expect(await flying()).toBe('llm_in_flight{model="m"} 1');
    held.letGo();
    expect((await answer).status).toBe(200);
    expect(await flying()).toBeUndefined();
    await busy.stop();
    await held.stop();
  });

  test("metrics for neighbours and operators only", async () => {
    await ask("m");
    const text = await (await get("/metrics")).text();
    expect(text).toMatch(/llm_requests_total\{model="m",dialect="openai-chat",outcome="ok",deployment="well\/m"\} [1-9]/);
    expect([(await get("/metrics", STRANGER)).status, (await get("/metrics", { ...STRANGER, ...admin() })).status]).toEqual([401, 200]);
  });
});

describe("a request that went elsewhere", () => {
  test("has a trace that says who was asked, why, what failed and what was decided", async () => {
    const answer = await ask("broken");
    expect([answer.status, answer.headers.get("x-signalbox-deployment"), answer.headers.get("x-signalbox-attempts")]).toEqual([200, "well/m", "2"]);
    const row = await json(await get(`/admin/requests/${answer.headers.get("x-request-id")}`, admin()));
    expect(row).toMatchObject({ model: "broken", deployment: "well/m", outcome: "ok", status: 200 });
    const { candidates, attempts } = objectOf(row["trace"]);
    expect(listOf(candidates).map((each) => objectOf(each)["deployment"])).toEqual(["sick/x", "well/m"]);
    expect(listOf(attempts)).toMatchObject([
      { deployment: "sick/x", failure: "upstream-error", status: 500, decision: "next: well/m" },
      { deployment: "well/m", decision: "answered" },
    ]);
  });

  test("lists by filter, page by page", async () => {
    for (let index = 0; index < 3; index++) await ask("m");
    const first = await json(await get("/admin/requests?model=m&limit=2", admin()));
    const second = await json(await get(`/admin/requests?model=m&limit=2&cursor=${first["next"]}`, admin()));
    const ids = [...listOf(first["data"]), ...listOf(second["data"])].map((row) => objectOf(row)["id"]);
    expect([ids.length, new Set(ids).size]).toEqual([4, 4]);
    expect((await get("/admin/requests?outcome=odd", admin())).status).toBe(400);
    expect((await get("/admin/requests/req_none", admin())).status).toBe(404);
  });
});

describe("the log", () => {
  test("has one line a request with exactly these fields", async () => {
    const answered = await lineOf((await ask("m")).headers.get("x-request-id"));
    const always = [
      "timestamp",
      "level",
      "message",
      "request_id",
      "instance",
      "model",
      "deployment",
      "tokens",
      "duration_ms",
      "latency_ms",
      "outcome",
      "status",
      "attempts",
    ];
    expect(Object.keys(answered).toSorted()).toEqual(always.toSorted());
    await fetch(`${gateway.url}/admin/users`, { method: "POST", headers: admin(), body: JSON.stringify({ id: "user-17" }) });
    const made = await fetch(`${gateway.url}/admin/keys`, {
      method: "POST",
      headers: admin(),
      body: JSON.stringify({ name: "theirs", user_id: "user-17", source: "laptop" }),
    });
    const theirs = await lineOf((await ask("m", String((await json(made))["key"]))).headers.get("x-request-id"));
    expect(theirs).toMatchObject({ user_id: "user-17", source: "laptop", outcome: "ok" });
    expect(Object.keys(theirs).toSorted()).toEqual([...always, "user_id", "source"].toSorted());
    const failed = await lineOf((await ask("hopeless")).headers.get("x-request-id"));
    expect(failed).toMatchObject({ model: "hopeless", outcome: "failed", status: 502, failure: "upstream-error", attempts: 3 });
  });
});

describe("the edge", () => {
  test("CORS for the origins that are allowed", async () => {
    const preflight = (origin: string) => fetch(`${gateway.url}/v1/models`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "GET" } });
    expect((await preflight("https://app.example")).headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect((await preflight("https://evil.example")).status).toBe(403);
    expect((await get("/v1/models", { ...admin(), origin: "https://app.example" })).headers.get("access-control-allow-origin")).toBe("https://app.example");
  });

  test("a body over server.max_body_mb is a clear 413", async () => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: admin(), body: "x".repeat(1024 * 1024 + 1) });
    expect([answer.status, objectOf((await json(answer))["error"])["code"]]).toEqual([413, "request_too_large"]);
  });
});

describe("switches", () => {
  const start = (more: object, folder?: string) =>
    startGateway({
      folder,
      config: {
        providers: { well: { kind: "openai-compatible", base_url: `${well.url}/v1`, api_key: CANARY } },
        models: { m: { deployments: [{ provider: "well", model: "m" }] } },
        ...more,
      },
    });
  const asked = ({ url, key }: GatewayProcess, stream = false) =>
    fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] }),
    });

  test("no line for each request, yet its row, its trace and its count, when telemetry.log_requests is false", async () => {
    const quiet = await start({ telemetry: { log_requests: false } });
    const answers = [await asked(quiet), await asked(quiet, true)];
    expect((await Promise.all(answers.map((answer) => answer.text()))).every((text) => text !== "")).toBe(true);
    const ids = answers.map((answer) => answer.headers.get("x-request-id"));
    const wrong = await fetch(`${quiet.url}/v1/models`, { headers: { authorization: "Bearer wrong" } });
    const rows = async ({ url, key }: GatewayProcess) =>
      listOf((await json(await fetch(`${url}/admin/requests`, { headers: { authorization: `Bearer ${key}` } })))["data"]).map((row) => objectOf(row)["id"]);
    const all = [...ids, wrong.headers.get("x-request-id")].toSorted();
    expect((await rows(quiet)).toSorted()).toEqual(all);
    const trace = await json(await fetch(`${quiet.url}/admin/requests/${ids[0]}`, { headers: { authorization: `Bearer ${quiet.key}` } }));
    expect(trace).toMatchObject({ outcome: "ok", deployment: "well/m", trace: { attempts: [{ decision: "answered" }] } });
    expect(await (await fetch(`${quiet.url}/metrics`)).text()).toMatch(/llm_requests_total\{model="m".*outcome="ok".*\} 2/);
    await quiet.end();
    expect(quiet.output()).not.toContain('"message":"request"');
    for (const id of all) expect(quiet.output()).not.toContain(String(id));
    const again = await start({}, quiet.folder);
    expect((await rows(again)).toSorted()).toEqual(all);
    await again.stop();
  });

  test("no metrics, and a word on how to have them, when telemetry.metrics is false", async () => {
    const uncounted = await start({ telemetry: { metrics: false } });
    await (await asked(uncounted)).text();
    const page = await fetch(`${uncounted.url}/metrics`);
    expect([page.status, objectOf((await json(page))["error"])["message"]]).toEqual([
      404,
      "Metrics are turned off here. telemetry.metrics (PROMETHEUS_ENABLED) turns them on.",
    ]);
    await uncounted.stop();
  });

  test("Ollama's own API, unless server.ollama_api is false", async () => {
    const silent = await start({ server: { ollama_api: false } });
    const statuses = ({ url }: GatewayProcess) => Promise.all(["/", "/api/version", "/api/tags"].map(async (path) => (await fetch(url + path)).status));
    expect([await statuses(gateway), await statuses(silent)]).toEqual([
      [200, 200, 401],
      [404, 404, 404],
    ]);
    await silent.stop();
  });

  describe("no citations, when server.remove_sources is true", () => {
    const annotations = [{ type: "url_citation", url_citation: { url: "https://source.example", title: "s", start_index: 0, end_index: 2 } }];
    const citations = ["https://source.example"];
    const common = { id: "c1", created: 1, model: "m", citations, search_results: [{ title: "s", url: "https://source.example" }] };
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const whole = {
      ...common,
      object: "chat.completion",
      choices: [{ index: 0, message: { role: "assistant", content: "It is so.", annotations }, finish_reason: "stop" }],
    };
    const frames = [
      chunk({ role: "assistant", content: "It is " }),
      chunk({ content: "so.", annotations }),
      chunk({ annotations }),
      chunk({}, "stop"),
      "data: [DONE]\n\n",
    ];

    let without: GatewayProcess;
    beforeAll(async () => {
      without = await start({ server: { remove_sources: true } });
    });
    afterAll(async () => {
      await without.stop();
      well.play({});
    });

    test("in whole answers", async () => {
      well.play({ reply: { body: whole } });
      expect(await (await asked(gateway)).text()).toContain("source.example");
      const text = await (await asked(without)).text();
      expect([text.includes("It is so."), text.includes("source.example")]).toEqual([true, false]);
    });

    test("in streams, which are otherwise as they were", async () => {
      well.play({ reply: { headers: { "content-type": "text/event-stream" }, frames } });
      expect(await (await asked(gateway, true)).text()).toBe(frames.join(""));
      const text = await (await asked(without, true)).text();
      expect(text).not.toContain("source.example");
      const deltas = text.split("\n\n").flatMap((frame) => {
        const body = parseJson(frame.replace("data: ", ""));
        return isObject(body) ? listOf(body["choices"]).map(objectOf) : [];
      });
      expect(deltas.map((choice) => objectOf(choice["delta"])["content"] ?? "").join("")).toBe("It is so.");
      expect(deltas.map((choice) => choice["finish_reason"]).filter((reason) => reason !== null)).toEqual(["stop"]);
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    });
  });
});
