import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import { type JsonObject, objectOf } from "../../../../vocabulary/json.ts";
import { usageOf } from "../../../../vocabulary/usage.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readMessagesCall } from "../read/call.ts";
import { shortName } from "../tool-names.ts";
import { messagesEncoder, writeMessage } from "./encode.ts";

const FACTS = { model: "public", requestId: "req_1", created: 7 };
const callOf = (more: JsonObject = {}) => readMessagesCall(incoming({ model: "public", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...more }));

/** What a client of a stream gets: the data of every frame, which has the name of its type. */
function streamed(events: readonly ChatEvent[], more: JsonObject = {}): JsonObject[] {
  const encoder = messagesEncoder(callOf({ stream: true, ...more }), FACTS);
  return events.flatMap((event) => framesIn(encoder.encode(event)));
}

function framesIn(text: string): JsonObject[] {
  const frames = text.split("\n\n");
  expect(frames.pop()).toBe("");
  return frames.map((frame) => {
    const [, name, data] = /^event: ([a-z_]+)\ndata: (.*)$/.exec(frame) ?? [];
    const json = JSON.parse(data ?? "") as JsonObject;
    expect(json["type"]).toBe(name as string);
    return json;
  });
}

/** Blocks and what they say, without start and end, in one word each. */
function told(events: readonly ChatEvent[], more: JsonObject = {}): string[] {
  return streamed(events, more).flatMap((event) => {
    const block = objectOf(event["content_block"]);
    const delta = objectOf(event["delta"]);
    switch (event["type"]) {
      case "content_block_start":
        return [
          `${event["index"]} ${block["type"]}${block["name"] === undefined ? "" : ` ${block["name"]}`}${block["data"] === undefined ? "" : ` ${block["data"]}`}`,
        ];
      case "content_block_delta":
        return [
          `${event["index"]} ${delta["type"]} ${delta["text"] ?? delta["partial_json"] ?? delta["thinking"] ?? delta["signature"] ?? JSON.stringify(delta["citation"])}`,
        ];
      case "content_block_stop":
        return [`${event["index"]} stop`];
      default:
        return [];
    }
  });
}

const START: ChatEvent = { type: "start", id: "chatcmpl-9", model: "upstream-model", created: 5 };
const FINISH: ChatEvent = { type: "finish", choice: 0, reason: "stop" };
const END: ChatEvent = { type: "end" };
const text = (said: string, choice = 0): ChatEvent => ({ type: "text", choice, text: said });
const thinking = (said: string): ChatEvent => ({ type: "thinking", choice: 0, text: said });
const signature = (proof: string): ChatEvent => ({ type: "thinking-signature", choice: 0, signature: proof });
const call = (number: number, id = `t${number}`, name = `f${number}`): ChatEvent => ({ type: "tool-call", choice: 0, call: number, id, name });
const args = (number: number, said: string): ChatEvent => ({ type: "tool-call-arguments", choice: 0, call: number, text: said });
const cite = (url: string): ChatEvent => ({ type: "annotation", choice: 0, annotation: { type: "url_citation", url_citation: { url, title: "T" } } });

test("a stream from its first word to its last", () => {
  const usage = usageOf({ input: 3, cacheRead: 4, cacheWrite5m: 5, cacheWrite1h: 6, output: 7, reasoning: 2 });
  const zeros = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 };
  // The usage comes after the finish from most upstreams.
  expect(streamed([START, text("a"), text(""), text("b"), FINISH, { type: "usage", usage }, END])).toEqual([
    {
      type: "message_start",
      message: {
        id: "msg_9",
        type: "message",
        role: "assistant",
        model: "upstream-model",
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, cache_creation: zeros, output_tokens: 0 },
      },
    },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "b" } },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 11,
        cache_read_input_tokens: 4,
        cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 6 },
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 2 },
      },
    },
    { type: "message_stop" },
  ]);
});

test.each<ChatEvent[][]>([[[]], [[{ type: "start", id: "", model: "" }]], [[{ type: "start" }]]])(
  "an upstream without a name or an id, or a word: %j",
  (start_) => {
    const [start, delta, stop] = streamed([...start_, FINISH, END]);
    expect(start).toMatchObject({ type: "message_start", message: { id: "msg_1", model: "public" } });
    expect([delta?.["type"], stop?.["type"]]).toEqual(["message_delta", "message_stop"]);
  },
);

