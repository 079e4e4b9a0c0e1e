import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type Json, objectOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type HeardOllama, hearOllama, hearOllamaStream } from "../hearers/ollama.ts";

/** A client of Ollama's `/api/chat` before every kind of upstream: it must not be able to tell them apart. */
const KINDS = ["ollama", "openai", "anthropic", "gemini"] as const;
/** OpenAI's models that think are asked in Responses, which tests of their own look at; these look at its chats. */
const CHAT = { dialect: "openai-chat" } as const;
const MODELS = { ollama: "gpt-oss:20b", openai: "o4-mini", anthropic: "claude-sonnet-4-5", gemini: "gemini-2.5-flash" } as const;

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url, model: MODELS[kind], profile: kind === "openai" ? CHAT : {} }]])),
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

const HI = { role: "user", content: "hi" };
const ask = (body: object) => box.post("/api/chat", { messages: [HI], ...body });

async function heard(response: Promise<Response>, hear = hearOllamaStream): Promise<HeardOllama> {
  const all = hear(await (await response).text());
  expect(all.problems).toEqual([]);
  return all;
}
const upstream = async () => objectOf((await fake.request(0)).json);

describe.each([...KINDS])("%s", (kind) => {
  const answer: Answer = { thinking: "The user greets.", text: "Hello there, dear user.", usage: { input: 7, output: 5 } };

  test("a stream, which nobody had to ask for", async () => {
    fake.play({ answer });
    const response = await ask({ model: kind });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    const { text, thinking, lines } = await heard(Promise.resolve(response));
    expect([text, thinking]).toEqual(["Hello there, dear user.", kind === "openai" ? expect.any(String) : "The user greets."]);
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: "stop", prompt_eval_count: 7, eval_count: 5, total_duration: expect.any(Number) });
    expect((await box.record(box.records.length - 1)).usage).toMatchObject({ input: 7, output: 5, evidence: "reported" });
  });

  test("a whole answer, when it says so", async () => {
    fake.play({ answer: { ...answer, finish: "length" } });
    const response = await ask({ model: kind, stream: false });
    expect(response.headers.get("content-type")).toBe("application/json");
    const { text, lines } = await heard(Promise.resolve(response), hearOllama);
    expect(text).toBe("Hello there, dear user.");
    expect(lines[0]).toMatchObject({ done: true, done_reason: "length", prompt_eval_count: 7, eval_count: 5 });
  });

  const tools = [
    { type: "function", function: { name: "weather", description: "w", parameters: { type: "object", properties: { city: { type: "string" } } } } },
  ];
  const toolCalls = [
    { name: "weather", arguments: { city: "Paris" } },
    { name: "weather", arguments: { city: "Omsk" } },
  ];

  test("tools, there and back", async () => {
    fake.play([{ answer: { toolCalls, interleaved: true } }, { answer: { text: "Warm and cold." } }]);
    const messages: Json[] = [HI];
    const { calls, finish } = await heard(ask({ model: kind, tools, messages }));
    expect(calls.map(({ name, arguments: given }) => ({ name, arguments: given }))).toEqual(toolCalls);
    expect(finish).toBe("stop");
    messages.push({
      role: "assistant",
      content: "",
      tool_calls: calls.map(({ id, name, arguments: given = {} }) => ({ id, function: { name, arguments: given } })),
    });
    for (const city of ["21 °C", "-30 °C"]) messages.push({ role: "tool", content: city, tool_name: "weather" });
    const { text } = await heard(ask({ model: kind, tools, messages, stream: false }), hearOllama);
    expect(text).toBe("Warm and cold.");
    const second = JSON.stringify((await fake.request(1)).json);
    expect(second.indexOf("Paris")).toBeLessThan(second.indexOf("Omsk"));
    expect(second.indexOf("Omsk")).toBeLessThan(second.indexOf("21 °C"));
    expect(second.indexOf("21 °C")).toBeLessThan(second.indexOf("-30 °C"));
  });

  test("calls without ids get the same ones on the call and on its result", async () => {
    const given = { function: { name: "weather", arguments: { city: "Paris" } } };
    await ask({
      model: kind,
      tools,
      messages: [HI, { role: "assistant", tool_calls: [given, given] }, { role: "tool", content: "a" }, { role: "tool", content: "b" }],
    });
    const ids: readonly string[] = JSON.stringify(await upstream()).match(/call_1_\d/g) ?? [];
    // Ollama gets what its client wrote; Gemini pairs by name and order.
    if (kind === "openai" || kind === "anthropic") expect(ids).toEqual(["call_1_0", "call_1_1", "call_1_0", "call_1_1"]);
    else expect(ids.filter((id) => ids.filter((each) => each === id).length !== 2)).toEqual([]);
  });

  test("a picture, whose type only its bytes tell", async () => {
    const image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    expect((await ask({ model: kind, messages: [{ ...HI, images: [image] }] })).status).toBe(200);
    const sent = JSON.stringify(await upstream());
    expect(sent).toContain(image);
    expect(sent.includes("image/png")).toBe(kind !== "ollama");
  });

  test("a picture as a data: URL", async () => {
    expect((await ask({ model: kind, messages: [{ ...HI, images: ["data:image/png;base64,iVBORw0KGgo="] }] })).status).toBe(200);
    const sent = JSON.stringify(await upstream());
    expect(sent).toContain("iVBORw0KGgo=");
    expect(sent.includes("image/png")).toBe(kind !== "ollama");
  });

  test("a schema for the answer, and how hard to think about it", async () => {
    const format = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
    await ask({ model: kind, format, think: "high", options: { num_predict: 2000 } });
    const body = await upstream();
    const expected = {
      ollama: { format, think: "high", options: { num_predict: 2000 } },
      openai: { response_format: { type: "json_schema", json_schema: { schema: format } }, reasoning_effort: "high", max_completion_tokens: 2000 },
      anthropic: { output_config: { format: { type: "json_schema" } }, thinking: { type: "enabled" }, max_tokens: 2000 },
      gemini: { generationConfig: { responseJsonSchema: format, maxOutputTokens: 2000, thinkingConfig: { includeThoughts: true } } },
    };
    expect(body).toMatchObject(expected[kind]);
  });

  test("a failure before the answer keeps its status", async () => {
    fake.play(failing(429, 3));
    const response = await ask({ model: kind });
    expect([response.status, response.headers.get("retry-after"), response.headers.get("content-type")]).toEqual([429, "3", "application/json"]);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  test("a failure inside the answer is its last line", async () => {
    fake.play({ answer: { text: ["a", "b", "c"] }, errorFrame: { afterFrames: kind === "anthropic" ? 4 : 2 } });
    const { lines } = await heard(ask({ model: kind }));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.at(-1)).toEqual({ error: expect.any(String) });
    expect((await box.record(box.records.length - 1)).outcome).toBe("failed");
  });

  test("an answer that breaks off ends in an error", async () => {
    fake.play({ answer: { text: ["a", "b", "c"] }, cut: { afterFrames: kind === "anthropic" ? 4 : 2 } });
    expect((await heard(ask({ model: kind }))).lines.at(-1)).toEqual({ error: expect.any(String) });
  });

  test("loading and putting away ask no upstream", async () => {
    for (const [keep, reason] of [
      [undefined, "load"],
      [0, "unload"],
    ] as const) {
      const response = await ask({ model: `${kind}:latest`, messages: [], keep_alive: keep });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ model: `${kind}:latest`, message: { role: "assistant", content: "" }, done: true, done_reason: reason });
    }
    expect(fake.seen).toHaveLength(0);
  });
});

