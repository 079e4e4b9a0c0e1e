import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { collect } from "../../shared/collect.ts";
import { messagesDecoder, readMessage } from "./decode.ts";

const frame = (json: JsonObject, event = String(json["type"])) => ({ event, data: JSON.stringify(json), raw: new Uint8Array() });

/** What a stream of these events is decoded to, its end included. */
function decoded(...events: JsonObject[]): ChatEvent[] {
  const decoder = messagesDecoder();
  return [...events.flatMap((json) => decoder.decode(frame(json))), ...decoder.close()];
}
const begin = (usage: JsonObject = { input_tokens: 10, output_tokens: 1 }): JsonObject => ({
  type: "message_start",
  message: { id: "msg_1", model: "claude", content: [], usage },
});
const open = (index: number, content_block: JsonObject): JsonObject => ({ type: "content_block_start", index, content_block });
const delta = (index: number, type: string, fields: JsonObject): JsonObject => ({ type: "content_block_delta", index, delta: { type, ...fields } });
const close = (index: number): JsonObject => ({ type: "content_block_stop", index });
const finish = (stop_reason: string, more: JsonObject = {}, usage: JsonObject = { output_tokens: 5 }): JsonObject => ({
  type: "message_delta",
  delta: { stop_reason, ...more },
  usage,
});
const STOP: JsonObject = { type: "message_stop" };

const START: ChatEvent = { type: "start", id: "msg_1", model: "claude" };
const USED: ChatEvent = { type: "usage", usage: usageOf({ input: 10, output: 5 }) };
const END: ChatEvent = { type: "end" };
const ended = (reason: FinishReason): ChatEvent[] => [{ type: "finish", choice: 0, reason }, USED, END];

