import { describe, expect, test } from "bun:test";
import type { AnswerFacts } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import { type JsonObject, listOf, objectOf } from "../../../../vocabulary/json.ts";
import { usageOf } from "../../../../vocabulary/usage.ts";
import { responsesProof } from "../../../shared/conversation/proofs.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readResponsesCall } from "../read/call.ts";
import { responsesEncoder, writeResponse } from "./encode.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1a", created: 7 };
const now = () => 9_500;
const callOf = (more: JsonObject = {}) => readResponsesCall(incoming({ model: "public", input: "hi", ...more }));

/** Every frame a client of the stream gets: its name and its data. */
function framesOf(events: readonly ChatEvent[], more: JsonObject = {}): { readonly name: string; readonly data: JsonObject }[] {
  const encoder = responsesEncoder(callOf(more), FACTS, now);
  const text = events.map((event) => encoder.encode(event)).join("");
  return text
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => {
      const [, name = "", data = ""] = /^event: (\S+)\ndata: (.+)$/.exec(frame) ?? [];
      return { name, data: JSON.parse(data) as JsonObject };
    });
}

/** The stream without its first two events and its last, which hold the whole response. */
function told(events: readonly ChatEvent[], more: JsonObject = {}): unknown[] {
  return framesOf([START, ...events, END], more)
    .slice(2, -1)
    .map(({ name, data: { type: _type, sequence_number: _number, ...rest } }) => [name.replace(/^response\./, ""), rest]);
}

const whole = (events: readonly ChatEvent[], more: JsonObject = {}) => JSON.parse(writeResponse(events, callOf(more), FACTS, now)) as JsonObject;
const outputOf = (events: readonly ChatEvent[], more: JsonObject = {}) => listOf(whole([START, ...events, END], more)["output"]).map(objectOf);

const choice = 0;
const START: ChatEvent = { type: "start", id: "msg_9", model: "upstream-model", created: 5 };
const FINISH: ChatEvent = { type: "finish", choice, reason: "stop" };
const END: ChatEvent = { type: "end" };
const text = (words: string): ChatEvent => ({ type: "text", choice, text: words });
const thinking = (words: string): ChatEvent => ({ type: "thinking", choice, text: words });
const call = (number: number, name = "f"): ChatEvent => ({ type: "tool-call", choice, call: number, id: `c${number}`, name });
const args = (number: number, words: string): ChatEvent => ({ type: "tool-call-arguments", choice, call: number, text: words });

const message = (at: number, content: JsonObject[], status = "completed") => ({ type: "message", id: `msg_1a_${at}`, status, role: "assistant", content });
const part = (words: string) => ({ type: "output_text", text: words, annotations: [], logprobs: [] });
const functionCall = (at: number, number: number, words: string, status = "completed") => ({
  type: "function_call",
  id: `fc_1a_${at}`,
  call_id: `c${number}`,
  name: "f",
  arguments: words,
  status,
});

test("a failure among an upstream's own frames has the next number", () => {
  const encoder = responsesEncoder(callOf(), FACTS, now);
  const frames = [0, 1].map((number) => Buffer.from(`event: response.created\ndata: {"sequence_number":${number}}\n\n`));
  expect(frames.map((frame) => encoder.forward?.(frame))).toEqual(frames);
  expect(encoder.encode({ type: "failure", failure: new Failure("upstream-error", "It broke.") })).toContain('"sequence_number":2');
});

