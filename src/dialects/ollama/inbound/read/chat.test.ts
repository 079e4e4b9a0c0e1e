import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../../../vocabulary/chat.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { Json } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { ollamaChatInbound } from "../../inbound.ts";

const HI = { role: "user", content: "hi" };
const call = (body: object) => ollamaChatInbound.readCall(incoming({ model: "m", messages: [HI], ...body }));
const request = (body: object): ChatRequest => call(body).request();
const user = (...parts: Extract<Message, { role: "user" }>["parts"]): Message => ({ role: "user", parts });
const text = (value: string) => ({ type: "text", text: value }) as const;

/** The path of the field that is refused, by whatever refuses it first. */
function refused(of: () => unknown): string | undefined {
  try {
    of();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return thrown.facts.param;
    throw thrown;
  }
  return "nothing was refused";
}

test("a plain chat, read whole", () => {
  expect(request({ stream: false })).toEqual({
    model: "m",
    messages: [user(text("hi"))],
    tools: [],
    stop: [],
    choices: 1,
    stream: false,
    extras: {},
    origin: "ollama",
  });
});

describe("what routing looks at", () => {
  const rows: [object, object][] = [
    [{}, { stream: true, model: "m", dialect: "ollama" }],
    [{ stream: null }, { stream: true }],
    [{ stream: true }, { stream: true }],
    [{ stream: false }, { stream: false }],
    [{ model: null }, { model: "" }],
    [{}, { anew: false }],
    [{ messages: [{ ...HI, images: ["iVBORw0KGgo="] }] }, { anew: false }],
    [{ messages: [{ ...HI, images: ["iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="] }] }, { anew: true }],
  ];
  test.each(rows)("%j is %j", (body, expected) => expect(call(body)).toMatchObject(expected));
});

describe("without messages a model is only to be loaded, or put away", () => {
  const rows: [unknown, "load" | "unload"][] = [
    [undefined, "load"],
    [null, "load"],
    ["5m", "load"],
    ["10s", "load"],
    [-1, "load"],
    [300, "load"],
    ["", "load"],
    [0, "unload"],
    ["0", "unload"],
    ["0s", "unload"],
    ["0m0s", "unload"],
  ];
  test.each(rows)("keep_alive %j: %s", (keep, residence) => {
    expect(call({ messages: [], keep_alive: keep }).residence).toBe(residence);
    expect(call({ messages: undefined, keep_alive: keep }).residence).toBe(residence);
    expect(call({ keep_alive: keep }).residence).toBeUndefined();
  });
});

describe("settings", () => {
  const rows: [object, Partial<ChatRequest>][] = [
    [
      {
        options: {
          num_predict: 9,
          temperature: 0.5,
          top_p: 0.9,
          top_k: 40,
          min_p: 0.05,
          seed: 7,
          stop: ["END", ""],
          presence_penalty: 1,
          frequency_penalty: 0.5,
        },
      },
      {
        maxTokens: 9,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        minP: 0.05,
        seed: 7,
        stop: ["END"],
        presencePenalty: 1,
        frequencyPenalty: 0.5,
        extras: {},
      },
    ],
    [{ options: { num_predict: 9.9, top_k: 4.5, seed: -7.9 } }, { maxTokens: 9, topK: 4, seed: -7 }],
    [{ options: { num_predict: -1, stop: "END" } }, { maxTokens: undefined, stop: ["END"] }],
    [{ options: { num_predict: -2, temperature: null, stop: null } }, { maxTokens: undefined, temperature: undefined, stop: [] }],
    [
      { options: null, format: null, think: null, tools: null, keep_alive: null },
      { extras: {}, format: undefined, reasoning: undefined, tools: [] },
    ],
    [
      { options: { num_ctx: 8192, repeat_penalty: 1.1, num_gpu: null }, keep_alive: "5m", truncate: false, other: 1 },
      { extras: { options: { num_ctx: 8192, repeat_penalty: 1.1 }, keep_alive: "5m", truncate: false, other: 1 } },
    ],
    [{ format: "" }, { format: undefined }],
    [{ format: "json" }, { format: { type: "json" } }],
    [{ format: { type: "object" } }, { format: { type: "json-schema", name: "answer", schema: { type: "object" } } }],
    [{ think: true }, { reasoning: { effort: "medium", show: true } }],
    [{ think: false }, { reasoning: { effort: "none" } }],
    [{ think: "high" }, { reasoning: { effort: "high", show: true } }],
    [{ think: "max" }, { reasoning: { effort: "max", show: true } }],
    [{ logprobs: true }, { logprobs: { top: 0 } }],
    [{ logprobs: true, top_logprobs: 3 }, { logprobs: { top: 3 } }],
    [{ logprobs: false, top_logprobs: 3 }, { logprobs: undefined }],
  ];
  test.each(rows)("%j", (body, expected) => expect(request(body)).toMatchObject(expected));

  test("names of every object's own members are fields like any other", () => {
    const { extras } = ollamaChatInbound
      .readCall(incoming('{"model":"m","messages":[{"role":"user","content":"a"}],"__proto__":{"a":1},"options":{"__proto__":2}}'))
      .request();
    expect(Object.keys(extras)).toEqual(["__proto__", "options"]);
    expect(Object.getPrototypeOf(extras)).toBe(Object.prototype);
  });
});

