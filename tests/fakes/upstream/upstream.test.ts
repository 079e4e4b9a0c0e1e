import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Json, type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { AUDIO } from "./answers/others.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, redirectingTo, type Script } from "./behaviours.ts";
import { type FakeUpstream, refusingAddress, startFakeUpstream } from "./server.ts";

let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream({}, { models: ["one", "two"] });
});
afterAll(() => fake.stop());

const CHAT = "/v1/chat/completions";
const RESPONSES = "/v1/responses";
const chat = (text: string, rest: object = {}) => ({ model: "one", messages: [{ role: "user", content: text }], ...rest });

function post(path: string, body: object, script: Script = {}, init: RequestInit = {}): Promise<Response> {
  fake.forget();
  fake.play(script);
  return fetch(fake.url + path, { method: "POST", body: JSON.stringify(body), redirect: "manual", ...init });
}

describe("answers, one per dialect", () => {
  const tools = [{ type: "function", function: { name: "get_weather" } }];
  const user = [{ role: "user", content: "привет" }];
  const contents = [{ role: "user", parts: [{ text: "привет" }] }];
  const table: [name: string, path: string, body: object, expected: string][] = [
    ["chat", CHAT, chat("привет"), '"content":"You said: привет"'],
    ["chat stream", CHAT, chat("привет", { stream: true }), "data: [DONE]\n\n"],
    ["chat stream usage", CHAT, chat("a", { stream: true, stream_options: { include_usage: true } }), '"choices":[],"usage":{"prompt_tokens":'],
    ["chat tools", CHAT, chat("use get_weather", { tools }), '"finish_reason":"tool_calls"'],
    ["chat n", CHAT, chat("a", { n: 2 }), '"index":1,"message"'],
    ["chat refusal", CHAT, chat("refuse this"), '"refusal":"I cannot help with that."'],
    ["chat thinking", CHAT, chat("think first"), '"reasoning_content":"The user wants an echo."'],
    ["chat logprobs", CHAT, chat("a", { logprobs: true }), '"logprob":-0.25'],
    ["completions", "/v1/completions", { model: "one", prompt: "hi" }, '"text":"You said: hi"'],
    ["completions stream", "/v1/completions", { model: "one", prompt: "hi", stream: true }, "data: [DONE]\n\n"],
    ["embeddings", "/v1/embeddings", { model: "one", input: ["a", "b"] }, '"index":1,"embedding":['],
    ["embeddings base64", "/v1/embeddings", { model: "one", input: "a", encoding_format: "base64", dimensions: 3 }, '"embedding":"'],
    ["responses", RESPONSES, { model: "one", input: "привет" }, '"text":"You said: привет"'],
    ["responses items", RESPONSES, { model: "one", input: [{ role: "user", content: [{ type: "input_text", text: "hi" }] }] }, '"text":"You said: hi"'],
    ["responses stream", RESPONSES, { model: "one", input: user, stream: true }, "event: response.completed\n"],
    ["responses refusal", RESPONSES, { model: "one", input: "refuse this" }, '"content":[{"type":"refusal","refusal":"I cannot help with that."}]'],
    ["responses thinking", RESPONSES, { model: "one", input: "think", reasoning: { summary: "auto" } }, '"summary":[{"type":"summary_text","text":"The user'],
    ["responses proof", RESPONSES, { model: "one", input: "think", include: ["reasoning.encrypted_content"] }, '"summary":[],"encrypted_content":"encrypted-'],
    [
      "responses tools",
      RESPONSES,
      { model: "one", input: "use get_weather", tools: [{ type: "function", name: "get_weather" }] },
      '"type":"function_call","status":"completed"',
    ],
    ["responses count", `${RESPONSES}/input_tokens`, { model: "one", input: "hi" }, '{"object":"response.input_tokens","input_tokens":'],
    ["rerank", "/v1/rerank", { model: "one", query: "red house", documents: ["blue", "a red house"], top_n: 1 }, '"results":[{"index":1,'],
    ["moderations", "/v1/moderations", { model: "one", input: "a" }, '"flagged":false'],
    ["images", "/v1/images/generations", { model: "one", prompt: "a" }, '"b64_json":"iVBOR'],
    ["images stream", "/v1/images/generations", { model: "one", prompt: "a", stream: true }, "event: image_generation.completed\n"],
    ["speech events", "/v1/audio/speech", { model: "one", input: "a", stream_format: "sse" }, '"type":"speech.audio.done"'],
    ["anthropic", "/v1/messages", { model: "one", max_tokens: 9, messages: user }, '"text":"You said: привет"'],
    ["anthropic stream", "/v1/messages", { model: "one", messages: user, stream: true }, "event: message_stop\n"],
    ["anthropic count", "/v1/messages/count_tokens", { model: "one", messages: user }, '{"input_tokens":'],
    ["gemini", "/v1beta/models/one:generateContent", { contents }, '"text":"You said: привет"'],
    ["gemini sse", "/v1beta/models/one:streamGenerateContent?alt=sse", { contents }, '"finishReason":"STOP"'],
    ["gemini embeddings", "/v1beta/models/one:batchEmbedContents", { requests: [{ content: contents[0] }] }, '"embeddings":[{"values":['],
    ["ollama", "/api/chat", { model: "one", messages: user, stream: false }, '"content":"You said: привет"'],
    ["ollama stream", "/api/chat", { model: "one", messages: user }, '"done":true,"done_reason":"stop"'],
    ["ollama embeddings", "/api/embed", { model: "one", input: "a" }, '"embeddings":[['],
  ];
  for (const [name, path, body, expected] of table) {
    test(name, async () => {
      const response = await post(path, body);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(expected);
    });
  }

  test("forms", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ model: "one", stream: "true", prompt: "two\r\nlines" })) form.append(name, value);
    form.append("file", new Blob([Buffer.concat(AUDIO)]), "a.wav");
    fake.forget();
    const response = await fetch(`${fake.url}/v1/audio/transcriptions`, { method: "POST", body: form });
    expect(await response.text()).toContain('"type":"transcript.text.done"');
    expect(fake.seen[0]).toMatchObject({ model: "one", json: { model: "one", stream: true, prompt: "two\r\nlines" } });
  });

  test("sound", async () => {
    const response = await post("/v1/audio/speech", { model: "one", input: "a" });
    expect([response.headers.get("content-type"), Buffer.from(await response.arrayBuffer())]).toEqual(["audio/mpeg", Buffer.concat(AUDIO)]);
  });

  test("a Gemini stream without alt=sse is one JSON array", async () => {
    const response = await post("/v1beta/models/one:streamGenerateContent", { contents });
    expect(Array.isArray(await response.json())).toBe(true);
  });

  test("model lists of each dialect name the models", async () => {
    for (const path of ["/v1/models", "/v1beta/models", "/api/tags"]) expect(await (await fetch(fake.url + path)).text()).toContain("two");
    expect(await (await fetch(`${fake.url}/v1/models`, { headers: { "anthropic-version": "2023-06-01" } })).json()).toMatchObject({ has_more: false });
  });

  test("usage is written as each dialect counts it", async () => {
    const answer = { text: "x", usage: { input: 10, cacheRead: 5, cacheWrite5m: 3, output: 7, reasoning: 4 } };
    const usage = async (path: string, body: object, field: string) => objectOf(objectOf(await (await post(path, body, { answer })).json())[field]);
    expect(await usage(CHAT, chat("a"), "usage")).toMatchObject({ prompt_tokens: 18, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 5 } });
    const input = { input_tokens: 18, input_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 }, output_tokens_details: { reasoning_tokens: 4 } };
    expect(await usage(RESPONSES, { model: "one", input: "a" }, "usage")).toMatchObject(input);
    expect(await usage("/v1/messages", chat("a"), "usage")).toMatchObject({ input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 3 });
    const counts = { promptTokenCount: 18, candidatesTokenCount: 3, thoughtsTokenCount: 4, totalTokenCount: 25 };
    expect(await usage("/v1beta/models/one:generateContent", { contents }, "usageMetadata")).toMatchObject(counts);
  });

  test("interleaved tool calls come in turns", async () => {
    const twoTools = [...tools, { type: "function", function: { name: "get_time" } }];
    const response = await post(CHAT, chat("interleave get_weather get_time", { tools: twoTools, stream: true }));
    const order = [...(await response.text()).matchAll(/"tool_calls":\[\{"index":(\d),"function"/g)].map((match) => match[1]).join("");
    expect(order.slice(0, 4)).toBe("0101");
  });

  test("a Responses stream numbers its events, and every item of it is done as the whole answer has it", async () => {
    const body = { model: "one", input: "think: interleave get_weather get_time", reasoning: { summary: "auto" }, include: ["reasoning.encrypted_content"] };
    const both = {
      ...body,
      tools: [
        { type: "function", name: "get_weather" },
        { type: "function", name: "get_time" },
      ],
    };
    const text = await (await post(RESPONSES, { ...both, stream: true })).text();
    const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, event, data]) => ({ event, ...objectOf(JSON.parse(data ?? "")) }) as JsonObject);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
    expect(events.every((event) => event.type === event.event)).toBe(true);
    const done = events.filter((event) => event.type === "response.output_item.done").toSorted((a, b) => Number(a.output_index) - Number(b.output_index));
    expect(objectOf(events.at(-1)?.response).output).toEqual(done.map((event) => event.item as Json));
    expect(done.map((event) => objectOf(event.item).type)).toEqual(["reasoning", "function_call", "function_call"]);
  });

  test("a Responses answer that was cut short says why", async () => {
    const ends: [Behaviour, string][] = [
      [{ answer: { text: "a", finish: "length" } }, '"incomplete_details":{"reason":"max_output_tokens"}'],
      [{ answer: { text: "a", finish: "content-filter" } }, '"incomplete_details":{"reason":"content_filter"}'],
    ];
    for (const [behaviour, expected] of ends) {
      expect(await (await post(RESPONSES, { model: "one", input: "a" }, behaviour)).text()).toContain(expected);
      expect(await (await post(RESPONSES, { model: "one", input: "a", stream: true }, behaviour)).text()).toContain("event: response.incomplete\n");
    }
  });
});