describe("a stream", () => {
  const rows: [string, JsonObject[], ChatEvent[]][] = [
    [
      "text, with a ping in between",
      [
        begin(),
        open(0, { type: "text", text: "" }),
        { type: "ping" },
        delta(0, "text_delta", { text: "Hel" }),
        delta(0, "text_delta", { text: "lo" }),
        close(0),
        finish("end_turn"),
        STOP,
      ],
      [START, { type: "alive" }, { type: "text", choice: 0, text: "Hel" }, { type: "text", choice: 0, text: "lo" }, ...ended("stop")],
    ],
    [
      "thinking, its proof, and thinking nobody may read",
      [
        begin(),
        open(0, { type: "thinking", thinking: "", signature: "" }),
        delta(0, "thinking_delta", { thinking: "Hm" }),
        delta(0, "signature_delta", { signature: "si" }),
        delta(0, "signature_delta", { signature: "gn" }),
        close(0),
        open(1, { type: "redacted_thinking", data: "xyz" }),
        close(1),
        finish("end_turn"),
        STOP,
      ],
      [
        START,
        { type: "thinking", choice: 0, text: "Hm" },
        { type: "thinking-signature", choice: 0, signature: "sign" },
        { type: "thinking-redacted", choice: 0, data: "xyz" },
        ...ended("stop"),
      ],
    ],
    [
      "two calls, the second without arguments",
      [
        begin(),
        open(0, { type: "tool_use", id: "t1", name: "add", input: {} }),
        delta(0, "input_json_delta", { partial_json: "" }),
        delta(0, "input_json_delta", { partial_json: '{"a"' }),
        delta(0, "input_json_delta", { partial_json: ":1}" }),
        close(0),
        open(1, { type: "tool_use", id: "t2", name: "now", input: {} }),
        close(1),
        finish("tool_use"),
        STOP,
      ],
      [
        START,
        { type: "tool-call", choice: 0, call: 0, id: "t1", name: "add" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a"' },
        { type: "tool-call-arguments", choice: 0, call: 0, text: ":1}" },
        { type: "tool-call", choice: 0, call: 1, id: "t2", name: "now" },
        { type: "tool-call-arguments", choice: 0, call: 1, text: "{}" },
        ...ended("tool-calls"),
      ],
    ],
    [
      "a call that was never closed",
      [begin(), open(0, { type: "tool_use", id: "t1", name: "now", input: {} }), finish("tool_use"), STOP],
      [
        START,
        { type: "tool-call", choice: 0, call: 0, id: "t1", name: "now" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: "{}" },
        ...ended("tool-calls"),
      ],
    ],
    [
      "a search of Anthropic's own, and text that cites it",
      [
        begin(),
        open(0, { type: "server_tool_use", id: "srv", name: "web_search", input: {} }),
        delta(0, "input_json_delta", { partial_json: '{"query":"x"}' }),
        close(0),
        open(1, { type: "web_search_tool_result", tool_use_id: "srv", content: [] }),
        close(1),
        open(2, { type: "text", text: "" }),
        delta(2, "text_delta", { text: "It is. " }),
        close(2),
        open(3, { type: "text", text: "", citations: [] }),
        delta(3, "citations_delta", { citation: { type: "web_search_result_location", url: "https://x", title: "X", cited_text: "…" } }),
        delta(3, "citations_delta", { citation: { type: "char_location", document_index: 0, cited_text: "…" } }),
        delta(3, "text_delta", { text: "Truly" }),
        close(3),
        finish("end_turn"),
        STOP,
      ],
      [
        START,
        { type: "alive" },
        { type: "alive" },
        { type: "text", choice: 0, text: "It is. " },
        { type: "text", choice: 0, text: "Truly" },
        { type: "annotation", choice: 0, annotation: { type: "url_citation", url_citation: { start_index: 7, end_index: 12, url: "https://x", title: "X" } } },
        ...ended("stop"),
      ],
    ],
    ["an event nobody knows yet", [begin(), { type: "brand_new" }, finish("end_turn"), STOP], [START, { type: "alive" }, ...ended("stop")]],
    [
      "a whole message in one frame",
      [
        {
          type: "message",
          id: "msg_1",
          model: "claude",
          content: [{ type: "text", text: "Hi" }],
          stop_reason: "end_turn",
          usage: { input_tokens: 10, output_tokens: 5 },
        },
      ],
      [START, { type: "text", choice: 0, text: "Hi" }, ...ended("stop")],
    ],
    [
      "no reason to stop given",
      [begin(), STOP],
      [START, { type: "finish", choice: 0, reason: "stop" }, { type: "usage", usage: usageOf({ input: 10, output: 1 }) }, END],
    ],
  ];
  test.each(rows)("%s", (_, events, expected) => {
    expect(decoded(...events)).toEqual(expected);
  });

  test("counts cumulatively, the cache by age", () => {
    const cache = {
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 7,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 5 },
    };
    const events = decoded(
      begin({ input_tokens: 10, output_tokens: 1, ...cache }),
      finish("end_turn", {}, { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } }),
      STOP,
    );
    expect(events.filter((event) => event.type === "usage")).toEqual([
      { type: "usage", usage: usageOf({ input: 10, cacheRead: 3, cacheWrite5m: 2, cacheWrite1h: 5, output: 9, reasoning: 4 }) },
    ]);
  });

  test("is named by its event where the data does not say", () => {
    const decoder = messagesDecoder();
    expect(decoder.decode({ event: "ping", data: "{}", raw: new Uint8Array() })).toEqual([{ type: "alive" }]);
    expect(decoder.decode({ event: "", data: "", raw: new Uint8Array() })).toEqual([]);
  });
});

describe("why it stopped", () => {
  const call = [open(0, { type: "tool_use", id: "t", name: "now", input: {} }), close(0)];
  const rows: [string, JsonObject, JsonObject[], JsonObject][] = [
    ["end_turn", {}, [], { reason: "stop" }],
    ["end_turn", {}, call, { reason: "tool-calls" }],
    ["tool_use", {}, call, { reason: "tool-calls" }],
    ["max_tokens", {}, call, { reason: "length" }],
    ["model_context_window_exceeded", {}, [], { reason: "length" }],
    ["stop_sequence", { stop_sequence: "END" }, [], { reason: "stop", stopSequence: "END" }],
    ["pause_turn", {}, [], { reason: "pause" }],
    ["refusal", { stop_details: { type: "refusal", category: "cyber", explanation: null } }, [], { reason: "refusal", detail: "cyber" }],
    ["refusal", { stop_details: { category: "bio", explanation: "Not this." } }, [], { reason: "refusal", detail: "Not this." }],
    ["something_new", {}, [], { reason: "stop" }],
  ];
  test.each(rows)("%s %j", (reason, more, before, expected) => {
    const events = decoded(begin(), ...before, finish(reason, more), STOP);
    expect(events.filter((event) => event.type === "finish")).toEqual([{ type: "finish", choice: 0, ...expected } as ChatEvent & { type: "finish" }]);
  });
});

