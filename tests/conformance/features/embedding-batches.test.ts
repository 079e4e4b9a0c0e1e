import { describe, expect, test } from "bun:test";
import type { DeploymentLimits } from "../../../src/vocabulary/deployment.ts";
import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { vectorOf } from "../../fakes/upstream/answers/embeddings.ts";
import { type Behaviour, failing } from "../../fakes/upstream/behaviours.ts";
import type { FakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";
import { until } from "../../harness/until.ts";

/** More inputs than a deployment takes at once. */
const { fake, second, box } = await twoUpstreams((fake, second) => ({
  models: {
    bge: [{ kind: "vllm", url: fake.url, model: "BAAI/bge-m3", maxBatch: 32 }],
    gem: [{ kind: "gemini", url: fake.url, model: "gemini-embedding-001", maxBatch: 2 }],
    local: [{ kind: "ollama", url: fake.url, model: "nomic", maxBatch: 2 }],
    free: [{ kind: "vllm", url: fake.url }],
    two: [
      { kind: "vllm", url: fake.url, model: "first", maxBatch: 2 },
      { kind: "vllm", url: second.url, model: "second", maxBatch: 3 },
    ],
  },
}));

const last = () => box.record(box.records.length);
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
const embed = async (body: object) => {
  const response = await box.post("/v1/embeddings", body);
  return { status: response.status, headers: response.headers, json: objectOf(await response.json()) };
};
const vectorsIn = (json: Json) => listOf(objectOf(json)["data"]).map((row) => objectOf(row)["embedding"]);
const inputsOf = (upstream: FakeUpstream) => upstream.seen.map(({ json }) => listOf(objectOf(json)["input"]).length);

describe("inputs", () => {
  test.each([
    [1, [1]],
    [32, [32]],
    [33, [1, 32]],
    [100, [4, 32, 32, 32]],
  ])("%p of them are %p a call, and come back in their order", async (count, calls) => {
    const { json } = await embed({ model: "bge", input: texts(count) });
    expect(inputsOf(fake).toSorted((one, other) => one - other)).toEqual(calls);
    expect(vectorsIn(json)).toEqual(texts(count).map((text) => vectorOf(text, 8)));
    expect(listOf(json["data"]).map((row) => objectOf(row)["index"])).toEqual(texts(count).map((_, index) => index));
  });

  test("are not split where nothing is said, and go as they were written where they need not be", async () => {
    await embed({ model: "free", input: texts(100) });
    expect(inputsOf(fake)).toEqual([100]);
    const body = '{"model":"bge", "input" :["a","b"],"dimensions":4,"x":1.0}';
    await box.post("/v1/embeddings", body);
    expect(fake.seen[1]?.text).toBe(body.replace("bge", "BAAI/bge-m3"));
  });

  test("that are one text, or one list of tokens, are one", async () => {
    for (const input of ["alone", [1, 2, 3, 4, 5]]) await embed({ model: "two", input });
    expect(fake.seen.length + second.seen.length).toBe(2);
  });

  test("that are lists of tokens are split like texts", async () => {
    const input = [[1], [2, 3], [4], [5], [6]];
    const { json } = await embed({ model: "two", input });
    expect(vectorsIn(json)).toEqual(input.map((tokens) => vectorOf(JSON.stringify(tokens), 8)));
  });

  test.each(["gem", "local"])("are split for other dialects too: %s", async (model) => {
    const { json } = await embed({ model, input: texts(5) });
    expect([fake.seen.length, vectorsIn(json)]).toEqual([3, texts(5).map((text) => vectorOf(text, 8))]);
  });

  test("arrive in the form the client asked for", async () => {
    for (const encoding_format of ["base64", "float"]) {
      const { json } = await embed({ model: "two", input: texts(4), encoding_format });
      const floats = vectorsIn(json).map((vector) =>
        typeof vector === "string" ? [...new Float32Array(Uint8Array.from(Buffer.from(vector, "base64")).buffer)] : vector,
      );
      expect(floats).toEqual(texts(4).map((text) => vectorOf(text, 8)));
    }
  });
});

test("whatever else the client wrote goes with every batch, and what is used adds up", async () => {
  fake.play(() => ({ answer: { usage: { input: 7 } } }));
  const recorded = last();
  const { json } = await embed({ model: "bge", input: texts(70), dimensions: 3, input_type: "query", user: "u" });
  for (const { json: sent } of fake.seen) expect(sent).toMatchObject({ model: "BAAI/bge-m3", dimensions: 3, input_type: "query", user: "u" });
  expect(json["usage"]).toEqual({ prompt_tokens: 21, total_tokens: 21 });
  expect((await recorded).usage).toMatchObject({ input: 21, evidence: "reported" });
});

test("what one batch does not report is counted for all", async () => {
  fake.play(({ text }) => (text.includes("text 0") ? { answer: { usage: false } } : {}));
  const recorded = last();
  await embed({ model: "bge", input: texts(40) });
  expect((await recorded).usage?.evidence).toBe("counted");
});

test("no more than four batches are on their way at once", async () => {
  let most = 0;
  fake.play(() => {
    most = Math.max(most, fake.seen.filter(({ ending }) => ending === undefined).length);
    return { delay: 10 };
  });
  const { json } = await embed({ model: "bge", input: texts(32 * 12) });
  expect([most, vectorsIn(json).length]).toEqual([4, 32 * 12]);
});

describe("at a deployment with bounds", () => {
  const houseOf = (limits: DeploymentLimits) => startBox({ models: { m: [{ kind: "vllm", url: fake.url, maxBatch: 1, more: { limits } }] }, routing: {} });
  const statusOf = (house: TestBox, count: number, init: RequestInit = {}) =>
    house.post("/v1/embeddings", { model: "m", input: texts(count) }, init).then(
      ({ status }) => status,
      () => "left",
    );
  const free = (house: TestBox) => () => house.routing.standings.report().every(({ inFlight, queued }) => inFlight + queued === 0);
  /** The most that were on their way at once. */
  const counting = (behaviour: Behaviour) => {
    const seen = { most: 0 };
    fake.play(() => {
      seen.most = Math.max(seen.most, fake.seen.filter(({ ending }) => ending === undefined).length);
      return behaviour;
    });
    return seen;
  };

  test.each([1, 2, 3])("batches are calls like any other: never more than %d, whoever asks", async (maxConcurrent) => {
    const seen = counting({ delay: 5 });
    const house = houseOf({ maxConcurrent });
    expect(await Promise.all([7, 5, 1, 3].map((count) => statusOf(house, count)))).toEqual([200, 200, 200, 200]);
    await until("all places to be free", free(house));
    expect([seen.most, fake.seen.length]).toEqual([maxConcurrent, 16]);
    await house.stop();
  });

  test("who waits for a place has it before further batches of others", async () => {
    const house = houseOf({ maxConcurrent: 2 });
    fake.play({ delay: 20 });
    const order: string[] = [];
    const one = statusOf(house, 12).then(() => order.push("many"));
    await fake.request(1);
    await Promise.all([one, statusOf(house, 1).then(() => order.push("one"))]);
    expect(order).toEqual(["one", "many"]);
    await house.stop();
  });

  test("a client that leaves leaves all places, as soon as the upstream has hung up", async () => {
    const house = houseOf({ maxConcurrent: 3 });
    fake.play({ stall: "before-headers" });
    const leaving = new AbortController();
    const status = statusOf(house, 9, { signal: leaving.signal });
    await fake.request(2);
    leaving.abort();
    expect(await status).toBe("left");
    await until("all places to be free", free(house));
    expect(fake.seen.map(({ ending }) => ending)).toEqual(["client-left", "client-left", "client-left"]);
    await house.stop();
  });

  test("each counts against the operator's minute", async () => {
    const house = houseOf({ requestsPerMinute: 5 });
    expect([await statusOf(house, 5), await statusOf(house, 1)]).toEqual([200, 429]);
    await house.stop();
  });
});

describe("a batch that fails", () => {
  const sick: readonly (readonly [string, Behaviour])[] = [
    ["an error", failing(503)],
    ["a cut", { cut: "before-body" }],
    ["an answer with too few vectors", { reply: { body: { data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 1 } } } }],
  ];
  test.each(sick)("with %s has all of them put to the next deployment, in its own batches", async (_name, behaviour) => {
    fake.play(({ text }) => (text.includes("text 3") ? behaviour : {}));
    const recorded = last();
    for (let time = 0; time < 2; time++) {
      const { headers, json } = await embed({ model: "two", input: texts(7) });
      expect([headers.get("x-signalbox-deployment"), vectorsIn(json)]).toEqual(["vllm-1/second", texts(7).map((text) => vectorOf(text, 8))]);
    }
    expect(inputsOf(second).toSorted()).toEqual([1, 1, 3, 3, 3, 3]);
    expect(inputsOf(fake).every((count) => count <= 2)).toBe(true);
    expect((await recorded).outcome).toBe("ok");
  });

  test("has the others called off, and is one attempt", async () => {
    fake.play(({ text }) => (text.includes("text 0") ? failing(500) : { stall: "before-headers" }));
    const { headers } = await embed({ model: "two", input: texts(7) });
    const other = headers.get("x-signalbox-attempts") === "1" ? await embed({ model: "two", input: texts(7) }) : undefined;
    expect((other?.headers ?? headers).get("x-signalbox-attempts")).toBe("2");
    const stalled = fake.seen.filter(({ text }) => !text.includes("text 0"));
    for (const { settled } of stalled) expect(await settled).toBe("client-left");
  });

  test("because of what was asked ends the call in the upstream's words", async () => {
    const body = { error: { message: "input 3 is too long", type: "invalid_request_error", param: "input", code: null } };
    for (const each of [fake, second]) each.play(({ text }) => (text.includes("text 3") ? { reply: { status: 400, body } } : {}));
    const { status, json } = await embed({ model: "two", input: texts(7) });
    expect([status, json]).toEqual([400, body]);
  });
});