describe("misbehaviour", () => {
  const stream = chat("наконец", { stream: true });
  const whole: Behaviour[] = [
    { chunks: 1 },
    { chunks: 7 },
    { chunks: 64 },
    { chunks: "whole" },
    { encoding: "gzip" },
    { encoding: "zstd" },
    { length: "until-close" },
  ];
  for (const behaviour of whole) {
    test(`${JSON.stringify(behaviour)} gives the same bytes`, async () => {
      const expected = await (await post(CHAT, stream)).text();
      expect(await (await post(CHAT, stream, behaviour)).text()).toBe(expected);
    });
  }

  const texts: [Behaviour, string | RegExp][] = [
    [HTML_200, "<h1>Welcome</h1>"],
    [EMPTY_200, /^$/],
    [{ drop: ["end"] }, /"finish_reason":"stop"\}\]\}\n\n$/],
    [{ drop: ["finish", "end"] }, /"content":"наконец"[^\n]*\n\n$/],
    [{ errorFrame: { afterFrames: 1 } }, /"role":"assistant"[^\n]*\n\ndata: \{"error":[^\n]*\n\n$/],
    [{ errorFrame: { afterFrames: 0, data: "{}" } }, /^data: \{\}\n\n$/],
    [{ framing: { newline: "\r\n", comments: true } }, /^: keep-alive\r\ndata: [^\n]*\r\n\r\n/],
    [{ framing: { pings: true } }, ": ping\n\ndata: "],
    [{ framing: { multiline: true } }, 'data: {\ndata:  "id"'],
    [{ framing: { tight: true } }, "data:[DONE]"],
    [{ halfCharacter: true }, /након?е?\uFFFD$/],
    [{ endAfterFrames: 2 }, /^data: [^\n]*\n\ndata: [^\n]*\n\n$/],
  ];
  for (const [behaviour, expected] of texts) {
    test(JSON.stringify(behaviour), async () => {
      const text = await (await post(CHAT, stream, behaviour)).text();
      if (typeof expected === "string") expect(text).toContain(expected);
      else expect(text).toMatch(expected);
    });
  }

  test("the Responses dialect fails and pings in its own words", async () => {
    const asked = { model: "one", input: "a", stream: true };
    expect(await (await post(RESPONSES, asked, { errorFrame: { afterFrames: 2 } })).text()).toMatch(/\nevent: error\ndata: \{"type":"error",[^\n]*\n\n$/);
    expect(await (await post(RESPONSES, asked, { framing: { pings: true } })).text()).toContain('event: keepalive\ndata: {"type": "keepalive"}\n\n');
    expect(await (await post(RESPONSES, asked, { drop: ["end"] })).text()).not.toContain("response.completed");
    expect(await (await post(RESPONSES, asked, failing(429))).json()).toMatchObject({ error: { type: "rate_limit_exceeded" } });
  });

  test("a byte order mark opens the stream", async () => {
    const bytes = await (await post(CHAT, stream, { framing: { bom: true } })).bytes();
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });

  test("cuts reject the reader after what was sent", async () => {
    for (const cut of [{ afterFrames: 2 }, { afterBytes: 100 }]) {
      const response = await post(CHAT, stream, { cut });
      const got: Uint8Array[] = [];
      const reading = (async () => {
        for await (const piece of response.body ?? []) got.push(piece);
      })();
      expect(await reading.then(() => "ended").catch(() => "rejected")).toBe("rejected");
      expect(Buffer.concat(got).length).toBeGreaterThan(99);
      expect(await fake.seen[0]?.settled).toBe("cut");
    }
  });

  test("cuts before headers, wrong lengths and refused connections reject", async () => {
    const outcome = (attempt: Promise<Response>) =>
      attempt
        .then((response) => response.text())
        .then(
          () => "answered",
          () => "rejected",
        );
    expect(await outcome(post(CHAT, stream, { cut: "before-headers" }))).toBe("rejected");
    expect(await outcome(post(CHAT, chat("a"), { length: 100_000 }))).toBe("rejected");
    expect(await outcome(fetch(await refusingAddress()))).toBe("rejected");
  });

  test("statuses, headers and redirects", async () => {
    const limited = await post(CHAT, chat("a"), failing(429, 7));
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await limited.json()).toMatchObject({ error: { type: "rate_limit_exceeded" } });
    expect(await (await post("/v1/messages", chat("a"), failing(529))).json()).toMatchObject({ error: { type: "overloaded_error" } });
    expect((await post(CHAT, chat("a"), redirectingTo("http://127.0.0.1:1/"))).status).toBe(307);
  });

  test("queues end in good behaviour, tables go by model, requests bring their own", async () => {
    fake.play([failing(500), failing(503)]);
    expect((await fetch(`${fake.url}/v1/models`)).status).toBe(200);
    const status = async (body: object, headers: Record<string, string> = {}) =>
      (await fetch(fake.url + CHAT, { method: "POST", body: JSON.stringify(body), headers })).status;
    expect([await status(chat("a")), await status(chat("a")), await status(chat("a"))]).toEqual([500, 503, 200]);
    fake.play({ models: { two: failing(400) } });
    expect([await status(chat("a")), await status(chat("a", { model: "two" }))]).toEqual([200, 400]);
    expect(await status(chat("a"), { "x-fake": JSON.stringify(failing(418)) })).toBe(418);
    expect(await status(chat(`fake:${JSON.stringify(failing(418))}`))).toBe(418);
  });
});