describe("a stream that breaks", () => {
  const textSoFar = [begin(), open(0, { type: "text", text: "" }), delta(0, "text_delta", { text: "Hel" })];
  const rows: [string, JsonObject[], string, RegExp][] = [
    ["without a word", [], "upstream-error", /was cut/],
    ["before its end", textSoFar, "upstream-error", /was cut/],
    ["between its last count and its end", [...textSoFar, finish("end_turn")], "upstream-error", /was cut/],
    ["with an error at once", [{ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }], "overloaded", /Overloaded/],
    ["with an error midway", [...textSoFar, { type: "error", error: { type: "api_error", message: "Internal" } }], "upstream-error", /Internal/],
  ];
  test.each(rows)("%s", (_, events, kind, message) => {
    const last = decoded(...events).at(-1);
    expect(last).toMatchObject({ type: "failure", failure: { kind } });
    expect(last?.type === "failure" && last.failure.message).toMatch(message);
  });

  test("with something that is not JSON, and then says nothing more", () => {
    const decoder = messagesDecoder();
    const page = { event: "", data: "<html>", raw: new Uint8Array() };
    expect(decoder.decode(page)).toMatchObject([{ type: "failure", failure: { kind: "upstream-error" } }]);
    expect(decoder.decode(frame(STOP))).toEqual([]);
    expect(decoder.decode(page)).toEqual([]);
    expect(decoder.close()).toEqual([]);
  });
});

describe("a whole answer", () => {
  test("that is none", () => {
    for (const json of [null, "x", [], {}, { type: "completion", completion: "x" }])
      expect(readMessage(json)).toMatchObject([{ type: "failure", failure: { kind: "upstream-error" } }]);
    expect(readMessage({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })).toMatchObject([
      { type: "failure", failure: { kind: "overloaded" } },
    ]);
  });
});

/** Content blocks, as a whole answer holds them. */
const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.string({ unit: "grapheme" }) }),
  fc.record({ type: fc.constant("thinking"), thinking: fc.string(), signature: fc.string() }),
  fc.record({ type: fc.constant("redacted_thinking"), data: fc.string() }),
  fc.record({ type: fc.constant("tool_use"), id: fc.uuid(), name: fc.constant("add"), input: fc.dictionary(fc.string(), fc.integer()) }),
  fc.record({ type: fc.constant("server_tool_use"), id: fc.uuid(), name: fc.constant("web_search"), input: fc.constant({}) }),
);

/** The same block as it is streamed, its text cut into pieces of `size` UTF-16 units. */
function streamed(json: JsonObject, index: number, size: number): JsonObject[] {
  const pieces = (text: string) => Array.from({ length: Math.ceil(text.length / size) }, (_, at) => text.slice(at * size, (at + 1) * size));
  const deltas = (type: string, field: string, text: unknown) => pieces(String(text)).map((piece) => delta(index, type, { [field]: piece }));
  switch (json["type"]) {
    case "text":
      return [open(index, { type: "text", text: "" }), ...deltas("text_delta", "text", json["text"]), close(index)];
    case "thinking":
      return [
        open(index, { type: "thinking", thinking: "", signature: "" }),
        ...deltas("thinking_delta", "thinking", json["thinking"]),
        ...deltas("signature_delta", "signature", json["signature"]),
        close(index),
      ];
    case "tool_use":
      return [open(index, { ...json, input: {} }), ...deltas("input_json_delta", "partial_json", JSON.stringify(json["input"])), close(index)];
    default:
      return [open(index, json), close(index)];
  }
}

/** Events with neighbouring pieces of one text joined and signs of life left out: what is left must not depend on the cutting. */
function joined(events: readonly ChatEvent[]): ChatEvent[] {
  const whole: ChatEvent[] = [];
  for (const event of events) {
    const last = whole.at(-1);
    if (event.type === "alive") continue;
    if (last !== undefined && "text" in last && "text" in event && last.type === event.type)
      whole[whole.length - 1] = { ...last, text: last.text + event.text };
    else whole.push(event);
  }
  return whole;
}

test("a stream says the same as the whole answer, however it was cut", () => {
  fc.assert(
    fc.property(fc.array(block), fc.integer({ min: 1, max: 9 }), fc.constantFrom("end_turn", "max_tokens", "refusal"), (content, size, stop_reason) => {
      const usage = { input_tokens: 10, output_tokens: 5 };
      const whole = readMessage({ type: "message", id: "msg_1", model: "claude", content: content as JsonObject[], stop_reason, usage });
      const stream = decoded(begin(), ...content.flatMap((json, index) => streamed(json as JsonObject, index, size)), finish(stop_reason), STOP);
      expect(joined(stream)).toEqual(joined(whole));
      for (const call of collect(stream).choices[0]?.calls ?? []) expect(JSON.parse(call.arguments)).toBeObject();
    }),
  );
});
