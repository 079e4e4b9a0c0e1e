import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../vocabulary/events.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { chatEncoder, writeChatAnswer } from "./encode.ts";
import { readChatCall } from "./read-call.ts";

const FACTS = { model: "public", requestId: "req_1", created: 7 };
const callOf = (more: JsonObject = {}) => readChatCall(incoming({ model: "public", messages: [{ role: "user", content: "hi" }], ...more }));

/** What a client of a stream gets: `[DONE]`, or the chunks. */
function encoded(events: readonly ChatEvent[], more: JsonObject = {}): (string | JsonObject)[] {
  const encoder = chatEncoder(callOf({ stream: true, ...more }), FACTS);
  return events
    .map((event) => encoder.encode(event))
    .join("")
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => (frame === "data: [DONE]" ? "[DONE]" : (JSON.parse(frame.slice("data: ".length)) as JsonObject)));
}
const deltas = (events: readonly ChatEvent[]) =>
  encoded(events).map((chunk) =>
    typeof chunk === "string" ? chunk : (chunk["choices"] as JsonObject[]).map((choice) => [choice["index"], choice["delta"], choice["finish_reason"]]),
  );
const START: ChatEvent = { type: "start", id: "msg_9", model: "upstream-model", created: 5 };
const FINISH: ChatEvent = { type: "finish", choice: 0, reason: "stop" };
const END: ChatEvent = { type: "end" };

describe("a stream", () => {
  test("says who answers in every chunk", () => {
    const [first] = encoded([START, { type: "text", choice: 0, text: "a" }]);
    expect(first).toEqual({
      id: "chatcmpl-9",
      object: "chat.completion.chunk",
      created: 5,
      model: "upstream-model",
      choices: [{ index: 0, delta: { role: "assistant", content: "a" }, logprobs: null, finish_reason: null }],
    });
  });

  test("of an upstream without a name gets the request's own", () => {
    expect(encoded([{ type: "start" }, { type: "text", choice: 0, text: "a" }])[0]).toMatchObject({ id: "chatcmpl-1", created: 7, model: "public" });
  });

  const rows: [string, ChatEvent[], unknown[]][] = [
    [
      "the role comes once, and first",
      [{ type: "text", choice: 0, text: "a" }, { type: "text", choice: 0, text: "b" }, FINISH, END],
      [[[0, { role: "assistant", content: "a" }, null]], [[0, { content: "b" }, null]], [[0, {}, "stop"]], "[DONE]"],
    ],
    [
      "thinking under both of its names",
      [{ type: "thinking", choice: 0, text: "t" }],
      [[[0, { role: "assistant", content: null, reasoning_content: "t", reasoning: "t" }, null]]],
    ],
    ["empty pieces are not sent", [{ type: "text", choice: 0, text: "" }, { type: "thinking", choice: 0, text: "" }, { type: "alive" }], []],
    [
      "a signature on text or a picture, where Google's own API has it",
      [
        { type: "text", choice: 0, text: "a" },
        { type: "text", choice: 0, text: "", signature: "t" },
        { type: "image", choice: 0, mime: "image/png", base64: "AAAA", signature: "p" },
      ],
      [
        [[0, { role: "assistant", content: "a" }, null]],
        [[0, { content: "", extra_content: { google: { thought_signature: "t" } } }, null]],
        [
          [
            0,
            {
              images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" }, extra_content: { google: { thought_signature: "p" } } }],
            },
            null,
          ],
        ],
      ],
    ],
    ["an empty answer still has a role", [FINISH, END], [[[0, { role: "assistant", content: "" }, "stop"]], "[DONE]"]],
    [
      "every piece of a call has its index, the first has its name",
      [
        { type: "tool-call", choice: 0, call: 0, id: "1", name: "f" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: "{}" },
        { type: "tool-call", choice: 0, call: 1, id: "2", name: "g", signature: "s" },
        { type: "finish", choice: 0, reason: "tool-calls" },
      ],
      [
        [[0, { role: "assistant", content: null, tool_calls: [{ index: 0, id: "1", type: "function", function: { name: "f", arguments: "" } }] }, null]],
        [[0, { tool_calls: [{ index: 0, function: { arguments: "{}" } }] }, null]],
        [
          [
            0,
            {
              tool_calls: [
                { index: 1, id: "2", type: "function", function: { name: "g", arguments: "" }, extra_content: { google: { thought_signature: "s" } } },
              ],
            },
            null,
          ],
        ],
        [[0, { tool_calls: [{ index: 1, function: { arguments: "{}" } }] }, null]],
        [[0, {}, "tool_calls"]],
      ],
    ],
    [
      "choices have a role each",
      [
        { type: "text", choice: 0, text: "a" },
        { type: "text", choice: 1, text: "b" },
      ],
      [[[0, { role: "assistant", content: "a" }, null]], [[1, { role: "assistant", content: "b" }, null]]],
    ],
    [
      "what only the gateway needs is not sent",
      [
        { type: "thinking-signature", choice: 0, signature: "s" },
        { type: "thinking-redacted", choice: 0, data: "d" },
      ],
      [],
    ],
  ];
  test.each(rows)("%s", (_name, events, expected) => {
    expect(deltas(events)).toEqual(expected as never);
  });

  test.each<[ChatEvent & { type: "finish" }, string]>([
    [{ type: "finish", choice: 0, reason: "stop", stopSequence: "END" }, "stop"],
    [{ type: "finish", choice: 0, reason: "length" }, "length"],
    [{ type: "finish", choice: 0, reason: "tool-calls" }, "tool_calls"],
    [{ type: "finish", choice: 0, reason: "content-filter" }, "content_filter"],
    [{ type: "finish", choice: 0, reason: "refusal" }, "content_filter"],
    [{ type: "finish", choice: 0, reason: "pause" }, "stop"],
  ])("%j", (event, reason) => {
    expect(deltas([event])).toEqual([[[0, { role: "assistant", content: "" }, reason]]]);
  });

  test("usage comes between the finish and the end mark, for those who asked", () => {
    const events: ChatEvent[] = [
      { type: "usage", usage: usageOf({ input: 1 }) },
      { type: "text", choice: 0, text: "a" },
      FINISH,
      { type: "usage", usage: usageOf({ input: 3, cacheRead: 2, output: 4, reasoning: 1 }) },
      END,
    ];
    const asked = encoded(events, { stream_options: { include_usage: true } });
    expect(asked.slice(2)).toMatchObject([
      {
        choices: [],
        usage: {
          prompt_tokens: 5,
          completion_tokens: 4,
          total_tokens: 9,
          prompt_tokens_details: { cached_tokens: 2 },
          completion_tokens_details: { reasoning_tokens: 1 },
        },
      },
      "[DONE]",
    ]);
    expect(asked.length).toBe(4);
    expect(encoded(events).slice(2)).toEqual(["[DONE]"]);
  });
});

