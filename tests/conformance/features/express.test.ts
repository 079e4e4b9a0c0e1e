import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import type { FramingQuirks } from "../../fakes/upstream/framing.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** The express lane: an OpenAI client before an OpenAI-compatible upstream. What we do not own crosses byte by byte, both ways. */
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: { "gpt-x": [{ kind: "openai-compatible", url: fake.url }], alias: [{ kind: "openai-compatible", url: fake.url, model: "org/real-model" }] },
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

const CHAT = "/v1/chat/completions";
const MESSAGES = '"messages":[{"role":"user","content":"hi"}]';
const sent = async (body: string, path = CHAT) => {
  const response = await box.post(path, body);
  const text = await response.text();
  expect([response.status, text.includes('"error"')]).toEqual([200, false]);
  return (await fake.request(fake.seen.length - 1)).text;
};

describe("a request reaches the upstream", () => {
  const untouched: [string, string][] = [
    ["numbers as they were written", `{"model":"gpt-x",${MESSAGES},"temperature":1.0,"top_p":1e0,"seed":12345678901234567890,"x":-0,"y":1E+2,"z":0.10}`],
    ["duplicate names", `{"model":"gpt-x",${MESSAGES},"temperature":0,"temperature":1}`],
    ["fields nobody knows", `{"model":"gpt-x",${MESSAGES},"chat_template_kwargs":{"deep":[null,{"a":1.0}]},"constructor":{},"__proto__":{"a":1}}`],
    ["escapes as they were written", '{"model":"gpt-x","messages":[{"role":"user","content":"\\u0041\\/\\ud83d\\ude00 \\u00e9 é 世界"}]}'],
    ["half a surrogate pair", '{"model":"gpt-x","messages":[{"role":"user","content":"\\ud83d"}]}'],
    ["white space as it was written", `\n{ "model" : "gpt-x" ,\r\n\t${MESSAGES} }\n`],
    ["parts of kinds nobody knows", '{"model":"gpt-x","messages":[{"role":"user","content":[{"type":"hologram","hologram":{}}]}]}'],
    [
      "tools of kinds nobody knows",
      `{"model":"gpt-x",${MESSAGES},"tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar"}}}],"tool_choice":{"type":"custom"}}`,
    ],
    ["a stream that asks for usage itself", `{"model":"gpt-x",${MESSAGES},"stream":true,"stream_options":{ "include_usage" : true }}`],
  ];
  test.each(untouched)("untouched: %s", async (_name, body) => {
    expect(await sent(body)).toBe(body);
  });

  const edited: [string, string, string][] = [
    ["the model's own name", `{"model":"alias",${MESSAGES},"temperature":1.0}`, `{"model":"org/real-model",${MESSAGES},"temperature":1.0}`],
    ["both of two models", `{"model":"gpt-x",${MESSAGES},"model":"alias"}`, `{"model":"org/real-model",${MESSAGES},"model":"org/real-model"}`],
    ["usage asked for", `{"model":"gpt-x",${MESSAGES},"stream":true}`, `{"model":"gpt-x",${MESSAGES},"stream":true,"stream_options":{"include_usage":true}}`],
    [
      "usage asked for beside other options",
      `{"model":"gpt-x","stream_options":{"include_obfuscation":false},${MESSAGES},"stream":true}`,
      `{"model":"gpt-x","stream_options":{"include_obfuscation":false,"include_usage":true},${MESSAGES},"stream":true}`,
    ],
  ];
  test.each(edited)("edited in its bytes: %s", async (_name, body, expected) => {
    expect(await sent(body)).toBe(expected);
  });

  test("the route that always streams sets only that", async () => {
    expect(await sent(`{"model":"gpt-x",${MESSAGES},"stream":false,"stream_options":{"include_usage":true}}`, `${CHAT}/stream`)).toBe(
      `{"model":"gpt-x",${MESSAGES},"stream":true,"stream_options":{"include_usage":true}}`,
    );
  });

  test("with our key, and none of the client's headers", async () => {
    await box.post(CHAT, `{"model":"gpt-x",${MESSAGES}}`, {
      headers: { authorization: "Bearer sb-test", "x-api-key": "sb-test", cookie: "a=b", "x-forwarded-for": "10.0.0.1", "content-type": "application/json" },
    });
    const { headers } = await fake.request(0);
    expect(headers["authorization"]).toBe("Bearer upstream-key");
    expect([headers["x-api-key"], headers["cookie"], headers["x-forwarded-for"]]).toEqual([undefined, undefined, undefined]);
  });
});

const ANSWER =
  '{ "id":"c1","object":"chat.completion","created":5,"model":"real","choices":[{"index":0,"message":{"role":"assistant","content":"h\\u00e9 1.0","new_field":[1.0,1e2]},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5},"system_fingerprint":null,"seed":12345678901234567890 }\n';

