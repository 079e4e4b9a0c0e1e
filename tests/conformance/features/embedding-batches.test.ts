import { describe, expect, test } from "bun:test";
import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { vectorOf } from "../../fakes/upstream/answers/embeddings.ts";
import { type Behaviour, failing } from "../../fakes/upstream/behaviours.ts";
import type { FakeUpstream } from "../../fakes/upstream/server.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";

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
