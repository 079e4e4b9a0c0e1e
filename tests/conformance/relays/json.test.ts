import { describe, expect, test } from "bun:test";
import { type Json, objectOf } from "../../../src/vocabulary/json.ts";
import { AUDIO, PIXEL } from "../../fakes/upstream/answers/others.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200 } from "../../fakes/upstream/behaviours.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";

/** What is passed on as JSON: reranking, moderations, pictures, speech. */
const { fake, second, box } = await twoUpstreams((fake, second) => ({
  models: {
    m: [{ kind: "openai-compatible", url: fake.url, model: "their-m" }],
    same: [{ kind: "openai-compatible", url: fake.url }],
    two: [
      { kind: "openai-compatible", url: fake.url, model: "first" },
      { kind: "openai-compatible", url: second.url, model: "second" },
    ],
    gpu: [{ kind: "vllm", url: `${fake.url}/v1` }],
    talker: [{ kind: "anthropic", url: fake.url }],
  },
}));

const last = () => box.record(box.records.length);
const RERANK = { query: "a red house", documents: ["blue sky", "the red house"], top_n: 1 };
const USED = { input: 5, output: 7 };
const tokens = { input: 5, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 7, reasoning: 0, audioInput: 0, audioOutput: 0, imageInput: 0 };

describe("each at its address, with and without /v1", () => {
  const table: [path: string, body: object, upstream: string, says: string][] = [
    ["/rerank", RERANK, "/v1/rerank", '"results":[{"index":1,'],
    ["/moderations", { input: "kind words" }, "/v1/moderations", '"flagged":false'],
    ["/images/generations", { prompt: "a house" }, "/v1/images/generations", `"b64_json":"${PIXEL}"`],
    ["/images/edits", { prompt: "red", images: [{ image_url: "https://x/a.png" }] }, "/v1/images/edits", `"b64_json":"${PIXEL}"`],
  ];
  for (const [path, body, upstream, says] of table) {
    test.each([`/v1${path}`, path, `/v1${path}/`])("%s", async (at) => {
      const recorded = last();
      const response = await box.post(at, { model: "m", ...body });
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await response.text()).toContain(says);
      expect(fake.seen.map((seen) => [seen.path, seen.model, seen.headers["authorization"]])).toEqual([[upstream, "their-m", "Bearer upstream-key"]]);
      expect(response.headers.get("x-signalbox-deployment")).toBe("openai-compatible/their-m");
      expect(await recorded).toMatchObject({ model: "m", deployment: "openai-compatible/their-m", outcome: "ok", stream: false });
    });
  }

  test("Cohere's address for reranking, and vLLM's own beside its /v1", async () => {
    expect((await box.post("/v2/rerank", { model: "gpu", ...RERANK })).status).toBe(200);
    expect(fake.seen[0]?.path).toBe("/v1/rerank");
  });
});

