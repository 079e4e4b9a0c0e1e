import { describe, expect, test } from "bun:test";
import type { AnswerFacts } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../../vocabulary/events.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { usageOf } from "../../../../vocabulary/usage.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { ollamaChatInbound as chat, ollamaGenerateInbound as generate, type OllamaInbound } from "../../inbound.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 7 };
const HEADING = { model: "up", created_at: "1970-01-01T00:00:05.000Z" };
const call = chat.readCall(incoming({ model: "public", messages: [{ role: "user", content: "hi" }] }));

/** A clock that is one step further every time it is read. */
const clock = (...times: number[]) => ({ elapsed: () => times.shift() ?? 0 });

function lines(events: readonly ChatEvent[], face: OllamaInbound = chat, facts = FACTS): JsonObject[] {
  const encoder = face.encoder(call, facts);
  const text = events.map((event) => encoder.encode(event)).join("");
  if (text !== "") expect(text).toEndWith("\n");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JsonObject);
}
const whole = (events: readonly ChatEvent[], face: OllamaInbound = chat, facts = FACTS) => JSON.parse(face.writeAnswer(events, call, facts)) as JsonObject;

const START: ChatEvent = { type: "start", id: "x", model: "up", created: 5 };
const END: ChatEvent = { type: "end" };
const USAGE: ChatEvent = { type: "usage", usage: usageOf({ input: 3, cacheRead: 2, output: 4, reasoning: 1 }) };
const finish = (reason: FinishReason = "stop"): ChatEvent => ({ type: "finish", choice: 0, reason });
const text = (value: string, choice = 0): ChatEvent => ({ type: "text", choice, text: value });
const said = (message: JsonObject, more: JsonObject = { done: false }) => ({ ...HEADING, message: { role: "assistant", content: "", ...message }, ...more });
const LAST = { done: true, done_reason: "stop", total_duration: 0, load_duration: 0, prompt_eval_duration: 0, eval_duration: 0 };
const COUNTS = { prompt_eval_count: 5, eval_count: 4 };

describe("a stream of /api/chat", () => {
  const called = (id: string, index: number, name: string, given: JsonObject) => ({ id, function: { index, name, arguments: given } });
  const rows: [string, ChatEvent[], JsonObject[]][] = [
    [
      "thinking, text, and the counts at the end",
      [START, { type: "thinking", choice: 0, text: "hm" }, text("a"), text("b"), finish(), USAGE, END],
      [said({ thinking: "hm" }), said({ content: "a" }), said({ content: "b" }), said({}, { ...LAST, ...COUNTS })],
    ],
    ["no counts where none are known", [START, text("a"), finish("length"), END], [said({ content: "a" }), said({}, { ...LAST, done_reason: "length" })]],
    [
      "tool calls are said once they are whole, all in one line",
      [
        START,
        text("let me see"),
        { type: "tool-call", choice: 0, call: 0, id: "c1", name: "add" },
        { type: "tool-call", choice: 0, call: 1, id: "c2", name: "now" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":' },
        { type: "tool-call-arguments", choice: 0, call: 1, text: "" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: "1}" },
        { type: "tool-call-arguments", choice: 0, call: 9, text: "1}" },
        finish("tool-calls"),
        END,
      ],
      [said({ content: "let me see" }), said({ tool_calls: [called("c1", 0, "add", { a: 1 }), called("c2", 1, "now", {})] }), said({}, LAST)],
    ],
    [
      "arguments that are no object",
      [START, { type: "tool-call", choice: 0, call: 0, id: "c", name: "f" }, { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":' }, finish(), END],
      [said({ tool_calls: [called("c", 0, "f", {})] }), said({}, LAST)],
    ],
    [
      "calls whose upstream forgot to say why it ended",
      [START, { type: "tool-call", choice: 0, call: 0, id: "c", name: "f" }, END],
      [said({ tool_calls: [called("c", 0, "f", {})] }), said({}, LAST)],
    ],
    [
      "a refusal is text",
      [START, { type: "refusal", choice: 0, text: "no" }, finish("refusal"), END],
      [said({ content: "no" }), said({}, { ...LAST, done_reason: "content_filter" })],
    ],
    ["a picture", [START, { type: "image", choice: 0, mime: "image/png", base64: "aGk=" }], [said({ images: ["aGk="] })]],
    [
      "log probabilities",
      [
        START,
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "a", logprob: -1 }], refusal: null } },
        { type: "logprobs", choice: 0, logprobs: null },
      ],
      [said({}, { done: false, logprobs: [{ token: "a", logprob: -1 }] })],
    ],
    [
      "what there is no place for",
      [
        START,
        { type: "alive" },
        { type: "thinking-signature", choice: 0, signature: "s" },
        { type: "thinking-redacted", choice: 0, data: "s" },
        { type: "annotation", choice: 0, annotation: {} },
        { type: "audio", choice: 0, audio: {} },
        text(""),
        { type: "thinking", choice: 0, text: "" },
        text("another answer", 1),
      ],
      [],
    ],
    ["a failure", [START, text("a"), { type: "failure", failure: new Failure("overloaded", "busy") }], [said({ content: "a" }), { error: "busy" }]],
    ["a failure before anything", [{ type: "failure", failure: new Failure("overloaded", "busy") }], [{ error: "busy" }]],
  ];
  test.each(rows)("%s", (_name, events, expected) => expect(lines(events)).toEqual(expected));

  test("an upstream without a name gets the request's own, a time beyond all dates the first of all", () => {
    expect(lines([{ type: "start" }, text("a")])[0]).toMatchObject({ model: "public", created_at: "1970-01-01T00:00:07.000Z" });
    expect(lines([{ type: "start", created: 1e300 }, text("a")])[0]).toMatchObject({ created_at: "1970-01-01T00:00:00Z" });
  });

  test("says how long it took, in nanoseconds", () => {
    const [, last] = lines([START, text("a"), finish(), END], chat, { ...FACTS, clock: clock(2.5, 10) });
    expect(last).toMatchObject({ total_duration: 10_000_000, prompt_eval_duration: 2_500_000, eval_duration: 7_500_000 });
  });

  test("that never said a word took all its time to read", () => {
    const [last] = lines([START, finish(), END], chat, { ...FACTS, clock: clock(10, 11) });
    expect(last).toMatchObject({ total_duration: 10_000_000, prompt_eval_duration: 10_000_000, eval_duration: 0 });
  });
});