describe("what is refused", () => {
  const rows: [string, object, number, string][] = [
    ["no body", "" as unknown as object, 400, "not valid JSON"],
    ["a model nobody knows", { model: "nobody" }, 404, 'The model "nobody" does not exist'],
    ["with a hint", { model: "opnai" }, 404, 'Did you mean "openai"?'],
    ["no model", { messages: [HI] }, 400, "model is missing"],
    ["a role nobody knows", { model: "openai", messages: [{ role: "wizard" }] }, 400, "messages[0].role must be one of"],
    ["a picture of no known type", { model: "openai", messages: [{ ...HI, images: ["aGVsbG8="] }] }, 400, "messages[0].images[0] must be"],
    ["a model nobody knows, to be loaded", { model: "nobody", messages: [] }, 404, 'The model "nobody" does not exist'],
  ];
  test.each(rows)("%s", async (_name, body, status, says) => {
    const response = await box.post("/api/chat", typeof body === "string" ? body : { messages: [HI], ...body });
    expect(response.status).toBe(status);
    const json = objectOf((await response.json()) as Json);
    expect(Object.keys(json)).toEqual(["error"]);
    expect(json["error"]).toContain(says);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(fake.seen).toHaveLength(0);
  });

  test("a key nobody knows", async () => {
    const response = await box.post("/api/chat", { model: "openai", messages: [HI] }, { headers: { authorization: "Bearer wrong" } });
    expect([response.status, await response.json()]).toEqual([401, { error: "This key is not known here." }]);
  });
});