describe("a whole answer", () => {
  const written = (events: ChatEvent[]) => JSON.parse(writeChatAnswer(events, callOf(), FACTS)) as JsonObject;
  const message = (events: ChatEvent[]) => (written(events)["choices"] as JsonObject[])[0];
  test("has a chat completion's shape", () => {
    expect(written([START, { type: "text", choice: 0, text: "a" }, FINISH, { type: "usage", usage: usageOf({ input: 1, output: 2 }) }, END])).toMatchObject({
      id: "chatcmpl-9",
      object: "chat.completion",
      created: 5,
      model: "upstream-model",
      choices: [{ index: 0, message: { role: "assistant", content: "a", refusal: null }, logprobs: null, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
  });
  const rows: [string, ChatEvent[], object][] = [
    [
      "calls without text have null content",
      [
        { type: "tool-call", choice: 0, call: 0, id: "1", name: "f" },
        { type: "finish", choice: 0, reason: "tool-calls" },
      ],
      { message: { content: null, tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }] }, finish_reason: "tool_calls" },
    ],
    ["a refusal has null content", [{ type: "refusal", choice: 0, text: "no" }, FINISH], { message: { content: null, refusal: "no" } }],
    ["an empty answer has empty content", [FINISH], { message: { content: "" } }],
    [
      "thinking",
      [{ type: "thinking", choice: 0, text: "t" }, { type: "text", choice: 0, text: "a" }, FINISH],
      { message: { content: "a", reasoning_content: "t", reasoning: "t" } },
    ],
    [
      "logprobs in pieces are one list",
      [
        { type: "text", choice: 0, text: "ab" },
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "a" }], refusal: null } },
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "b" }] } },
        FINISH,
      ],
      { logprobs: { content: [{ token: "a" }, { token: "b" }] } },
    ],
    [
      "an image",
      [{ type: "image", choice: 0, mime: "image/png", base64: "AAAA" }, FINISH],
      { message: { images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] } },
    ],
    [
      "signatures",
      [
        { type: "text", choice: 0, text: "a" },
        { type: "text", choice: 0, text: "", signature: "t" },
        { type: "image", choice: 0, mime: "image/png", base64: "AAAA", signature: "p" },
        FINISH,
      ],
      { message: { content: "a", images: [{ extra_content: { google: { thought_signature: "p" } } }], extra_content: { google: { thought_signature: "t" } } } },
    ],
    [
      "a citation",
      [{ type: "text", choice: 0, text: "a" }, { type: "annotation", choice: 0, annotation: { type: "url_citation" } }, FINISH],
      { message: { annotations: [{ type: "url_citation" }] } },
    ],
  ];
  test.each(rows)("%s", (_name, events, expected) => {
    expect(message(events)).toMatchObject(expected);
  });
});

describe("for a client of functions, as they were before tools", () => {
  const functions = { functions: [{ name: "f" }] };
  const calls: ChatEvent[] = [
    { type: "tool-call", choice: 0, call: 0, id: "call_1", name: "f" },
    { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":' },
    { type: "tool-call-arguments", choice: 0, call: 0, text: "1}" },
    { type: "tool-call", choice: 0, call: 1, id: "call_2", name: "f" },
    { type: "tool-call-arguments", choice: 0, call: 1, text: "{}" },
    { type: "finish", choice: 0, reason: "tool-calls" },
    END,
  ];
  const choicesOf = (more: JsonObject) => encoded(calls, more).flatMap((chunk) => (typeof chunk === "string" ? [] : (chunk["choices"] as JsonObject[])));

  test("a stream has the first call, without an id", () => {
    expect(choicesOf(functions).map(({ delta, finish_reason }) => [delta, finish_reason])).toEqual([
      [{ role: "assistant", content: null, function_call: { name: "f", arguments: "" } }, null],
      [{ function_call: { arguments: '{"a":' } }, null],
      [{ function_call: { arguments: "1}" } }, null],
      [{}, "function_call"],
    ]);
  });

  test("and so has a whole answer", () => {
    const { choices } = JSON.parse(writeChatAnswer(calls, callOf(functions), FACTS));
    expect(choices).toEqual([
      {
        index: 0,
        message: { role: "assistant", content: null, refusal: null, function_call: { name: "f", arguments: '{"a":1}' } },
        logprobs: null,
        finish_reason: "function_call",
      },
    ]);
  });

  test("who sends tools as well reads tool calls", () => {
    expect(choicesOf({ ...functions, tools: [] }).at(-1)?.["finish_reason"]).toBe("tool_calls");
  });
});