describe("blocks, one after the other", () => {
  const rows: [string, ChatEvent[], string[]][] = [
    [
      "thinking without a proof, and text",
      [thinking("a"), thinking("b"), text("c"), FINISH],
      ["0 thinking", "0 thinking_delta a", "0 thinking_delta b", "0 stop", "1 text", "1 text_delta c", "1 stop"],
    ],
    [
      "thinking with its proof, which ends it",
      [thinking("a"), signature("s"), thinking("b"), signature("t"), FINISH],
      [...["0 thinking", "0 thinking_delta a", "0 signature_delta s", "0 stop"], ...["1 thinking", "1 thinking_delta b", "1 signature_delta t", "1 stop"]],
    ],
    [
      "a proof of thinking that is not shown",
      [signature("s"), text("a"), FINISH],
      ["0 thinking", "0 signature_delta s", "0 stop", "1 text", "1 text_delta a", "1 stop"],
    ],
    ["hidden thinking", [{ type: "thinking-redacted", choice: 0, data: "xx" }, FINISH], ["0 redacted_thinking xx", "0 stop"]],
    [
      "calls one after the other, as they come",
      [call(0), args(0, '{"a":'), args(0, "1}"), call(1), args(1, "{}"), FINISH],
      [...["0 tool_use f0", '0 input_json_delta {"a":', "0 input_json_delta 1}", "0 stop"], ...["1 tool_use f1", "1 input_json_delta {}", "1 stop"]],
    ],
    [
      "calls that take turns: one after the other all the same",
      [call(0), call(1), args(0, '{"a"'), args(1, '{"b"'), args(0, ":1}"), args(1, ":2}"), FINISH],
      [
        ...["0 tool_use f0", '0 input_json_delta {"a"', "0 input_json_delta :1}", "0 stop"],
        ...["1 tool_use f1", '1 input_json_delta {"b"', "1 input_json_delta :2}", "1 stop"],
      ],
    ],
    [
      "a later call that is complete first",
      [call(0), args(0, "{"), call(1), args(1, "{}"), call(2), args(2, '{"c":3}'), args(0, "}"), FINISH],
      [
        ...["0 tool_use f0", "0 input_json_delta {", "0 input_json_delta }", "0 stop"],
        ...["1 tool_use f1", "1 input_json_delta {}", "1 stop", "2 tool_use f2", '2 input_json_delta {"c":3}', "2 stop"],
      ],
    ],
    [
      "text between the arguments of a call waits for them",
      [call(0), args(0, '{"a"'), text("x"), thinking("y"), text("z"), args(0, ":1}"), FINISH],
      [
        ...["0 tool_use f0", '0 input_json_delta {"a"', "0 input_json_delta :1}", "0 stop"],
        ...["1 text", "1 text_delta x", "1 stop", "2 thinking", "2 thinking_delta y", "2 stop", "3 text", "3 text_delta z", "3 stop"],
      ],
    ],
    ["a call without a word of arguments", [call(0), args(0, " "), FINISH], ["0 tool_use f0", "0 input_json_delta {}", "0 stop"]],
    ["arguments that are no object are none", [call(0), args(0, "nu"), args(0, "ll"), FINISH], ["0 tool_use f0", "0 input_json_delta {}", "0 stop"]],
    [
      "arguments that are cut off stay so",
      [call(0), args(0, '{"a'), call(1), { type: "finish", choice: 0, reason: "length" }],
      ["0 tool_use f0", '0 input_json_delta {"a', "0 stop", "1 tool_use f1", "1 input_json_delta {}", "1 stop"],
    ],
    [
      "what follows the end of an object is nobody's",
      [call(0), args(0, ' {"a":"}"}'), args(0, "\n{}"), call(1), args(0, "!"), args(7, "{}"), FINISH],
      ["0 tool_use f0", '0 input_json_delta {"a":"}"}', "0 stop", "1 tool_use f1", "1 input_json_delta {}", "1 stop"],
    ],
    ["a refusal is text", [{ type: "refusal", choice: 0, text: "no" }, FINISH], ["0 text", "0 text_delta no", "0 stop"]],
    [
      "a picture is a text of its own",
      [text("see "), { type: "image", choice: 0, mime: "image/png", base64: "AAAA" }, text("!"), FINISH],
      ["0 text", "0 text_delta see ", "0 stop", "1 text", "1 text_delta ![image](data:image/png;base64,AAAA)", "1 stop", "2 text", "2 text_delta !", "2 stop"],
    ],
    [
      "a source belongs to the text before it",
      [text("a"), cite("https://a"), { type: "annotation", choice: 0, annotation: { type: "file_citation" } }, FINISH],
      [
        ...["0 text", "0 text_delta a"],
        '0 citations_delta {"type":"web_search_result_location","url":"https://a","title":"T","cited_text":"","encrypted_index":""}',
        "0 stop",
      ],
    ],
    ["a source without a text belongs nowhere", [call(0), cite("https://a"), FINISH], ["0 tool_use f0", "0 input_json_delta {}", "0 stop"]],
    [
      "of several answers the first",
      [text("a"), text("b", 1), { type: "finish", choice: 1, reason: "stop" }, text("c"), FINISH],
      ["0 text", "0 text_delta a", "0 text_delta c", "0 stop"],
    ],
    [
      "sound and probabilities have no place",
      [text("a"), { type: "audio", choice: 0, audio: {} }, { type: "logprobs", choice: 0, logprobs: {} }, { type: "alive" }, FINISH],
      ["0 text", "0 text_delta a", "0 stop"],
    ],
  ];
  test.each(rows)("%s", (_name, events, expected) => {
    expect(told(events)).toEqual(expected);
  });

  test("thinking that the client does not want to read is left out, its proof is not", () => {
    const events = [thinking("a"), text("b"), thinking("c"), signature("s"), FINISH];
    const shown = ["0 text", "0 text_delta b", "0 stop", "1 thinking", "1 signature_delta s", "1 stop"];
    expect(told(events, { thinking: { type: "adaptive", display: "omitted" } })).toEqual(shown);
    expect(told(events, { thinking: { type: "disabled" } })).toEqual(shown);
  });
});