describe("a whole stream, event by event", () => {
  test("text", () => {
    const usage = usageOf({ input: 4, cacheRead: 1, output: 2 });
    const frames = framesOf([START, text("Hel"), text("lo"), FINISH, { type: "usage", usage }, END]);
    const at = { item_id: "msg_1a_0", output_index: 0, content_index: 0 };
    const base = whole([START, text("Hello"), FINISH, { type: "usage", usage }, END]);
    const begun = { ...base, status: "in_progress", completed_at: null, output: [], usage: null };
    expect(frames.map(({ data }) => data)).toEqual([
      { type: "response.created", sequence_number: 0, response: begun },
      { type: "response.in_progress", sequence_number: 1, response: begun },
      { type: "response.output_item.added", sequence_number: 2, output_index: 0, item: message(0, [], "in_progress") },
      { type: "response.content_part.added", sequence_number: 3, ...at, part: part("") },
      { type: "response.output_text.delta", sequence_number: 4, ...at, delta: "Hel", logprobs: [] },
      { type: "response.output_text.delta", sequence_number: 5, ...at, delta: "lo", logprobs: [] },
      { type: "response.output_text.done", sequence_number: 6, ...at, text: "Hello", logprobs: [] },
      { type: "response.content_part.done", sequence_number: 7, ...at, part: part("Hello") },
      { type: "response.output_item.done", sequence_number: 8, output_index: 0, item: message(0, [part("Hello")]) },
      { type: "response.completed", sequence_number: 9, response: base },
    ]);
    expect(frames.map(({ name }) => name)).toEqual(frames.map(({ data }) => String(data["type"])));
  });

  const item = (at: number, prefix: string) => ({ item_id: `${prefix}_1a_${at}`, output_index: at });
  const rows: [string, ChatEvent[], unknown[], JsonObject?][] = [
    [
      "thinking and its proof, then text",
      [thinking("h"), thinking("m"), { type: "thinking-signature", choice, signature: "c2ln" }, text("a"), FINISH],
      [
        ["output_item.added", { output_index: 0, item: { type: "reasoning", id: "rs_1a_0", summary: [] } }],
        ["reasoning_summary_part.added", { ...item(0, "rs"), summary_index: 0, part: { type: "summary_text", text: "" } }],
        ["reasoning_summary_text.delta", { ...item(0, "rs"), summary_index: 0, delta: "h" }],
        ["reasoning_summary_text.delta", { ...item(0, "rs"), summary_index: 0, delta: "m" }],
        ["reasoning_summary_text.done", { ...item(0, "rs"), summary_index: 0, text: "hm" }],
        ["reasoning_summary_part.done", { ...item(0, "rs"), summary_index: 0, part: { type: "summary_text", text: "hm" } }],
        [
          "output_item.done",
          {
            output_index: 0,
            item: { type: "reasoning", id: "rs_1a_0", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "anthropic-messages:c2ln" },
          },
        ],
        ["output_item.added", { output_index: 1, item: message(1, [], "in_progress") }],
        ["content_part.added", { ...item(1, "msg"), content_index: 0, part: part("") }],
        ["output_text.delta", { ...item(1, "msg"), content_index: 0, delta: "a", logprobs: [] }],
        ["output_text.done", { ...item(1, "msg"), content_index: 0, text: "a", logprobs: [] }],
        ["content_part.done", { ...item(1, "msg"), content_index: 0, part: part("a") }],
        ["output_item.done", { output_index: 1, item: message(1, [part("a")]) }],
      ],
    ],
    [
      "thinking that may not be read",
      [{ type: "thinking-redacted", choice, data: "b64=" }],
      [
        ["output_item.added", { output_index: 0, item: { type: "reasoning", id: "rs_1a_0", summary: [] } }],
        [
          "output_item.done",
          { output_index: 0, item: { type: "reasoning", id: "rs_1a_0", summary: [], encrypted_content: "anthropic-messages:redacted:b64=" } },
        ],
      ],
    ],
    [
      "a refusal after text is a part of the same message",
      [text("a"), { type: "refusal", choice, text: "no" }, FINISH],
      [
        ["output_item.added", { output_index: 0, item: message(0, [], "in_progress") }],
        ["content_part.added", { ...item(0, "msg"), content_index: 0, part: part("") }],
        ["output_text.delta", { ...item(0, "msg"), content_index: 0, delta: "a", logprobs: [] }],
        ["output_text.done", { ...item(0, "msg"), content_index: 0, text: "a", logprobs: [] }],
        ["content_part.done", { ...item(0, "msg"), content_index: 0, part: part("a") }],
        ["content_part.added", { ...item(0, "msg"), content_index: 1, part: { type: "refusal", refusal: "" } }],
        ["refusal.delta", { ...item(0, "msg"), content_index: 1, delta: "no" }],
        ["refusal.done", { ...item(0, "msg"), content_index: 1, refusal: "no" }],
        ["content_part.done", { ...item(0, "msg"), content_index: 1, part: { type: "refusal", refusal: "no" } }],
        ["output_item.done", { output_index: 0, item: message(0, [part("a"), { type: "refusal", refusal: "no" }]) }],
      ],
    ],
    [
      "a citation and the log probabilities of the text before",
      [
        text("a"),
        { type: "annotation", choice, annotation: { type: "url_citation", url_citation: { url: "https://x", start_index: 0, end_index: 1, title: "X" } } },
        { type: "annotation", choice, annotation: { type: "url_citation", url_citation: { url: "https://y" } } },
        { type: "logprobs", choice, logprobs: { content: [{ token: "a", logprob: -0.5, bytes: null, top_logprobs: [{ token: "b", logprob: -2 }] }] } },
        FINISH,
      ],
      (() => {
        const annotations = [
          { type: "url_citation", url: "https://x", title: "X", start_index: 0, end_index: 1 },
          { type: "url_citation", url: "https://y", title: "https://y", start_index: 0, end_index: 1 },
        ];
        const logprobs = [{ token: "a", logprob: -0.5, bytes: [], top_logprobs: [{ token: "b", logprob: -2, bytes: [] }] }];
        const done = { type: "output_text", text: "a", annotations, logprobs };
        const at = { ...item(0, "msg"), content_index: 0 };
        return [
          ["output_item.added", { output_index: 0, item: message(0, [], "in_progress") }],
          ["content_part.added", { ...at, part: part("") }],
          ["output_text.delta", { ...at, delta: "a", logprobs: [] }],
          ["output_text.annotation.added", { ...at, annotation_index: 0, annotation: annotations[0] }],
          ["output_text.annotation.added", { ...at, annotation_index: 1, annotation: annotations[1] }],
          ["output_text.delta", { ...at, delta: "", logprobs }],
          ["output_text.done", { ...at, text: "a", logprobs }],
          ["content_part.done", { ...at, part: done }],
          ["output_item.done", { output_index: 0, item: message(0, [done]) }],
        ];
      })(),
    ],
    [
      "calls one after the other",
      [call(0), args(0, '{"a"'), args(0, ":1}"), call(1), args(1, "{}"), FINISH],
      [
        ["output_item.added", { output_index: 0, item: functionCall(0, 0, "", "in_progress") }],
        ["function_call_arguments.delta", { ...item(0, "fc"), delta: '{"a"' }],
        ["function_call_arguments.delta", { ...item(0, "fc"), delta: ":1}" }],
        ["function_call_arguments.done", { ...item(0, "fc"), name: "f", arguments: '{"a":1}' }],
        ["output_item.done", { output_index: 0, item: functionCall(0, 0, '{"a":1}') }],
        ["output_item.added", { output_index: 1, item: functionCall(1, 1, "", "in_progress") }],
        ["function_call_arguments.delta", { ...item(1, "fc"), delta: "{}" }],
        ["function_call_arguments.done", { ...item(1, "fc"), name: "f", arguments: "{}" }],
        ["output_item.done", { output_index: 1, item: functionCall(1, 1, "{}") }],
      ],
    ],
    [
      "calls whose arguments come in turns: the second waits, its own words whole",
      [call(0), call(1), args(0, '{"a"'), args(1, '{"b"'), args(0, ":1}"), args(1, ":2}"), FINISH],
      [
        ["output_item.added", { output_index: 0, item: functionCall(0, 0, "", "in_progress") }],
        ["function_call_arguments.delta", { ...item(0, "fc"), delta: '{"a"' }],
        ["function_call_arguments.delta", { ...item(0, "fc"), delta: ":1}" }],
        ["function_call_arguments.done", { ...item(0, "fc"), name: "f", arguments: '{"a":1}' }],
        ["output_item.done", { output_index: 0, item: functionCall(0, 0, '{"a":1}') }],
        ["output_item.added", { output_index: 1, item: functionCall(1, 1, "", "in_progress") }],
        ["function_call_arguments.delta", { ...item(1, "fc"), delta: '{"b"' }],
        ["function_call_arguments.delta", { ...item(1, "fc"), delta: ":2}" }],
        ["function_call_arguments.done", { ...item(1, "fc"), name: "f", arguments: '{"b":2}' }],
        ["output_item.done", { output_index: 1, item: functionCall(1, 1, '{"b":2}') }],
      ],
    ],
    [
      "a call without a word of arguments",
      [call(0), FINISH],
      [
        ["output_item.added", { output_index: 0, item: functionCall(0, 0, "", "in_progress") }],
        ["function_call_arguments.delta", { ...item(0, "fc"), delta: "{}" }],
        ["function_call_arguments.done", { ...item(0, "fc"), name: "f", arguments: "{}" }],
        ["output_item.done", { output_index: 0, item: functionCall(0, 0, "{}") }],
      ],
    ],
    [
      "a custom tool's input is unwrapped, and told once it is whole",
      [call(0, "patch"), args(0, '{"inp'), args(0, 'ut":"a\\n\\"b\\""}'), FINISH],
      (() => {
        const made = (input: string, status: string) => ({ type: "custom_tool_call", id: "ctc_1a_0", call_id: "c0", name: "patch", input, status });
        return [
          ["output_item.added", { output_index: 0, item: made("", "in_progress") }],
          ["custom_tool_call_input.delta", { ...item(0, "ctc"), delta: 'a\n"b"' }],
          ["custom_tool_call_input.done", { ...item(0, "ctc"), input: 'a\n"b"' }],
          ["output_item.done", { output_index: 0, item: made('a\n"b"', "completed") }],
        ];
      })(),
      { tools: [{ type: "custom", name: "patch" }] },
    ],
    [
      "a picture the model made",
      [{ type: "image", choice, mime: "image/png", base64: "AAAA" }, FINISH],
      [
        ["output_item.added", { output_index: 0, item: { type: "image_generation_call", id: "ig_1a_0", status: "in_progress", result: null } }],
        ["image_generation_call.in_progress", item(0, "ig")],
        ["image_generation_call.completed", item(0, "ig")],
        [
          "output_item.done",
          { output_index: 0, item: { type: "image_generation_call", id: "ig_1a_0", status: "completed", result: "AAAA", output_format: "png" } },
        ],
      ],
    ],
  ];
  test.each(rows)("%s", (_, events, expected, more = {}) => {
    expect(told(events, more)).toEqual(expected);
    // The response holds the very items that were told, in their order, whether it was streamed or not.
    const done = expected.flatMap((entry) => ((entry as [string, JsonObject])[0] === "output_item.done" ? [(entry as [string, JsonObject])[1]["item"]] : []));
    expect(outputOf(events, more) as unknown[]).toEqual(done);
    expect(framesOf([START, ...events, END], more).at(-1)?.data["response"]).toEqual(whole([START, ...events, END], more));
  });
});

