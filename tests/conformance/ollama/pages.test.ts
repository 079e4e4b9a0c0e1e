import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clientRoutes, type OpenHandlers } from "../../../src/http/routes.ts";
import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** What Ollama's clients look at besides answers: who is there, what there is, and vectors. */
let fake: FakeUpstream;
let box: TestBox;
let few: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  const url = fake.url;
  const models = {
    "gpt-4o-mini": [{ kind: "openai", url }],
    "llama3.2:latest": [{ kind: "ollama", url, model: "llama3.2" }],
    "llama3.2": [{ kind: "ollama", url }],
    "qwen3:8b": [{ kind: "ollama", url }],
    "team/claude": [{ kind: "anthropic", url, model: "claude-sonnet-4-5" }],
    vectors: [{ kind: "gemini", url, model: "gemini-embedding-001" }],
  };
  box = startBox({ models, policy: { attempts: 1 } });
  few = startBox({ models, caller: { models: ["gpt-4o-mini"] } });
});
afterAll(async () => {
  await box.stop();
  await few.stop();
  await fake.stop();
});

const get = (path: string, init: RequestInit = {}) => fetch(box.url + path, { headers: { authorization: "Bearer sb-test" }, ...init });
const json = async (response: Response) => objectOf((await response.json()) as Json);

describe("who is there", () => {
  test.each(["GET", "HEAD"])("%s / says what probes look for, to anybody", async (method) => {
    const response = await fetch(`${box.url}/`, { method });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
    expect(await response.text()).toBe(method === "HEAD" ? "" : "Ollama is running");
  });
  test.each(["GET", "HEAD"])("%s /api/version needs no key", async (method) => {
    const response = await fetch(`${box.url}/api/version`, { method });
    expect(response.status).toBe(200);
    if (method === "GET") expect(await response.json()).toEqual({ version: expect.stringMatching(/^0\.\d+\.\d+$/) });
  });
  test.each([
    ["GET", "/api/tags"],
    ["GET", "/api/ps"],
    ["POST", "/api/show"],
    ["POST", "/api/pull"],
    ["POST", "/api/generate"],
    ["POST", "/api/embed"],
    ["DELETE", "/api/delete"],
  ])("%s %s does", async (method, path) => {
    const response = await get(path, { method, headers: { authorization: "Bearer wrong" } });
    expect([response.status, await response.json()]).toEqual([401, { error: "This key is not known here." }]);
  });
});

describe("what there is", () => {
  const names = async (of: TestBox) => listOf((await json(await fetch(`${of.url}/api/tags`)))["models"]).map((row) => objectOf(row)["name"]);

  test("every name has a tag, and stands there once", async () => {
    expect(await names(box)).toEqual(["gpt-4o-mini:latest", "llama3.2:latest", "qwen3:8b", "team/claude:latest", "vectors:latest"]);
  });
  test("a caller sees what it may use", async () => {
    expect(await names(few)).toEqual(["gpt-4o-mini:latest"]);
  });
  test("rows have every field clients read, the same at every look", async () => {
    const rows = async () => listOf((await json(await get("/api/tags")))["models"]);
    expect((await rows())[0]).toEqual({
      name: "gpt-4o-mini:latest",
      model: "gpt-4o-mini:latest",
      modified_at: "2023-11-14T22:13:20.000Z",
      size: 0,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      details: { parent_model: "", format: "", family: "test", families: ["test"], parameter_size: "", quantization_level: "" },
    });
    expect(await rows()).toEqual(await rows());
    expect(new Set((await rows()).map((row) => objectOf(row)["digest"])).size).toBe(5);
  });
  test("nothing is in the gateway's memory", async () => {
    expect(await json(await get("/api/ps"))).toEqual({ models: [] });
  });
  test("looks are remembered as such", async () => {
    await get("/api/tags");
    expect(box.records.at(-1)).toMatchObject({ operation: "models", dialect: "ollama", outcome: "ok" });
  });
});