describe("why it ends", () => {
  const rows: [string, ChatEvent[], JsonObject][] = [
    ["it is done", [text("a"), FINISH], { stop_reason: "end_turn", stop_sequence: null }],
    ["at a stop sequence", [{ type: "finish", choice: 0, reason: "stop", stopSequence: "END" }], { stop_reason: "stop_sequence", stop_sequence: "END" }],
    ["its bound", [{ type: "finish", choice: 0, reason: "length" }], { stop_reason: "max_tokens", stop_sequence: null }],
    ["calls", [call(0), { type: "finish", choice: 0, reason: "tool-calls" }], { stop_reason: "tool_use", stop_sequence: null }],
    ["calls, though nobody says so", [call(0)], { stop_reason: "tool_use", stop_sequence: null }],
    ["a pause", [{ type: "finish", choice: 0, reason: "pause" }], { stop_reason: "pause_turn", stop_sequence: null }],
    [
      "a filter",
      [{ type: "finish", choice: 0, reason: "content-filter", detail: "SAFETY" }],
      { stop_reason: "refusal", stop_sequence: null, stop_details: { type: "refusal", category: null, explanation: "SAFETY" } },
    ],
    [
      "a refusal in words, whatever else is said",
      [{ type: "refusal", choice: 0, text: "no" }, FINISH],
      { stop_reason: "refusal", stop_sequence: null, stop_details: { type: "refusal", category: null, explanation: null } },
    ],
    ["the first reason counts", [FINISH, { type: "finish", choice: 0, reason: "length" }], { stop_reason: "end_turn", stop_sequence: null }],
  ];
  test.each(rows)("%s", (_name, events, delta) => {
    const frames = streamed([START, ...events, END]);
    expect(frames.at(-2)?.["delta"]).toEqual(delta);
    const { content: _content, ...message } = JSON.parse(writeMessage([START, ...events, END], callOf(), FACTS)) as JsonObject;
    expect(message).toMatchObject(delta);
  });
});

test("without a word of usage it is counted: clients shorten conversations by it", () => {
  const frames = streamed([START, text("12345678"), FINISH, END]);
  // Four around a message, and its one word.
  expect(frames.at(-2)?.["usage"]).toMatchObject({ input_tokens: 5, output_tokens: 2 });
});

describe("ids and names of calls", () => {
  const LONG = `mcp__${"server".repeat(10)}__find`;
  const uses = (events: ChatEvent[], more: JsonObject = {}) =>
    streamed([...events, FINISH], more).flatMap((event) => (event["type"] === "content_block_start" ? [objectOf(event["content_block"])] : []));

  test("an id in Anthropic's alphabet stays, another is made to fit", () => {
    const [kept, fitted] = uses([call(0, "call_a-B1"), call(1, "functions.get:0")]);
    expect([kept?.["id"], fitted?.["id"]]).toEqual(["call_a-B1", expect.stringMatching(/^toolu_[0-9a-f]{28}$/)] as never);
  });

  test("an id the conversation has already becomes another", () => {
    const messages = [{ role: "assistant", content: [{ type: "tool_use", id: "call_0", name: "f", input: {} }] }];
    expect(uses([call(0, "call_0"), call(1, "call_0"), call(2, "call_1")], { messages }).map((block) => block["id"])).toEqual([
      "call_0_2",
      "call_0_3",
      "call_1",
    ]);
  });

  test("a name that was shortened is the client's own again", () => {
    expect(uses([call(0, "a", shortName(LONG))], { tools: [{ name: LONG, input_schema: {} }] })[0]).toMatchObject({ name: LONG });
  });
});