describe("items", () => {
  const rows: [string, ChatEvent[], unknown[], JsonObject?][] = [
    ["nothing said is nothing", [text(""), thinking(""), { type: "alive" }, { type: "logprobs", choice, logprobs: { content: [] } }, FINISH], []],
    [
      "other choices are not told",
      [{ type: "text", choice: 1, text: "b" }, text("a"), { type: "finish", choice: 1, reason: "length" }, FINISH],
      [{ type: "message" }],
    ],
    [
      "text after a call is a message of its own",
      [text("a"), call(0), args(0, "{}"), text("b"), FINISH],
      [{ type: "message" }, { type: "function_call" }, { type: "message" }],
    ],
    [
      "what comes while a call waits for its arguments is put off",
      [call(0), args(0, "{"), text("a"), call(1), thinking("t"), args(1, "{}"), args(0, "}"), text("b"), FINISH],
      [
        { type: "function_call", call_id: "c0", arguments: "{}" },
        { type: "message", content: [part("a")] },
        { type: "function_call", call_id: "c1", arguments: "{}" },
        { type: "reasoning" },
        { type: "message", content: [part("b")] },
      ],
    ],
    [
      "what follows whole arguments is none of them",
      [call(0), args(0, "{}"), call(1), args(0, " \n"), args(1, "{}"), FINISH],
      [{ arguments: "{}" }, { arguments: "{}" }],
    ],
    ["arguments of no call", [args(3, "{}"), text("a"), FINISH], [{ type: "message" }]],
    [
      "two thoughts with a proof each",
      [thinking("a"), sign("1"), thinking("b"), sign("2"), FINISH],
      [{ encrypted_content: "anthropic-messages:1" }, { encrypted_content: "anthropic-messages:2" }],
    ],
    [
      "a proof of what was not shown",
      [sign("1"), text("a"), FINISH],
      [{ type: "reasoning", summary: [], encrypted_content: "anthropic-messages:1" }, { type: "message" }],
    ],
    ["OpenAI's own proof under its own id", [sign(responsesProof("rs_x", "gA")), FINISH], [{ id: "rs_x", encrypted_content: "gA" }]],
    [
      "and, when thoughts were shown, whole with its mark",
      [thinking("a"), sign(responsesProof("rs_x", "gA")), FINISH],
      [{ id: "rs_1a_0", encrypted_content: responsesProof("rs_x", "gA") }],
    ],
    [
      "a citation of nothing is left out",
      [{ type: "annotation", choice, annotation: { type: "url_citation", url: "u" } }, call(0), FINISH],
      [{ type: "function_call" }],
    ],
    [
      "other kinds of annotations stay as they are",
      [text("a"), { type: "annotation", choice, annotation: { type: "file_citation", file_id: "f", index: 0 } }, FINISH],
      [{ content: [{ annotations: [{ type: "file_citation", file_id: "f", index: 0 }] }] }],
    ],
    [
      "a custom tool called with anything but its one text",
      [call(0, "patch"), args(0, '{"a":1}'), call(1, "patch"), args(1, "not JSON"), FINISH],
      [{ input: '{"a":1}' }, { input: "not JSON" }],
      { tools: [{ type: "custom", name: "patch" }] },
    ],
    [
      "tools in namespaces by their own names",
      [call(0, "web__go"), args(0, "{}"), call(1, "web__type"), args(1, '{"input":"x"}'), call(2, "go"), args(2, "{}"), FINISH],
      [
        { type: "function_call", name: "go", namespace: "web" },
        { type: "custom_tool_call", name: "type", namespace: "web", input: "x" },
        { type: "function_call", name: "go" },
      ],
      {
        input: [
          {
            type: "additional_tools",
            tools: [
              {
                type: "namespace",
                name: "web",
                tools: [
                  { type: "function", name: "go" },
                  { type: "custom", name: "type" },
                ],
              },
            ],
          },
        ],
      },
    ],
  ];
  test.each(rows)("%s", (_, events, expected, more = {}) => {
    const output = outputOf(events, more);
    expect(output).toMatchObject(expected as object[]);
    expect(output).toHaveLength(expected.length);
    const done = framesOf([START, ...events, END], more).filter(({ name }) => name === "response.output_item.done");
    expect(done.map(({ data }) => data["item"])).toEqual(output);
  });

  function sign(signature: string): ChatEvent {
    return { type: "thinking-signature", choice, signature };
  }

  test("call ids are of 1 to 64 characters, never two alike, and the same every time", () => {
    const ids = ["", "x".repeat(65), "x".repeat(66), "same", "same", "same", "päß/:1"];
    const events = ids.map((id, number): ChatEvent => ({ type: "tool-call", choice, call: number, id, name: "f" }));
    const given = outputOf([...events, FINISH]).map((each) => String(each["call_id"]));
    expect(new Set(given).size).toBe(ids.length);
    expect(given.every((id) => id.length >= 1 && id.length <= 64)).toBe(true);
    expect([given[3], given[6]]).toEqual(["same", "päß/:1"]);
    expect(outputOf([...events, FINISH]).map((each) => each["call_id"])).toEqual(given);
  });

  test("eight thousand calls in turns cost no more than each for itself", () => {
    const calls = Array.from({ length: 8000 }, (_, number) => number);
    const id = "alike";
    const events = [
      ...calls.map((number): ChatEvent => ({ type: "tool-call", choice, call: number, id, name: "f" })),
      ...calls.map((number) => args(number, '{"a":')),
      ...calls.map((number) => args(number, "1}")),
      FINISH,
    ];
    const output = outputOf(events);
    expect([output.length, output.every((each) => each["arguments"] === '{"a":1}')]).toEqual([8000, true]);
  });
});

