import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Json, type JsonObject, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** A client of Ollama's `/api/generate`, the route for one prompt, before every kind of upstream. */
const KINDS = ["ollama", "openai", "anthropic", "gemini"] as const;

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: Object.fromEntries([...KINDS, "vllm"].map((kind) => [kind, [{ kind, url: fake.url, model: `${kind}-model` }]])),
    policy: { attempts: 1 },
  });
});
afterEach(() => {
  fake.forget();
  fake.play({});
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const ask = (body: object) => box.post("/api/generate", { prompt: "Why is the sky blue?", ...body });
const linesOf = async (response: Response): Promise<JsonObject[]> =>
  (await response.text())
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => objectOf(parseJson(line)));

describe.each([...KINDS])("%s", (kind) => {
  test("a stream", async () => {
    fake.play({ answer: { text: "It scatters light.", usage: { input: 7, output: 5 } } });
    const response = await ask({ model: kind });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    const lines = await linesOf(response);
    expect(lines.map((line) => line["response"]).join("")).toBe("It scatters light.");
    expect(lines.some((line) => "message" in line)).toBe(false);
    expect(lines.at(-1)).toMatchObject({ response: "", done: true, done_reason: "stop", prompt_eval_count: 7, eval_count: 5 });
  });

  test("a whole answer", async () => {
    fake.play({ answer: { text: "It scatters light." } });
    const response = await ask({ model: kind, stream: false });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toMatchObject({ response: "It scatters light.", done: true, done_reason: "stop" });
  });

  test("the system's word reaches the model", async () => {
    await ask({ model: kind, system: "Answer like a pirate.", images: ["iVBORw0KGgo="] });
    const { text, path } = await fake.request(0);
    expect(text).toContain("Answer like a pirate.");
    expect(text).toContain("iVBORw0KGgo=");
    expect(path === "/api/generate").toBe(kind === "ollama");
  });

  test("a failure inside the answer is its last line", async () => {
    fake.play({ answer: { text: ["a", "b", "c"] }, errorFrame: { afterFrames: kind === "anthropic" ? 4 : 2 } });
    expect((await linesOf(await ask({ model: kind }))).at(-1)).toEqual({ error: expect.any(String) });
  });

  test("a failure before it keeps its status", async () => {
    fake.play(failing(503));
    const response = await ask({ model: kind });
    expect([response.status, await response.json()]).toEqual([503, { error: expect.any(String) }]);
  });

  test("loading and putting away ask no upstream", async () => {
    const answers = await Promise.all([{ prompt: "" }, { prompt: "", keep_alive: "0s" }].map(async (body) => (await ask({ model: kind, ...body })).json()));
    expect(answers).toMatchObject([
      { response: "", done: true, done_reason: "load" },
      { response: "", done: true, done_reason: "unload" },
    ]);
    expect(fake.seen).toHaveLength(0);
  });
});

describe("a text to be continued", () => {
  const CODE = { prompt: "def add(a, b):", suffix: "\n\nprint(add(1, 2))", stream: false };

  test("goes up to Ollama as it is", async () => {
    const text = '{"model":"ollama","prompt":"<|fim|>","raw":true,"options":{"temperature":1.0},"context":[]}';
    await (await box.post("/api/generate", text)).text();
    expect([(await fake.request(0)).path, (await fake.request(0)).text]).toEqual(["/api/generate", text.replace('"ollama"', '"ollama-model"')]);
  });

  test("goes to those who complete text as a completion", async () => {
    fake.play({ answer: { text: " return a + b" } });
    const response = await ask({ model: "vllm", ...CODE });
    expect(await response.json()).toMatchObject({ response: " return a + b", done: true });
    expect((await fake.request(0)).path).toBe("/v1/completions");
    expect((await fake.request(0)).json).toMatchObject({ model: "vllm-model", prompt: CODE.prompt, suffix: CODE.suffix });
    expect((await box.record(box.records.length - 1)).operation).toBe("completions");
  });

  test("a raw one likewise, without a template", async () => {
    await ask({ model: "vllm", raw: true, stream: false });
    expect((await fake.request(0)).path).toBe("/v1/completions");
    expect(objectOf((await fake.request(0)).json)).not.toHaveProperty("raw");
  });

  test.each([
    ["anthropic", { raw: true }, "raw is not possible"],
    ["gemini", CODE, "suffix is not possible"],
  ] as [string, object, string][])("is refused where there are only chats: %s", async (model, body, says) => {
    const response = await ask({ model, ...body });
    expect(response.status).toBe(400);
    expect(objectOf((await response.json()) as Json)["error"]).toContain(says);
    expect(fake.seen).toHaveLength(0);
  });
});

test("what only Ollama knows is said to be dropped elsewhere", async () => {
  const response = await ask({ model: "openai", template: "{{ .Prompt }}", context: [1, 2], keep_alive: "5m", options: { num_ctx: 512 }, stream: false });
  expect(response.headers.get("x-signalbox-warnings")).toContain("template, context, keep_alive, options.num_ctx were dropped");
});

test("a picture as a data: URL reaches Ollama as it wants it", async () => {
  fake.play({ answer: { text: "a dot" } });
  const response = await ask({ model: "ollama", images: ["data:image/png;base64,iVBORw0KGgo="], system: "s", keep_alive: "5m", stream: false });
  expect(await response.json()).toMatchObject({ response: "a dot" });
  expect((await fake.request(0)).json).toEqual({
    ...{ model: "ollama-model", prompt: "Why is the sky blue?", system: "s", images: ["iVBORw0KGgo="], stream: false, keep_alive: "5m" },
  });
});