describe("the express lane, Ollama before Ollama", () => {
  const REST = '"messages":[{"role":"user","content":"hi"}],"options":{"temperature":1.0,"seed":12345678901234567890},"x":-0';

  test("the request goes up as it is, but for the model's name", async () => {
    await (await box.post("/api/chat", `{ "model":"ollama:latest" ,${REST}}`)).text();
    expect((await fake.request(0)).text).toBe(`{ "model":"gpt-oss:20b" ,${REST}}`);
  });

  test("the answer comes back byte by byte, however it is cut", async () => {
    const frames = [
      '{"model":"x","created_at":"2026-01-01T00:00:00.123456789Z","message":{"role":"assistant","content":"Grü"},"done":false}\n',
      '{"model":"x","future":1.0,"message":{"role":"assistant","content":"ße"},"done":false}\n',
      '{"model":"x","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}\n',
    ];
    for (const chunks of [1, 7, "frame", "whole"] as const) {
      fake.play({ reply: { headers: { "content-type": "application/x-ndjson" }, frames }, chunks });
      expect(await (await ask({ model: "ollama" })).text()).toBe(frames.join(""));
    }
  });

  test("what it says of the request reaches the client unreworded", async () => {
    fake.play({ reply: { status: 400, body: { error: '"llama3.2" does not support tools' } } });
    const response = await ask({ model: "ollama" });
    expect([response.status, await response.text()]).toEqual([400, '{"error":"\\"llama3.2\\" does not support tools"}']);
  });

  test("what it says of our credentials does not", async () => {
    fake.play({ reply: { status: 401, body: { error: "unauthorized" } } });
    const response = await ask({ model: "ollama" });
    expect(response.status).toBe(502);
    expect(objectOf((await response.json()) as Json)["error"]).toContain("refused the gateway's own credentials");
  });
});

test("a stream whose upstream is slow to begin gets lines that say nothing", async () => {
  const slow = startBox({
    models: { m: [{ kind: "openai", url: fake.url }] },
    policy: { holdStatus: 20, comment: 20 },
  });
  fake.play({ answer: { text: "late" }, delay: 200 });
  const { text, lines } = await heard(slow.post("/api/chat", { model: "m", messages: [HI] }));
  await slow.stop();
  expect([text, lines.at(-1)?.["done"]]).toEqual(["late", true]);
  expect(lines[0]).toMatchObject({ model: "m", message: { role: "assistant", content: "" }, done: false });
});
