import { describe, expect, test } from "bun:test";
import type { AnswerFacts } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../vocabulary/json.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { openaiCompletionsInbound as inbound } from "./inbound.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 1700000000 };
const read = (body: JsonObject) => inbound.readCall(incoming(body));

function refusal(act: () => unknown): string | undefined {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return thrown.facts.param;
    throw thrown;
  }
  return "nothing was refused";
}

test("a body is read as far as routing needs it", () => {
  const text = '{"model": "m", "prompt": "hi", "stream": true, "stream_options": {"include_usage": true}, "temperature": 1.0}';
  const call = inbound.readCall(incoming(text));
  expect(call).toMatchObject({ dialect: "openai-completions", model: "m", text, stream: true, wantsUsage: true });
  expect(read({ model: "m", prompt: "hi" })).toMatchObject({ stream: false, wantsUsage: false });
});

describe("bodies that no upstream would take", () => {
  const rows: [JsonObject, string][] = [
    [{}, "prompt"],
    [{ prompt: null }, "prompt"],
    [{ messages: [{ role: "user", content: "hi" }] }, "prompt"],
    [{ prompt: 5 }, "prompt"],
    [{ prompt: [] }, "prompt"],
    [{ prompt: ["a", 1] }, "prompt[1]"],
    [{ prompt: [1, "a"] }, "prompt[1]"],
    [{ prompt: [[1], []] }, "prompt[1]"],
    [{ prompt: [{}] }, "prompt[0]"],
    [{ prompt: "a", logprobs: true }, "logprobs"],
    [{ prompt: "a", best_of: 1.5 }, "best_of"],
    [{ prompt: "a", echo: "yes" }, "echo"],
    [{ prompt: "a", suffix: 1 }, "suffix"],
    [{ prompt: "a", stop: [1] }, "stop"],
    [{ prompt: "a", max_tokens: "9" }, "max_tokens"],
  ];
  test.each(rows)("%j", (body, param) => expect(refusal(() => read({ model: "m", ...body }))).toBe(param));
  test("JSON that is none", () => expect(refusal(() => inbound.readCall(incoming("{")))).toBe(""));
});

describe("for an upstream that chats", () => {
  test("the prompt becomes one user message", () => {
    const body = {
      model: "m",
      prompt: ["hi"],
      max_tokens: 5,
      temperature: 0.5,
      top_p: 0.9,
      n: 2,
      logprobs: 3,
      stop: "END",
      seed: 7,
      user: "u",
      stream: true,
      logit_bias: { 5: 1 },
      extra: 1,
    };
    expect(read({ ...body, presence_penalty: 1, frequency_penalty: 2, best_of: 1, echo: false, suffix: null }).request()).toEqual({
      model: "m",
      messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
      tools: [],
      maxTokens: 5,
      temperature: 0.5,
      topP: 0.9,
      topK: undefined,
      minP: undefined,
      seed: 7,
      presencePenalty: 1,
      frequencyPenalty: 2,
      logitBias: { 5: 1 },
      stop: ["END"],
      choices: 2,
      logprobs: { top: 3 },
      stream: true,
      user: "u",
      extras: { extra: 1 },
      origin: "openai-completions",
    });
  });

  const rows: [JsonObject, string][] = [
    [{ prompt: ["a", "b"] }, "prompt"],
    [{ prompt: [1, 2] }, "prompt"],
    [{ prompt: [[1, 2]] }, "prompt"],
    [{ prompt: "a", suffix: "z" }, "suffix"],
    [{ prompt: "a", echo: true }, "echo"],
    [{ prompt: "a", best_of: 2 }, "best_of"],
    [{ prompt: "a", response_format: { type: "json_object" } }, "response_format"],
  ];
  test.each(rows)("%j is refused, though not before", (body, param) => {
    const call = read({ model: "m", ...body });
    expect(refusal(() => call.request())).toBe(param);
  });
});

const TOKENS = {
  content: [
    { token: "He", logprob: -0.1, top_logprobs: [{ token: "Ha", logprob: -2 }] },
    { token: "y", logprob: -0.2, top_logprobs: [] },
  ],
};
const ANSWER: ChatEvent[] = [
  { type: "start", id: "chatcmpl-7", model: "up", created: 5 },
  { type: "thinking", choice: 0, text: "hm" },
  { type: "text", choice: 0, text: "Hey" },
  { type: "logprobs", choice: 0, logprobs: TOKENS },
  { type: "logprobs", choice: 0, logprobs: { content: [{ token: "!", logprob: -0.3, top_logprobs: [] }] } },
  { type: "text", choice: 1, text: "" },
  { type: "usage", usage: usageOf({ input: 2, output: 3 }) },
  { type: "finish", choice: 0, reason: "length" },
  { type: "finish", choice: 1, reason: "refusal" },
  { type: "end" },
];
const COUNTS = { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 };

function frames(events: readonly ChatEvent[], body: JsonObject): Json[] {
  const encoder = inbound.encoder(read({ model: "m", prompt: "a", stream: true, ...body }), FACTS);
  const text = events.map((event) => encoder.encode(event)).join("");
  expect(text).toEndWith(inbound.terminator);
  return text
    .slice(0, -inbound.terminator.length)
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => JSON.parse(frame.replace(/^data: /, "")) as Json);
}

describe("a stream", () => {
  const chunk = (index: number, text: string, logprobs: Json, finish: string | null): JsonObject => ({
    id: "cmpl-7",
    object: "text_completion",
    created: 5,
    model: "up",
    choices: [{ text, index, logprobs, finish_reason: finish }],
  });
  const expected = [
    chunk(0, "Hey", null, null),
    chunk(0, "", { tokens: ["He", "y"], token_logprobs: [-0.1, -0.2], top_logprobs: [{ Ha: -2 }, {}], text_offset: [0, 2] }, null),
    chunk(0, "", { tokens: ["!"], token_logprobs: [-0.3], top_logprobs: null, text_offset: [3] }, null),
    chunk(0, "", null, "length"),
    chunk(1, "", null, "content_filter"),
  ];
  test("is text_completion chunks", () => expect(frames(ANSWER, {})).toEqual(expected));
  test("ends in usage when asked", () => {
    expect(frames(ANSWER, { stream_options: { include_usage: true } })).toMatchObject([
      ...expected.map((one) => ({ ...one, usage: null })),
      { id: "cmpl-7", choices: [], usage: COUNTS },
    ]);
  });
  test("is named after the request when the upstream names nothing", () => {
    expect(frames([{ type: "start" }, { type: "text", choice: 0, text: "a" }, { type: "end" }], {})).toMatchObject([
      { id: "cmpl-1", model: "public", created: 1700000000 },
    ]);
  });
  test("ends in the error it died of", () => {
    expect(inbound.encoder(read({ prompt: "hi" }), FACTS).encode({ type: "failure", failure: new Failure("overloaded", "busy") })).toBe(
      'data: {"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded"}}\n\ndata: [DONE]\n\n',
    );
  });
});

test("a whole answer is one text_completion", () => {
  expect(JSON.parse(inbound.writeAnswer(ANSWER, read({ model: "m", prompt: "a" }), FACTS))).toMatchObject({
    id: "cmpl-7",
    object: "text_completion",
    created: 5,
    model: "up",
    choices: [
      { text: "Hey", index: 0, finish_reason: "length", logprobs: { tokens: ["He", "y", "!"], top_logprobs: [{ Ha: -2 }, {}, {}], text_offset: [0, 2, 3] } },
      { text: "", index: 1, finish_reason: "content_filter", logprobs: null },
    ],
    usage: COUNTS,
  });
});
