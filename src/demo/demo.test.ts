import { describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../vocabulary/json.ts";
import { instanceOf, placesIn } from "./instance.ts";
import { DEMO_MODELS, demoModel } from "./models.ts";
import { createSimulatedProvider, type DemoProvider } from "./provider.ts";
import { smallTalk } from "./small-talk.ts";
import { embeddingOf, tokensOf } from "./tokens.ts";

const CHAT = "/v1/chat/completions";
const post = (provider: DemoProvider, path: string, body: object, signal?: AbortSignal) =>
  provider(new Request(`http://demo${path}`, { method: "POST", body: JSON.stringify(body), signal }));
const asking = (text: string, rest: object = {}) => ({ model: "demo-chat@0ms", messages: [{ role: "user", content: text }], ...rest });
const answerOf = async (body: object) =>
  (await (
    await post(
      createSimulatedProvider(() => 1000),
      CHAT,
      body,
    )
  ).json()) as JsonObject;
const choiceOf = async (body: object) => objectOf(listOf((await answerOf(body)).choices)[0]);
const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Current weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" }, unit: { enum: ["celsius", "fahrenheit"] } }, required: ["city"] },
  },
};

test("small talk", () => {
  const table: [string, string][] = [
    ["What is 12 * 7?", "12 * 7 = 84"],
    ["0.1 + 0.2", "0.1 + 0.2 = 0.3"],
    ["1 / 0", "Nothing can be divided by zero."],
    ["the capital of France?", "The capital of France is Paris."],
    ["the capital of constructor?", smallTalk("the capital of Nowhere?").replaceAll("Nowhere", "constructor")],
    ["count to 4", "1, 2, 3, 4"],
    ['Say "pong"', "pong"],
    ["", "You sent no text. Ask me something."],
  ];
  for (const [prompt, said] of table) expect(smallTalk(prompt)).toBe(said);
  expect(smallTalk("Explain quantum foam")).toContain("“Explain quantum foam”");
});

test("tokens join to the text, models take a pace, near texts are near", () => {
  for (const text of ["", " a  bb\n\ncccccccccc ", "Привет, мир 👩‍👩‍👧"]) expect(tokensOf(text).join("")).toBe(text);
  expect(demoModel("demo-slow@5ms")).toMatchObject({ id: "demo-slow", firstDelay: 5, tokenDelay: 5 });
  expect(demoModel("gpt-4")).toBeUndefined();
  const dot = (left: string, right: string) => embeddingOf(left, 256).reduce((sum, value, index) => sum + value * (embeddingOf(right, 256)[index] ?? 0), 0);
  expect(dot("a red house", "the red house")).toBeGreaterThan(dot("a red house", "quantum foam"));
  expect(placesIn("weather in New York, Paris and Rome today")).toEqual(["New York", "Paris", "Rome"]);
});

test("instances of schemas that ask for too much are short", () => {
  const itself: JsonObject = { type: "object", properties: {}, required: ["a", "b", "c"] };
  itself["properties"] = { a: { $ref: "#" }, b: { $ref: "#" }, c: { $ref: "#" } };
  const greedy: JsonObject[] = [itself, { type: "string", minLength: 1e12 }, { type: "array", minItems: 1e12, items: { type: "string", minLength: 1e12 } }];
  for (const schema of greedy) expect(JSON.stringify(instanceOf(schema, "")).length).toBeLessThan(11_000_000);
});