describe("one model", () => {
  const show = (body: object) => box.post("/api/show", body);
  const capabilities: [string, string[]][] = [
    ["gpt-4o-mini", ["completion", "tools", "vision", "embedding"]],
    ["qwen3:8b", ["completion", "tools", "vision", "thinking", "embedding"]],
    ["team/claude", ["completion", "tools", "vision", "thinking"]],
  ];
  test.each(capabilities)("%s", async (model, can) => {
    expect((await json(await show({ model })))["capabilities"]).toEqual(can);
  });
  test("has every field clients read", async () => {
    expect(await json(await show({ model: "gpt-4o-mini:latest", verbose: true }))).toEqual({
      parameters: "",
      template: "",
      details: { parent_model: "", format: "", family: "test", families: ["test"], parameter_size: "", quantization_level: "" },
      model_info: { "general.architecture": "test", "general.basename": "gpt-4o-mini", "test.context_length": 131_072 },
      capabilities: expect.any(Array),
      modified_at: "2023-11-14T22:13:20.000Z",
    });
  });
  test("is found under either of its fields", async () => {
    expect((await show({ name: "gpt-4o-mini" })).status).toBe(200);
    expect((await show({ model: "", name: "gpt-4o-mini" })).status).toBe(200);
  });
  const refused: [string, unknown, number, string][] = [
    ["one nobody knows", { model: "gpt-5o" }, 404, 'The model "gpt-5o" does not exist'],
    ["one with another tag", { model: "gpt-4o-mini:8b" }, 404, 'The model "gpt-4o-mini:8b" does not exist'],
    ["no name", {}, 400, "model is missing"],
    ["no body", "", 400, "model is missing"],
    ["only a tag", { model: ":latest" }, 404, 'The model ":latest" does not exist'],
  ];
  test.each(refused)("%s is refused", async (_name, body, status, says) => {
    const response = await box.post("/api/show", body);
    expect(response.status).toBe(status);
    expect((await json(response))["error"]).toStartWith(says);
  });
  test("one this caller may not use does not exist", async () => {
    expect((await few.post("/api/show", { model: "qwen3:8b" })).status).toBe(404);
    expect((await few.post("/api/show", { model: "gpt-4o-mini:latest" })).status).toBe(200);
  });
});

describe("which models there are is not the client's to say", () => {
  test.each([
    ["POST", "/api/push"],
    ["POST", "/api/create"],
    ["POST", "/api/copy"],
    ["DELETE", "/api/delete"],
    ["HEAD", "/api/blobs/sha256:abc"],
    ["POST", "/api/blobs/sha256:abc"],
  ])("%s %s", async (method, path) => {
    const response = await get(path, { method });
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([403, "false"]);
    if (method !== "HEAD") expect((await json(response))["error"]).toStartWith("Models are managed in Signalbox itself");
  });
  test("pulling one that is there succeeds, so that clients go on", async () => {
    const response = await box.post("/api/pull", { model: "gpt-4o-mini" });
    expect([response.status, await response.text()]).toEqual([200, '{"status":"success"}\n']);
  });
  test("pulling another fails", async () => {
    const response = await box.post("/api/pull", { model: "mistral" });
    expect([response.status, (await json(response))["error"]]).toEqual([404, expect.stringContaining('The model "mistral" does not exist')]);
  });
});

describe("vectors", () => {
  const MODELS = ["gpt-4o-mini", "llama3.2", "vectors:latest"];
  test.each(MODELS)("of %s", async (model) => {
    const response = await box.post("/api/embed", { model, input: ["a", "b"] });
    const body = await json(response);
    const vectors = listOf(body["embeddings"]) as number[][];
    expect([response.status, vectors.length]).toEqual([200, 2]);
    expect(vectors.flat().every((value) => typeof value === "number")).toBe(true);
    expect(body).toMatchObject({ total_duration: expect.any(Number), prompt_eval_count: expect.any(Number) });
    const one = await json(await box.post("/api/embeddings", { model, prompt: "a" }));
    expect(one).toEqual({ embedding: vectors[0] as number[] });
  });
  test("the upstream's own fields reach it", async () => {
    fake.forget();
    await box.post("/api/embed", { model: "llama3.2:latest", input: "a", truncate: false, options: { num_ctx: 512 }, keep_alive: "5m", dimensions: 4 });
    expect((await fake.request(0)).json).toEqual({
      model: "llama3.2",
      input: ["a"],
      truncate: false,
      options: { num_ctx: 512 },
      keep_alive: "5m",
      dimensions: 4,
    });
  });
  test("are refused where there are none", async () => {
    const response = await box.post("/api/embed", { model: "team/claude", input: "a" });
    expect([response.status, Object.keys(await json(response))]).toEqual([404, ["error"]]);
  });
});

describe("beside other routes", () => {
  test("what else is under /api is not Ollama's", async () => {
    for (const path of ["/api/status", "/api/litellm/models"]) {
      const response = await get(path);
      expect([response.status, objectOf((await json(response))["error"])["code"]]).toEqual([404, "not_found"]);
    }
    for (const path of ["/api/tags/more", "/api/chat/completions"]) expect((await get(path)).status).toBe(404);
  });
  test("without the option there is none of it", () => {
    const open = {} as OpenHandlers;
    const paths = (options: Parameters<typeof clientRoutes>[2]) => clientRoutes({} as never, open, options).map(({ method, path }) => `${method} ${path}`);
    expect(paths({ ollama: false }).filter((path) => / \/(api.*)?$/.test(path))).toEqual(["GET /api/me/limits", "HEAD /api/hello"]);
    expect(paths({ ollama: true })).toEqual(expect.arrayContaining(["GET /", "POST /api/chat"]));
  });
});