describe("what it remembers", () => {
  test("the exact body, headers, path and connection", async () => {
    await (await post(`${CHAT}?a=1`, chat("тест"), {}, { headers: { "X-Mine": "yes" } })).text();
    const [seen] = fake.seen;
    expect(seen).toMatchObject({ method: "POST", path: `${CHAT}?a=1`, model: "one", text: JSON.stringify(chat("тест")), aborted: undefined });
    expect(seen?.headers["x-mine"]).toBe("yes");
    expect(await seen?.settled).toBe("whole");
  });

  const waits: Behaviour[] = [
    { stall: "before-headers" },
    { stall: "before-body" },
    { stall: { afterFrames: 1 } },
    { endlessHeaders: true },
    { delay: 60_000 },
  ];
  for (const behaviour of waits) {
    test(`a client that leaves during ${JSON.stringify(behaviour)}`, async () => {
      const leaving = new AbortController();
      const reading = post(CHAT, chat("a", { stream: true }), behaviour, { signal: leaving.signal }).then((response) => response.text());
      const outcome = reading.then(
        () => "answered",
        () => "left",
      );
      const seen = await fake.request(0);
      expect(seen.aborted).toBeUndefined();
      leaving.abort();
      expect(await seen.settled).toBe("client-left");
      expect(seen.aborted).toBeGreaterThanOrEqual(seen.at);
      expect(await outcome).toBe("left");
    });
  }
});