test("instances of schemas", () => {
  const table: [JsonObject, unknown][] = [
    [{ type: "object", properties: { city: { type: "string" } } }, { city: "Oslo" }],
    [{ enum: ["red", "seven"] }, "seven"],
    [{ type: ["null", "integer"], minimum: 10 }, 10],
    [{ type: "number", exclusiveMaximum: 3 }, 2.5],
    [{ type: "integer", multipleOf: 5 }, 5],
    [{ type: "array", items: { const: 1 }, minItems: 2 }, [1, 1]],
    [{ anyOf: [{ type: "null" }, { type: "boolean" }] }, true],
    [{ $ref: "#/$defs/day", $defs: { day: { type: "string", format: "date" } } }, "2026-01-31"],
    [{ allOf: [{ properties: { a: { const: 1 } } }, { type: "object", properties: { b: { const: 2 } } }] }, { a: 1, b: 2 }],
    [{ type: "string", minLength: 8, maxLength: 8 }, "demoxxxx"],
  ];
  for (const [schema, instance] of table) expect(instanceOf(schema, "seven of 7 in Oslo")).toEqual(instance as never);
  const tree: JsonObject = { type: "object", properties: { children: { type: "array", items: { $ref: "#" } } } };
  expect(JSON.stringify(instanceOf(tree, "")).length).toBeLessThan(200);
  const endless: JsonObject = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };
  expect(typeof instanceOf(endless, "")).toBe("object");
});

describe("chat", () => {
  test("usage adds up, limits and stops are honoured, n gives choices", async () => {
    const answer = await answerOf(asking("count to 50", { max_tokens: 3, n: 2 }));
    expect(answer).toMatchObject({ object: "chat.completion", created: 1, model: "demo-chat@0ms", usage: { completion_tokens: 6 } });
    expect(listOf(answer.choices)).toHaveLength(2);
    const usage = objectOf(answer.usage);
    expect(usage.total_tokens).toBe(Number(usage.prompt_tokens) + Number(usage.completion_tokens));
    expect(await choiceOf(asking("count to 50", { max_tokens: 3 }))).toMatchObject({ finish_reason: "length" });
    expect(await choiceOf(asking("count to 9", { stop: ", 4" }))).toMatchObject({ finish_reason: "stop", message: { content: "1, 2, 3" } });
  });

  test("tools: called when they fit, in parallel for several places, read back after", async () => {
    const called = await choiceOf(asking("Weather in Paris and Rome in celsius?", { tools: [WEATHER] }));
    expect(called.finish_reason).toBe("tool_calls");
    const calls = listOf(objectOf(called.message).tool_calls).map((call) => objectOf(objectOf(call).function).arguments);
    expect(calls).toEqual(['{"city":"Paris","unit":"celsius"}', '{"city":"Rome","unit":"celsius"}']);
    expect(await choiceOf(asking("hello", { tools: [WEATHER] }))).toMatchObject({ finish_reason: "stop" });
    expect(await choiceOf(asking("hello", { tools: [WEATHER], tool_choice: "required" }))).toMatchObject({ finish_reason: "tool_calls" });
    const after = [
      { role: "user", content: "Weather in Paris?" },
      { role: "assistant", tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }] },
      { role: "tool", tool_call_id: "c1", content: '{"temperature":21,"sky":"clear"}' },
    ];
    const told = await choiceOf({ model: "demo-chat@0ms", messages: after, tools: [WEATHER] });
    expect(told).toMatchObject({ message: { content: "According to get_weather: temperature is 21, sky is clear." } });
  });

  test("JSON schema, JSON object and reasoning", async () => {
    const schema = { type: "object", properties: { answer: { type: "integer" } }, required: ["answer"] };
    const format = { type: "json_schema", json_schema: { name: "a", schema } };
    expect(await choiceOf(asking("42 please", { response_format: format }))).toMatchObject({ message: { content: '{"answer":42}' } });
    expect(await choiceOf(asking("1 + 1", { response_format: { type: "json_object" } }))).toMatchObject({ message: { content: '{"answer":"1 + 1 = 2"}' } });
    const thought = await answerOf({ ...asking("hello"), model: "demo-reasoner@0ms" });
    expect(objectOf(objectOf(listOf(thought.choices)[0]).message).reasoning_content).toContain("The user wants");
    expect(Number(objectOf(objectOf(thought.usage).completion_tokens_details).reasoning_tokens)).toBeGreaterThan(5);
  });

  test("a stream says what the whole answer says, and its usage when asked", async () => {
    for (const body of [asking("capital of Japan"), asking("Weather in Oslo", { tools: [WEATHER] })]) {
      const whole = objectOf((await choiceOf(body)).message);
      const response = await post(createSimulatedProvider(), CHAT, { ...body, stream: true, stream_options: { include_usage: true } });
      const frames = (await response.text()).split("\n\n").filter(Boolean);
      expect(frames.pop()).toBe("data: [DONE]");
      const chunks = frames.map((frame) => JSON.parse(frame.slice("data: ".length)) as JsonObject);
      const deltas = chunks.map((chunk) => objectOf(objectOf(listOf(chunk.choices)[0]).delta));
      expect(deltas.map((delta) => delta.content ?? "").join("")).toBe((whole.content ?? "") as string);
      const streamed = deltas
        .flatMap((delta) => listOf(delta.tool_calls))
        .map((call) => objectOf(objectOf(call).function).arguments)
        .join("");
      const called = objectOf(objectOf(listOf(whole.tool_calls)[0]).function).arguments ?? "";
      expect(streamed).toBe(called as string);
      expect(objectOf(chunks.at(-1)?.usage).total_tokens).toBeGreaterThan(3);
    }
  });
});