test("tools", () => {
  const parameters = { type: "object", properties: { city: { type: "string" } } };
  const tools = [{ type: "function", function: { name: "weather", description: "Weather", parameters } }, { function: { name: "now", parameters: null } }];
  expect(request({ tools }).tools).toEqual([{ name: "weather", description: "Weather", parameters }, { name: "now" }]);
});

describe("messages", () => {
  const CALL = { function: { name: "add", arguments: { a: 1 } } };
  const called = (id: string, name = "add", given = '{"a":1}') => ({ type: "tool-call", id, name, arguments: given }) as const;
  const rows: [string, Json[], Message[]][] = [
    [
      "every role, in any case",
      [{ role: "System", content: "be brief" }, HI, { role: "assistant", content: "a", thinking: "hm" }],
      [{ role: "system", parts: [text("be brief")] }, user(text("hi")), { role: "assistant", parts: [{ type: "thinking", text: "hm" }, text("a")] }],
    ],
    [
      "what is empty is left out",
      [{ role: "user" }, { role: "user", content: null }, { role: "assistant", content: "", thinking: "", images: null }],
      [user(), user(), { role: "assistant", parts: [] }],
    ],
    [
      "pictures follow the text, their type read off their bytes",
      [{ role: "user", content: "see", images: ["iVBORw0KGgoAAA==", "/9j/4AAQ", "R0lGODlh", "UklGRgABAgNXRUJQVlA4IA==", "data:image/JPG;base64,/9j/"] }],
      [
        user(
          text("see"),
          { type: "image", media: { kind: "bytes", mime: "image/png", base64: "iVBORw0KGgoAAA==" } },
          { type: "image", media: { kind: "bytes", mime: "image/jpeg", base64: "/9j/4AAQ" } },
          { type: "image", media: { kind: "bytes", mime: "image/gif", base64: "R0lGODlh" } },
          { type: "image", media: { kind: "bytes", mime: "image/webp", base64: "UklGRgABAgNXRUJQVlA4IA==" } },
          { type: "image", media: { kind: "bytes", mime: "image/jpeg", base64: "/9j/" } },
        ),
      ],
    ],
    [
      "results find their calls by name, in order, where there are no ids",
      [
        HI,
        { role: "assistant", tool_calls: [CALL, { function: { name: "now" } }, CALL] },
        { role: "tool", content: "noon", tool_name: "now" },
        { role: "tool", content: "1", tool_name: "add" },
        { role: "tool", content: "2", name: "add" },
      ],
      [
        user(text("hi")),
        { role: "assistant", parts: [called("call_1_0"), called("call_1_1", "now", "{}"), called("call_1_2")] },
        { role: "tool", callId: "call_1_1", toolName: "now", parts: [text("noon")] },
        { role: "tool", callId: "call_1_0", toolName: "add", parts: [text("1")] },
        { role: "tool", callId: "call_1_2", toolName: "add", parts: [text("2")] },
      ],
    ],
    [
      "by id where there are",
      [
        {
          role: "assistant",
          tool_calls: [
            { id: "a", ...CALL },
            { id: "b", ...CALL },
          ],
        },
        { role: "tool", content: "2", tool_call_id: "b" },
        { role: "tool", content: "1", tool_name: "add", tool_call_id: "a" },
      ],
      [
        { role: "assistant", parts: [called("a"), called("b")] },
        { role: "tool", callId: "b", toolName: "add", parts: [text("2")] },
        { role: "tool", callId: "a", toolName: "add", parts: [text("1")] },
      ],
    ],
    [
      "by order alone where there is neither",
      [
        { role: "assistant", tool_calls: [CALL, CALL] },
        { role: "tool", content: "1" },
        { role: "tool", content: "2", tool_call_id: "never heard of" },
      ],
      [
        { role: "assistant", parts: [called("call_0_0"), called("call_0_1")] },
        { role: "tool", callId: "call_0_0", toolName: "add", parts: [text("1")] },
        { role: "tool", callId: "call_0_1", toolName: "add", parts: [text("2")] },
      ],
    ],
    [
      "calls the user cut short get no results",
      [
        { role: "assistant", tool_calls: [CALL] },
        HI,
        { role: "assistant", tool_calls: [CALL] },
        { role: "tool", content: "2", tool_name: "add" },
        { role: "tool", content: "3", tool_name: "add" },
      ],
      [
        { role: "assistant", parts: [called("call_0_0")] },
        user(text("hi")),
        { role: "assistant", parts: [called("call_2_0")] },
        { role: "tool", callId: "call_2_0", toolName: "add", parts: [text("2")] },
        { role: "tool", callId: "call_4", toolName: "add", parts: [text("3")] },
      ],
    ],
    [
      "arguments that are text already stay as they are, results may hold pictures",
      [
        { role: "assistant", tool_calls: [{ function: { name: "add", arguments: '{"a": 1.0}' } }] },
        { role: "tool", content: "see", images: ["R0lGODlh"] },
      ],
      [
        { role: "assistant", parts: [called("call_0_0", "add", '{"a": 1.0}')] },
        {
          role: "tool",
          callId: "call_0_0",
          toolName: "add",
          parts: [text("see"), { type: "image", media: { kind: "bytes", mime: "image/gif", base64: "R0lGODlh" } }],
        },
      ],
    ],
  ];
  test.each(rows)("%s", (_name, messages, expected) => expect(request({ messages }).messages).toEqual(expected));

  test("any number of calls is paired without a pause", () => {
    const calls = Array.from({ length: 20_000 }, () => CALL);
    const results = calls.map(() => ({ role: "tool", content: "1", tool_name: "add" }));
    const read = request({ messages: [{ role: "assistant", tool_calls: calls }, ...results] }).messages;
    expect(read.at(-1)).toMatchObject({ callId: "call_0_19999" });
  });
});