describe("a failure", () => {
  const failure = new Failure("overloaded", "busy");
  const error = { type: "error", error: { type: "overloaded_error", message: "busy" }, request_id: "req_1" };
  test("ends a stream in Anthropic's words, and one that has not begun", () => {
    expect(streamed([START, text("a"), { type: "failure", failure }]).at(-1)).toEqual(error);
    expect(streamed([{ type: "failure", failure }])).toEqual([error]);
  });
});

describe("a whole answer", () => {
  test("is what its stream would come to", () => {
    const usage = usageOf({ input: 3, output: 4 });
    const events = [START, thinking("a"), signature("s"), text("b"), cite("https://a"), call(0, "t0"), args(0, '{"a":'), args(0, "1}"), call(1, "t1"), FINISH];
    expect(JSON.parse(writeMessage([...events, { type: "usage", usage }, END], callOf(), FACTS))).toEqual({
      id: "msg_9",
      type: "message",
      role: "assistant",
      model: "upstream-model",
      content: [
        { type: "thinking", thinking: "a", signature: "s" },
        { type: "text", text: "b", citations: [{ type: "web_search_result_location", url: "https://a", title: "T", cited_text: "", encrypted_index: "" }] },
        { type: "tool_use", id: "t0", name: "f0", input: { a: 1 } },
        { type: "tool_use", id: "t1", name: "f1", input: {} },
      ],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 4,
      },
    });
  });

  test("an input that is no JSON is none", () => {
    const { content } = JSON.parse(writeMessage([call(0, "t"), args(0, '{"a":'), FINISH, END], callOf(), FACTS)) as JsonObject;
    expect(content).toEqual([{ type: "tool_use", id: "t", name: "f0", input: {} }]);
  });
});

describe("whatever comes in whatever order", () => {
  const CALLS = 4;
  const step = fc.oneof(
    fc.record({ type: fc.constant("text" as const), choice: fc.constant(0), text: fc.string({ maxLength: 3 }) }),
    fc.record({ type: fc.constant("thinking" as const), choice: fc.constant(0), text: fc.string({ maxLength: 3 }) }),
    fc.record({ type: fc.constant("thinking-signature" as const), choice: fc.constant(0), signature: fc.constant("s") }),
    fc.nat(CALLS - 1).map((number) => call(number)),
    fc.tuple(fc.nat(CALLS - 1), fc.constantFrom("{", "}", '"a":1', ",", " ", "x", '{"b":"}"}')).map(([number, piece]) => args(number, piece)),
  );

  test("exactly one block is open at a time, numbered from 0, and each is stopped", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let open = -1;
        let next = 0;
        for (const event of streamed([START, ...steps, FINISH, END])) {
          const index = event["index"];
          if (event["type"] === "content_block_start") {
            expect([open, index]).toEqual([-1, next]);
            open = next++;
          } else if (event["type"] === "content_block_delta") expect(index as number).toBe(open);
          else if (event["type"] === "content_block_stop") {
            expect(index as number).toBe(open);
            open = -1;
          }
        }
        expect(open).toBe(-1);
      }),
    );
  });

  test("arguments come out whole, however they take turns", () => {
    const object = fc.dictionary(
      fc.string({ maxLength: 5 }),
      fc.oneof(fc.string(), fc.integer(), fc.array(fc.string(), { maxLength: 2 }), fc.dictionary(fc.string(), fc.boolean())),
    );
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 30 }), (inputs, turns) => {
        const rest = inputs.map((input) => Array.from(JSON.stringify(input)));
        const events: ChatEvent[] = inputs.map((_input, number) => call(number));
        const order = [...turns, ...inputs.map((_input, number) => number)];
        order.forEach((turn, at) => {
          const number = turn % inputs.length;
          const pieces = rest[number]?.splice(0, at < turns.length ? 3 : Number.POSITIVE_INFINITY) ?? [];
          events.push(args(number, pieces.join("")));
        });
        const { content } = JSON.parse(writeMessage([START, ...events, FINISH, END], callOf(), FACTS)) as { content: JsonObject[] };
        expect(content.map((block) => JSON.stringify(block["input"]))).toEqual(inputs.map((input) => JSON.stringify(input)));
      }),
    );
  });
});