describe("requests", () => {
  test("pass to the byte when the model's name is the same", async () => {
    const body = '{ "model":"same", "query" : "q", "documents":["a"], "x":1.0, "big":12345678901234567890, "x":2 }';
    await box.post("/v1/rerank", body);
    expect(fake.seen[0]?.text).toBe(body);
  });

  test("and with nothing but its name changed where it is not, wherever it stands", async () => {
    await box.post("/v1/images/generations", '{"prompt":"a\\u0020house","n":1.0,"model":"m","unheard_of":{"model":"x"}}');
    expect(fake.seen[0]?.text).toBe('{"prompt":"a\\u0020house","n":1.0,"model":"their-m","unheard_of":{"model":"x"}}');
  });

  test.each<[string, string, Json, string, string]>([
    ["that is no JSON", "/v1/moderations", "{", "invalid_request_error", "not valid JSON"],
    ["that is no object", "/v1/rerank", [], "invalid_request_error", "must be a JSON object"],
    ["whose model is a number", "/v1/rerank", { model: 7 }, "invalid_request_error", "model must be a string."],
    ["without a model", "/v1/rerank", RERANK, "invalid_request_error", "model is missing"],
    ["for a model there is not", "/v1/rerank", { model: "nobody" }, "model_not_found", "nobody"],
    ["for a model that cannot do it", "/v1/rerank", { model: "talker", ...RERANK }, "model_not_found", "cannot do rerank"],
  ])("%s: refused, and nobody is asked", async (_name, path, body, code, says) => {
    const response = await box.post(path, body);
    const error = objectOf(objectOf(await response.json())["error"]);
    expect([error["code"], response.headers.get("x-should-retry")]).toEqual([code, "false"]);
    expect(error["message"]).toContain(says);
    expect(fake.seen).toEqual([]);
  });

  test("in a form where JSON is wanted, and neither where a form is", async () => {
    const form = new FormData();
    form.append("model", "m");
    const asForm = await fetch(`${box.url}/v1/rerank`, { method: "POST", body: form });
    const asNothing = await box.post("/v1/audio/transcriptions", "RIFF", { headers: { "content-type": "audio/wav" } });
    for (const [response, says] of [
      [asForm, "Send a JSON object"],
      [asNothing, "Send it as multipart/form-data"],
    ] as const) {
      expect(response.status).toBe(400);
      expect(String(objectOf(objectOf(await response.json())["error"])["message"])).toContain(says);
    }
  });
});

describe("failures", () => {
  test("about the request pass unreworded", async () => {
    const body = { error: { message: "Unknown parameter: 'quality'.", type: "invalid_request_error", param: "quality", code: "unknown_parameter" } };
    fake.play({ reply: { status: 400, body } });
    const response = await box.post("/v1/images/generations", { model: "two", prompt: "a" });
    expect([response.status, await response.json()]).toEqual([400, body]);
    expect(second.seen).toEqual([]);
  });

  test("in words that are not OpenAI's pass too", async () => {
    fake.play({ reply: { status: 422, body: { message: "too many documents" } } });
    const response = await box.post("/v1/rerank", { model: "m", ...RERANK });
    expect([response.status, await response.json()]).toEqual([422, { message: "too many documents" }]);
  });

  test.each([401, 403])("about our credentials (%p) are ours", async (status) => {
    fake.play(() => failing(status));
    const response = await box.post("/v1/moderations", { model: "m", input: "a" });
    expect(response.status).toBe(502);
    expect(await response.text()).toContain("refused the gateway's own credentials");
  });

  test.each<[string, Behaviour]>([
    ["an error status", failing(503)],
    ["an error inside a 200", { reply: { body: { error: { message: "busy", code: 503 } } } }],
    ["a page in HTML", HTML_200],
    ["nothing at all", EMPTY_200],
    ["a connection that is cut", { cut: "before-headers" }],
    ["a body that is cut", { cut: { afterBytes: 20 } }],
  ])("%s goes to the next deployment", async (_name, behaviour) => {
    fake.play(() => behaviour);
    const recorded = last();
    // Deployments take turns: one of two calls begins with the sick one.
    for (let time = 0; time < 2; time++) {
      const response = await box.post("/v1/rerank", { model: "two", ...RERANK });
      expect([response.status, response.headers.get("x-signalbox-deployment")]).toEqual([200, "openai-compatible-1/second"]);
      expect(second.seen[time]?.model).toBe("second");
    }
    // A kept connection that is cut may have been a stale one: its deployment is asked once more before it is given up.
    expect(fake.seen.length).toBeWithin(1, 3);
    expect((await recorded).outcome).toBe("ok");
  });

  test("that nobody mends are told with their last reason", async () => {
    fake.play(() => HTML_200);
    second.play(() => EMPTY_200);
    const response = await box.post("/v1/rerank", { model: "two", ...RERANK });
    expect(response.status).toBe(502);
    expect(String(objectOf(objectOf(await response.json())["error"])["message"])).toMatch(/answered 200 with (something that is not JSON|an empty body)/);
  });
});