test("a stream of /api/generate", () => {
  const reply = (response: string, more: JsonObject = { done: false }) => ({ ...HEADING, response, ...more });
  const events: ChatEvent[] = [
    START,
    { type: "thinking", choice: 0, text: "hm" },
    text("a"),
    { type: "image", choice: 0, mime: "image/png", base64: "aGk=" },
    finish(),
    USAGE,
    END,
  ];
  expect(lines(events, generate)).toEqual([
    reply("", { thinking: "hm", done: false }),
    reply("a"),
    reply("", { image: "aGk=", done: false }),
    reply("", { ...LAST, ...COUNTS }),
  ]);
});

describe("a whole answer", () => {
  const calls: ChatEvent[] = [
    { type: "tool-call", choice: 0, call: 0, id: "c1", name: "add" },
    { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":1}' },
  ];
  const rows: [string, ChatEvent[], JsonObject][] = [
    [
      "says it all at once",
      [START, { type: "thinking", choice: 0, text: "hm" }, text("a"), text("b"), ...calls, finish("tool-calls"), USAGE, END],
      said({ content: "ab", thinking: "hm", tool_calls: [{ id: "c1", function: { index: 0, name: "add", arguments: { a: 1 } } }] }, { ...LAST, ...COUNTS }),
    ],
    [
      "with pictures and log probabilities",
      [
        START,
        { type: "refusal", choice: 0, text: "no" },
        { type: "image", choice: 0, mime: "image/png", base64: "aGk=" },
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "a" }] } },
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "b" }] } },
        finish("content-filter"),
        END,
      ],
      said({ content: "no", images: ["aGk="] }, { ...LAST, done_reason: "content_filter", logprobs: [{ token: "a" }, { token: "b" }] }),
    ],
    ["of nothing", [START, END], said({}, LAST)],
  ];
  test.each(rows)("%s", (_name, events, expected) => expect(whole(events)).toEqual(expected));

  test("of a prompt", () => {
    expect(whole([START, text("a"), finish(), USAGE, END], generate)).toEqual({ ...HEADING, response: "a", ...LAST, ...COUNTS });
  });
  test("of an upstream without a name", () => {
    expect(whole([{ type: "start" }, text("a"), END])).toMatchObject({ model: "public", created_at: "1970-01-01T00:00:07.000Z" });
  });
  test("spent all its time writing", () => {
    expect(whole([START, text("a"), END], chat, { ...FACTS, clock: clock(10) })).toMatchObject({
      total_duration: 10_000_000,
      prompt_eval_duration: 0,
      eval_duration: 10_000_000,
    });
  });
});

test("a line that says nothing", () => {
  const heading = { model: "public", created_at: "1970-01-01T00:00:07.000Z" };
  expect(chat.comment(FACTS)).toBe(`${JSON.stringify({ ...heading, message: { role: "assistant", content: "" }, done: false })}\n`);
  expect(generate.comment(FACTS)).toBe(`${JSON.stringify({ ...heading, response: "", done: false })}\n`);
});

test("the answer to a call that asks nothing", () => {
  expect(JSON.parse(chat.writeResidence("unload", FACTS))).toMatchObject({
    model: "public",
    message: { role: "assistant", content: "" },
    done: true,
    done_reason: "unload",
  });
  expect(JSON.parse(generate.writeResidence("load", FACTS))).toMatchObject({ model: "public", response: "", done: true, done_reason: "load" });
});