describe("how it ends", () => {
  const rows: [string, ChatEvent[], JsonObject][] = [
    ["as it should", [text("a"), FINISH], { status: "completed", incomplete_details: null, completed_at: 9, output: [message(0, [part("a")])] }],
    ["with calls", [call(0), args(0, "{}"), { type: "finish", choice, reason: "tool-calls" }], { status: "completed" }],
    ["paused", [text("a"), { type: "finish", choice, reason: "pause" }], { status: "completed" }],
    ["without saying why", [text("a")], { status: "completed", output: [message(0, [part("a")])] }],
    ["with nothing", [FINISH], { status: "completed", output: [] }],
    [
      "for length, in the middle of text",
      [text("a"), { type: "finish", choice, reason: "length" }],
      { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, completed_at: null, output: [message(0, [part("a")], "incomplete")] },
    ],
    [
      "for length, in the middle of calls in turns",
      [call(0), call(1), args(0, '{"a"'), args(1, "{}"), { type: "finish", choice, reason: "length" }],
      { status: "incomplete", output: [functionCall(0, 0, '{"a"', "incomplete"), functionCall(1, 1, "{}")] },
    ],
    [
      "for length, before a call had a word of arguments",
      [call(0), { type: "finish", choice, reason: "length" }],
      { status: "incomplete", output: [functionCall(0, 0, "", "incomplete")] },
    ],
    [
      "filtered",
      [{ type: "finish", choice, reason: "content-filter" }],
      { status: "incomplete", incomplete_details: { reason: "content_filter" }, output: [] },
    ],
    ["refused", [text("a"), { type: "finish", choice, reason: "refusal" }], { status: "incomplete", incomplete_details: { reason: "content_filter" } }],
  ];
  test.each(rows)("%s", (_, events, response) => {
    expect(whole([START, ...events, END])).toMatchObject(response);
    const frames = framesOf([START, ...events, END]);
    expect(frames.at(-1)).toMatchObject({ name: `response.${response["status"]}`, data: { response } });
    expect(frames.map(({ data }) => data["sequence_number"])).toEqual(frames.map((_each, index) => index));
  });

  test("nothing follows the end", () => {
    expect(framesOf([START, FINISH, END, text("a"), END, { type: "failure", failure: new Failure("internal", "x") }]).at(-1)?.name).toBe("response.completed");
  });

  const broke = new Failure("upstream-error", "It broke.");
  test("a failure before there is a response is an error", () => {
    const error = { code: "upstream_error", message: "It broke.", param: null };
    expect(framesOf([{ type: "failure", failure: broke }, END])).toEqual([
      { name: "error", data: { type: "error", sequence_number: 0, ...error, error: { type: "server_error", ...error } } },
    ]);
    const about = new Failure("invalid-request", "No.", { param: "input[0]", code: "c" });
    expect(framesOf([{ type: "failure", failure: about }])[0]?.data).toMatchObject({ code: "c", param: "input[0]" });
  });

  test("one inside of it makes it a failed one, with what there is of it", () => {
    const usage = usageOf({ input: 1, output: 1 });
    const events: ChatEvent[] = [text("a"), call(0), args(0, '{"a'), call(1), { type: "usage", usage }, { type: "failure", failure: broke }];
    const last = framesOf([START, ...events]).at(-1);
    expect(last).toMatchObject({
      name: "response.failed",
      data: {
        response: {
          status: "failed",
          error: { code: "upstream_error", message: "It broke." },
          completed_at: null,
          output: [message(0, [part("a")]), functionCall(1, 0, '{"a', "incomplete")],
          usage: { total_tokens: 2 },
        },
      },
    });
    const cut = framesOf([START, text("a"), { type: "failure", failure: broke }]).at(-1)?.data;
    expect(objectOf(cut?.["response"])["output"]).toEqual([message(0, [part("a")], "incomplete")]);
    // A client acts on items that are done: one that was cut must not look like it.
    expect(framesOf([START, call(0), args(0, '{"a'), { type: "failure", failure: broke }]).map(({ name }) => name)).not.toContain("response.output_item.done");
  });
});

