import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

/** What is used up is not asked for: clients are told when there is some again, others are asked meanwhile. */
let fake: FakeUpstream;
let box: TestBox;
const routing = { patience: 50 };

beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterEach(async () => {
  await box.stop();
  fake.forget();
  fake.play({});
});
afterAll(() => fake.stop());

const ask = (model = "m") => box.post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hello" }] });
async function told(response: Response) {
  const error = objectOf(objectOf(await response.json())["error"]);
  return { status: response.status, code: error["code"], message: String(error["message"]), retryAfter: Number(response.headers.get("retry-after")) };
}

test("a model whose minute is used up answers 429, with what is used up and until when, and asks nobody", async () => {
  box = startBox({ models: { m: [{ kind: "openai", url: fake.url, more: { limits: { requestsPerMinute: 2 } } }] }, routing });
  for (let time = 0; time < 2; time++) expect((await ask()).status).toBe(200);
  const { retryAfter, ...rest } = await told(await ask());
  expect(rest).toEqual({
    status: 429,
    code: "rate_limit_exceeded",
    message: `"m" has nothing left for now (openai/m: its 2 requests a minute are used up). Ask again in ${retryAfter} s.`,
  });
  expect([retryAfter > 50, retryAfter <= 61, fake.seen.length]).toEqual([true, true, 2]);
  expect((await box.record(2)).trace.candidates).toEqual([{ deployment: "openai/m", why: "its 2 requests a minute are used up", out: true }]);
});

test("a key that is to wait is not asked with before its time, nor does the client learn of it by another error", async () => {
  fake.play([failing(429, 3600)]);
  box = startBox({ models: { m: [{ kind: "openai", url: fake.url }] }, routing });
  expect((await ask()).status).toBe(429);
  const { retryAfter, ...rest } = await told(await ask());
  expect(rest).toEqual({
    status: 429,
    code: "rate_limit_exceeded",
    message: `"m" has nothing left for now (openai/m: its key: rate-limited). Ask again in ${retryAfter} s.`,
  });
  expect([retryAfter > 3500, retryAfter <= 3600, fake.seen.length]).toEqual([true, true, 1]);
});

test("a fallback has something left", async () => {
  const limited = { kind: "openai", url: fake.url, more: { limits: { requestsPerMinute: 1 } } };
  box = startBox({ models: { m: [limited], n: [{ kind: "vllm", url: fake.url }] }, fallbacks: { m: ["n"] }, routing });
  const served = [];
  for (let time = 0; time < 2; time++) served.push((await ask()).headers.get("x-signalbox-deployment"));
  expect(served).toEqual(["openai/m", "vllm/n"]);
});

test("one that is only ill is asked as a last resort, though another has nothing left", async () => {
  const deployments = [
    { kind: "openai", url: fake.url, more: { limits: { requestsPerMinute: 1 } } },
    { kind: "openai", url: fake.url, model: "ill", more: { tier: 1 } },
  ];
  box = startBox({
    models: { m: deployments },
    routing: { ...routing, breaker: { enabled: true, failures: 1, window: 60_000, open: 60_000 } },
    policy: { attempts: 1 },
  });
  expect((await ask()).status).toBe(200);
  fake.play([failing(500)]);
  expect((await ask()).status).toBe(502);
  expect((await ask()).headers.get("x-signalbox-deployment")).toBe("openai-1/ill");
});

describe("a deployment that is full", () => {
  test("serves those first whose rule says so, equals in their order", async () => {
    const rules = [
      { when: { source: ["person"] }, priority: 10 },
      { when: { source: ["batch"] }, priority: -10 },
    ];
    fake.play([{ stall: "before-headers" }]);
    const limits = { maxConcurrent: 1 };
    box = startBox({ models: { m: [{ kind: "openai", url: fake.url, more: { limits } }] }, more: { m: { rules } }, routing: {} });
    const leaving = new AbortController();
    const call = (content: string, init: RequestInit = {}) =>
      box.post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content }] }, init).then(
        ({ status }) => status,
        () => "left",
      );
    const first = call("first", { signal: leaving.signal });
    await fake.request(0);
    const waiting = [];
    for (const [index, source] of ["batch", "other", "person", "batch", "person", "other"].entries()) {
      const headers = { "content-type": "application/json", authorization: "Bearer sb-test", "x-signalbox-source": source };
      waiting.push(call(`${source} ${index}`, { headers }));
      await until("it to wait", () => box.routing.standings.known("openai/m")?.queued === index + 1);
    }
    leaving.abort();
    expect([await first, ...(await Promise.all(waiting))]).toEqual(["left", 200, 200, 200, 200, 200, 200]);
    const order = fake.seen.map(({ text }) => /"content":"(\w+ \d)"/.exec(text)?.[1]);
    expect(order).toEqual([undefined, "person 2", "person 4", "other 1", "other 5", "batch 0", "batch 3"]);
  });

  test.each([
    ["and has no queue", { maxQueue: 0 }, "Every deployment of this model is full, and so are their queues. Ask again in a moment."],
    ["for too long", {}, "No deployment of this model had a place for this request within 50 ms. Ask again in a moment."],
  ])("%s: 503 with a second to wait", async (_name, limits, message) => {
    fake.play([{ stall: "before-headers" }]);
    box = startBox({ models: { m: [{ kind: "openai", url: fake.url, more: { limits: { maxConcurrent: 1, ...limits } } }] }, routing });
    const leaving = new AbortController();
    const first = box
      .post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hello" }] }, { signal: leaving.signal })
      .catch(() => undefined);
    await fake.request(0);
    expect(await told(await ask())).toEqual({ status: 503, code: "engine_busy", message, retryAfter: 1 });
    leaving.abort();
    await first;
  });
});