describe("an answer reaches the client", () => {
  test("byte by byte when it is whole", async () => {
    fake.play({ reply: { headers: { "content-type": "application/json" }, body: ANSWER } });
    const response = await box.post(CHAT, `{"model":"gpt-x",${MESSAGES}}`);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, "application/json", ANSWER]);
    expect((await box.record(box.records.length - 1)).usage).toMatchObject({ input: 3, output: 2, evidence: "reported" });
  });

  const chunk = (choices: string, more = "") => `data: {"id":"c1","object":"chat.completion.chunk","choices":[${choices}]${more}}`;
  const FRAMES = [
    chunk('{"index":0,"delta":{"role":"assistant","content":""},"new_field":1.0}'),
    chunk('{"index":0,"delta":{"content":"Gr\\u00fc\\u00dfe é 👋"}}', ',"seed":12345678901234567890'),
    chunk('{"index":0,"delta":{},"finish_reason":"stop"}'),
  ];
  const USAGE = chunk("", ',"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}');
  const DONE = "data: [DONE]";
  const stream = (frames: readonly string[], end: string, chunks?: Behaviour["chunks"]): Behaviour => ({
    reply: { headers: { "content-type": "text/event-stream" }, frames: frames.map((frame) => frame + end) },
    chunks,
  });
  const asked = async (behaviour: Behaviour, options = "") => {
    fake.play(behaviour);
    const response = await box.post(CHAT, `{"model":"gpt-x",${MESSAGES},"stream":true${options}}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const text = await response.text();
    const record = await box.record(box.records.length - 1);
    expect([record.outcome, record.usage?.input, record.usage?.output]).toEqual(["ok", 3, 2]);
    return text;
  };
  const WANTED = ',"stream_options":{"include_usage":true}';

  const cuts: Behaviour["chunks"][] = [1, 2, 3, 7, 64, 1000, "frame", "whole"];
  for (const chunks of cuts) {
    for (const [name, end] of [
      ["LF", "\n\n"],
      ["CRLF", "\r\n\r\n"],
      ["CR", "\r\r"],
    ] as const) {
      test(`byte by byte in a stream cut into ${chunks}, lines ending in ${name}`, async () => {
        const all = [...FRAMES, USAGE, DONE];
        expect(await asked(stream(all, end, chunks), WANTED)).toBe(all.map((frame) => frame + end).join(""));
      });
    }
  }

  const joined = (...frames: string[]) => frames.map((frame) => `${frame}\n\n`).join("");
  const rows: [string, string[], string, string][] = [
    ["the usage we asked for is ours", [...FRAMES, USAGE, DONE], "", joined(...FRAMES, DONE)],
    ["asked for as false it is ours too", [...FRAMES, USAGE, DONE], ',"stream_options":{"include_usage":false}', joined(...FRAMES, DONE)],
    [
      "usage in the last chunk stays in it",
      [...FRAMES.slice(0, 2), chunk('{"index":0,"delta":{},"finish_reason":"stop"}', ',"usage":{"prompt_tokens":3,"completion_tokens":2}'), DONE],
      "",
      joined(...FRAMES.slice(0, 2), chunk('{"index":0,"delta":{},"finish_reason":"stop"}', ',"usage":{"prompt_tokens":3,"completion_tokens":2}'), DONE),
    ],
    ["a missing end mark is supplied after a finished answer", [...FRAMES, USAGE], WANTED, joined(...FRAMES, USAGE, DONE)],
    ["what follows the end mark is nobody's", [...FRAMES, USAGE, DONE, "data: {}"], WANTED, joined(...FRAMES, USAGE, DONE)],
    ["comments stay behind", [": hello", ...FRAMES, ": still here", USAGE, DONE], WANTED, joined(...FRAMES, USAGE, DONE)],
  ];
  test.each(rows)("%s", async (_name, frames, options, expected) => {
    expect(await asked(stream(frames, "\n\n"), options)).toBe(expected);
  });

  test("a last frame without its blank line gets one", async () => {
    fake.play({ reply: { headers: { "content-type": "text/event-stream" }, frames: [joined(...FRAMES, USAGE), DONE] } });
    const response = await box.post(CHAT, `{"model":"gpt-x",${MESSAGES},"stream":true${WANTED}}`);
    expect(await response.text()).toBe(joined(...FRAMES, USAGE, DONE));
  });
});

describe("framing that the standard allows is forwarded as it is", () => {
  const quirks: Record<string, FramingQuirks> = {
    "no space": { tight: true },
    "several data lines": { multiline: true },
    "id and retry": { fields: true },
    "a byte order mark": { bom: true },
    CRLF: { newline: "\r\n" },
  };
  for (const [name, framing] of Object.entries(quirks)) {
    for (const chunks of [1, 64, "whole"] as const) {
      test(`${name}, cut into ${chunks}`, async () => {
        fake.play({ framing, chunks });
        const body = `{"model":"gpt-x",${MESSAGES},"stream":true,"stream_options":{"include_usage":true}}`;
        const direct = await (await fetch(`${fake.url}/v1/chat/completions`, { method: "POST", body })).bytes();
        const through = await (await box.post(CHAT, body)).bytes();
        const steady = (bytes: Uint8Array) =>
          Buffer.from(bytes)
            .toString()
            .replaceAll(/chatcmpl-fake-?_?\w+/g, "ID")
            .replaceAll(/"id": ?"[^"]*"/g, '"id":"ID"');
        expect(steady(through)).toBe(steady(direct));
        expect(through.length).toBeGreaterThan(100);
      });
    }
  }
});

describe("the upstream's own words about the request", () => {
  test.each([400, 404, 422])("status %d", async (status) => {
    const body = '{"error":{"message":"n must be 1","type":"invalid_request_error","param":"n","code":null,"new_field":1.0}}';
    fake.play({ reply: { status, headers: { "content-type": "application/json" }, body } });
    const response = await box.post(CHAT, `{"model":"gpt-x",${MESSAGES}}`);
    const text = await response.text();
    // A 404 is about our catalog, not about the request: it becomes ours.
    if (status === 404) expect([response.status, text.includes("n must be 1")]).toEqual([502, true]);
    else expect([response.status, text, response.headers.get("x-should-retry")]).toEqual([status, body, "false"]);
  });
});