describe("the response object", () => {
  test("has every member strict clients insist on, as it is by default", () => {
    expect(whole([START, FINISH, END])).toEqual({
      id: "resp_1a",
      object: "response",
      created_at: 7,
      status: "completed",
      completed_at: 9,
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      model: "upstream-model",
      output: [],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: "default",
      store: true,
      temperature: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      text: { format: { type: "text" }, verbosity: "medium" },
      tool_choice: "auto",
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      truncation: "disabled",
      usage: null,
      user: null,
      metadata: {},
    });
  });

  test("and as it was asked for", () => {
    const asked = {
      instructions: "Be brief.",
      max_output_tokens: 20,
      max_tool_calls: 2,
      parallel_tool_calls: false,
      prompt_cache_key: "k",
      reasoning: { effort: "low", summary: "auto" },
      safety_identifier: "s",
      service_tier: "flex",
      temperature: 0,
      presence_penalty: 0.5,
      frequency_penalty: -0.5,
      tool_choice: { type: "function", name: "f" },
      top_logprobs: 2,
      top_p: 0.5,
      truncation: "auto",
      user: "u",
      metadata: { a: "b" },
    };
    const tools = [
      { type: "function", name: "f", defer_loading: true },
      { type: "custom", name: "c" },
    ];
    const format = { type: "json_schema", name: "n", schema: { type: "object" } };
    expect(whole([FINISH, END], { ...asked, tools, text: { format, verbosity: "low" } })).toMatchObject({
      ...asked,
      model: "public",
      tools: [
        { type: "function", name: "f", description: null, parameters: null, strict: null, defer_loading: true },
        { type: "custom", name: "c" },
      ],
      text: { format: { ...format, description: null, strict: false }, verbosity: "low" },
    });
    expect(whole([END], { text: { format: { type: "json_object" } }, service_tier: "auto" })).toMatchObject({
      text: { format: { type: "json_object" }, verbosity: "medium" },
      service_tier: "default",
    });
  });

  test("says what it goes on from, and whether it is kept", () => {
    const call = callOf({ store: false, previous_response_id: "resp_0" });
    expect(JSON.parse(writeResponse([END], call, FACTS, now))).toMatchObject({ store: false, previous_response_id: "resp_0" });
  });

  test("usage counts every token once", () => {
    const usage = usageOf({ input: 10, cacheRead: 3, cacheWrite5m: 2, cacheWrite1h: 1, output: 7, reasoning: 4 });
    expect(whole([{ type: "usage", usage }, END])["usage"]).toEqual({
      input_tokens: 16,
      input_tokens_details: { cached_tokens: 3, cache_write_tokens: 3 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 23,
    });
  });
});

test("what is told of thinking, calls and pictures reads as what was thought, called and made", () => {
  const tools = [
    { type: "custom", name: "patch" },
    { type: "namespace", name: "n", tools: [{ type: "function", name: "f" }] },
  ];
  const output = outputOf(
    [
      thinking("hm"),
      { type: "thinking-signature", choice, signature: "c2ln" },
      { type: "thinking-redacted", choice, data: "b64=" },
      text("a"),
      call(0, "patch"),
      args(0, '{"input":"x"}'),
      call(1, "n__f"),
      args(1, "{}"),
      FINISH,
    ],
    { tools },
  );
  expect(readResponsesCall(incoming({ model: "m", tools, input: output })).request().messages).toEqual([
    {
      role: "assistant",
      parts: [
        { type: "thinking", text: "hm", signature: "c2ln" },
        { type: "thinking", text: "", redacted: "b64=" },
        { type: "text", text: "a" },
        { type: "tool-call", id: "c0", name: "patch", arguments: '{"input":"x"}' },
        { type: "tool-call", id: "c1", name: "n__f", arguments: "{}" },
      ],
    },
  ]);
});