describe("what is used is written down", () => {
  const table: [name: string, path: string, body: object, behaviour: Behaviour, usage: object][] = [
    ["a rerank's total", "/v1/rerank", RERANK, { answer: { usage: USED } }, { ...tokens, output: 0, evidence: "reported" }],
    [
      "Cohere's searches",
      "/v1/rerank",
      RERANK,
      { reply: { body: { results: [], meta: { billed_units: { search_units: 2 } } } } },
      { ...tokens, input: 0, output: 0, searches: 2, evidence: "reported" },
    ],
    ["a moderation, counted", "/v1/moderations", { input: "x".repeat(400) }, {}, { ...tokens, input: 106, output: 0, evidence: "counted" }],
    [
      "pictures and their tokens",
      "/v1/images/generations",
      { prompt: "a", n: 3 },
      { answer: { usage: { ...USED, imageInput: 2 } } },
      { ...tokens, imageInput: 2, images: 3, evidence: "reported" },
    ],
    [
      "pictures without tokens",
      "/v1/images/edits",
      { prompt: "a", n: 2 },
      { answer: { usage: false } },
      { ...tokens, input: 0, output: 0, images: 2, evidence: "counted" },
    ],
    [
      "speech in characters",
      "/v1/audio/speech",
      { input: "née 👩‍👩‍👧!", voice: "v" },
      {},
      { ...tokens, input: 0, output: 0, characters: 10, evidence: "counted" },
    ],
    [
      "speech in events",
      "/v1/audio/speech",
      { input: "née", voice: "v", stream_format: "sse" },
      { answer: { usage: USED } },
      { ...tokens, characters: 3, evidence: "reported" },
    ],
  ];
  test.each(table)("%s", async (_name, path, body, behaviour, usage) => {
    fake.play(() => behaviour);
    const recorded = last();
    await (await box.post(path, { model: "m", ...body })).arrayBuffer();
    expect((await recorded).usage).toEqual(usage as never);
  });

  test("but nothing for a request that failed", async () => {
    fake.play(() => failing(400));
    const recorded = last();
    await box.post("/v1/audio/speech", { model: "m", input: "words" });
    expect((await recorded).usage).toBeUndefined();
  });
});

describe("speech", () => {
  test("arrives byte by byte as it is, under its type", async () => {
    const response = await box.post("/v1/audio/speech", { model: "m", input: "words", voice: "alloy" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "audio/mpeg"]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(AUDIO));
  });

  test("of an upstream that names no type is bytes", async () => {
    fake.play({ reply: { body: Uint8Array.of(255, 0, 254) } });
    const response = await box.post("/v1/audio/speech", { model: "m", input: "words" });
    expect([response.headers.get("content-type"), [...new Uint8Array(await response.arrayBuffer())]]).toEqual(["application/octet-stream", [255, 0, 254]]);
  });

  test.each<[string, Behaviour]>([
    ["cut before its first byte", { cut: "before-body" }],
    ["without a byte", { reply: { headers: { "content-type": "audio/mpeg" }, body: "" } }],
    ["that is a page in HTML", HTML_200],
  ])("%s is asked for elsewhere", async (_name, behaviour) => {
    fake.play(() => behaviour);
    for (let time = 0; time < 2; time++) {
      const response = await box.post("/v1/audio/speech", { model: "two", input: "words" });
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.concat(AUDIO));
    }
    expect([fake.seen.length, second.seen.length]).toEqual([1, 2]);
  });

  test("cut in the middle is cut for the client too, and asked for nowhere else", async () => {
    fake.play(() => ({ cut: { afterBytes: 2500 } }));
    second.play(() => ({ cut: { afterBytes: 2500 } }));
    const recorded = last();
    const response = await box.post("/v1/audio/speech", { model: "two", input: "words" });
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await recorded).toMatchObject({ status: 200, outcome: "failed", failure: "upstream-error", usage: { characters: 5 } });
    expect(fake.seen.length + second.seen.length).toBe(1);
    expect(box.complaints).toEqual([]);
  });
});