describe("what cannot be understood is refused where it stands", () => {
  const early: [object, string][] = [
    [{ model: 5 }, "model"],
    [{ stream: "yes" }, "stream"],
    [{ messages: {} }, "messages"],
    [{ messages: ["hi"] }, "messages[0]"],
    [{ messages: [HI, { role: "wizard" }] }, "messages[1].role"],
    [{ messages: [{ content: "hi" }] }, "messages[0].role"],
    [{ options: [] }, "options"],
    [{ tools: {} }, "tools"],
    [{ logprobs: 1 }, "logprobs"],
    [{ top_logprobs: 0.5 }, "top_logprobs"],
  ];
  test.each(early)("%j", (body, path) => expect(refused(() => call(body))).toBe(path));

  const late: [object, string][] = [
    [{ messages: [{ role: "user", content: ["hi"] }] }, "messages[0].content"],
    [{ messages: [{ role: "user", images: ["aGVsbG8="] }] }, "messages[0].images[0]"],
    [{ messages: [{ role: "user", images: ["R0lGODlh", 5] }] }, "messages[0].images[1]"],
    [{ messages: [{ role: "user", images: ["https://example.com/a.png"] }] }, "messages[0].images[0]"],
    [{ messages: [{ role: "user", images: ["data:image/png,abc"] }] }, "messages[0].images[0]"],
    [{ messages: [{ role: "system", images: ["R0lGODlh"] }] }, "messages[0].images"],
    [{ messages: [{ role: "assistant", tool_calls: [{}] }] }, "messages[0].tool_calls[0].function.name"],
    [
      { messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: `${"[".repeat(3000)}` } }] }] },
      "messages[0].tool_calls[0].function.arguments",
    ],
    [{ tools: [{ type: "retrieval" }] }, "tools[0].type"],
    [{ tools: ["f"] }, "tools[0].function.name"],
    [{ tools: [{ function: { name: "f", parameters: [] } }] }, "tools[0].function.parameters"],
    [{ options: { temperature: "hot" } }, "options.temperature"],
    [{ options: { stop: ["a", 5] } }, "options.stop[1]"],
    [{ format: "yaml" }, "format"],
    [{ format: 5 }, "format"],
    [{ think: "hard" }, "think"],
    [{ think: 1 }, "think"],
  ];
  test.each(late)("%j, once it is to be translated", (body, path) => {
    const read = call(body);
    expect(refused(() => read.request())).toBe(path);
  });

  test("a body that nests without end", () => {
    const deep = `{"model":"m","messages":[{"role":"user","content":"a"}],"format":${'{"a":'.repeat(2000)}1${"}".repeat(2000)}}`;
    expect(refused(() => ollamaChatInbound.readCall(incoming(deep)).request())).toBe("");
  });
});