describe("other routes", () => {
  test("models, completions, embeddings, and what there is not", async () => {
    const provider = createSimulatedProvider();
    const list = (await (await provider(new Request("http://demo/v1/models"))).json()) as JsonObject;
    expect(listOf(list.data)).toHaveLength(DEMO_MODELS.length);
    expect((await provider(new Request("http://demo/v1/models/demo-embed"))).status).toBe(200);
    expect(await (await post(provider, "/v1/completions", { model: "demo-chat@0ms", prompt: "1 + 1" })).json()).toMatchObject({
      choices: [{ text: "1 + 1 = 2" }],
    });
    expect(await (await post(provider, "/v1/completions", { model: "demo-chat@0ms", prompt: "1 + 1", stream: true })).text()).toEndWith("data: [DONE]\n\n");
    const plain = (await (await post(provider, "/v1/embeddings", { model: "demo-embed", input: ["a", "b"], dimensions: 4 })).json()) as JsonObject;
    expect(listOf(plain.data).map((row) => listOf(objectOf(row).embedding).length)).toEqual([4, 4]);
    const packed = (await (
      await post(provider, "/v1/embeddings", { model: "demo-embed", input: "a", dimensions: 4, encoding_format: "base64" })
    ).json()) as JsonObject;
    const bytes = Buffer.from(String(objectOf(listOf(packed.data)[0]).embedding), "base64");
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, 4)]).toEqual(listOf(objectOf(listOf(plain.data)[0]).embedding) as number[]);

    const missing: [Promise<Response>, number][] = [
      [post(provider, CHAT, { model: "demo-embed", messages: [] }), 404],
      [post(provider, "/v1/other", {}), 404],
      [provider(new Request("http://demo/v1/models/gpt-4")), 404],
      [post(provider, CHAT, []), 400],
    ];
    for (const [response, status] of missing) expect((await response).status).toBe(status);
  });

  test("flaky models take turns, broken ones fail, silent ones can be left", async () => {
    const provider = createSimulatedProvider();
    const outcomes: string[] = [];
    for (let call = 0; call < 8; call++) {
      const response = await post(provider, CHAT, { ...asking("count to 20", { stream: true }), model: "demo-flaky@0ms" });
      const text = await response.text();
      outcomes.push(response.ok ? (/"error"|\[DONE\]/.exec(text)?.[0] ?? "broken off") : String(response.status));
    }
    expect(outcomes).toEqual(["[DONE]", "503", "[DONE]", '"error"', "[DONE]", "429", "[DONE]", "broken off"]);
    expect((await post(provider, CHAT, asking("x", { model: "demo-broken" }))).status).toBe(500);
    const leaving = new AbortController();
    const waiting = post(provider, CHAT, asking("x", { model: "demo-silent" }), leaving.signal);
    leaving.abort();
    expect((await waiting).status).toBe(500);
  });
});
