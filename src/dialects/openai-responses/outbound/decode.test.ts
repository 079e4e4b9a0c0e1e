import { describe, expect, test } from "bun:test";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import type { Json, JsonObject } from "../../../vocabulary/json.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { collect } from "../../shared/collect.ts";
import { responsesProof } from "../../shared/conversation/proofs.ts";
import { readResponse, responsesDecoder } from "./decode.ts";

/** The events of a stream of these frames, signs of life left out; objects are sent as JSON. The upstream then closes. */
function decoded(frames: readonly (JsonObject | string)[]): ChatEvent[] {
  const decoder = responsesDecoder();
  const events = frames.flatMap((frame) =>
    decoder.decode({ event: "", data: typeof frame === "string" ? frame : JSON.stringify(frame), raw: new Uint8Array() }),
  );
  return [...events, ...decoder.close()].filter((event) => event.type !== "alive");
}

const RESPONSE: JsonObject = { id: "resp_1", object: "response", created_at: 5, model: "m", status: "in_progress", output: [], usage: null, error: null };
const CREATED: JsonObject = { type: "response.created", sequence_number: 0, response: RESPONSE };
const completed = (output: Json[] = [], more: JsonObject = {}): JsonObject => ({
  type: "response.completed",
  response: { ...RESPONSE, status: "completed", output, ...more },
});
const at = (type: string, output_index: number, more: JsonObject = {}): JsonObject => ({
  type: `response.${type}`,
  output_index,
  item_id: `item_${output_index}`,
  ...more,
});
const added = (output_index: number, item: JsonObject) => at("output_item.added", output_index, { item, item_id: undefined });
const done = (output_index: number, item: JsonObject) => at("output_item.done", output_index, { item, item_id: undefined });

const message = (...content: JsonObject[]): JsonObject => ({ id: "item_0", type: "message", role: "assistant", status: "completed", content });
const said = (text: string, more: JsonObject = {}): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: [], ...more });
const thought = (...summary: string[]): JsonObject => ({ id: "item_0", type: "reasoning", summary: summary.map((text) => ({ type: "summary_text", text })) });
const called = (more: JsonObject = {}): JsonObject => ({ id: "item_0", type: "function_call", call_id: "call_1", name: "f", arguments: '{"a":1}', ...more });

const START: ChatEvent = { type: "start", id: "resp_1", model: "m", created: 5 };
const END: ChatEvent = { type: "end" };
const text = (of: string): ChatEvent => ({ type: "text", choice: 0, text: of });
const thinking = (of: string): ChatEvent => ({ type: "thinking", choice: 0, text: of });
const call = (number: number, id: string, name = "f"): ChatEvent => ({ type: "tool-call", choice: 0, call: number, id, name });
const args = (number: number, of: string): ChatEvent => ({ type: "tool-call-arguments", choice: 0, call: number, text: of });
const finish = (reason: FinishReason): ChatEvent => ({ type: "finish", choice: 0, reason });
const signature = (id: string, encrypted: string): ChatEvent => ({ type: "thinking-signature", choice: 0, signature: responsesProof(id, encrypted) });

describe("streams", () => {
  const cited = { type: "url_citation", url: "https://a", title: "A", start_index: 0, end_index: 1 };
  const citation: ChatEvent = {
    type: "annotation",
    choice: 0,
    annotation: { type: "url_citation", url_citation: { url: "https://a", title: "A", start_index: 0, end_index: 1 } },
  };
  const token = { token: "a", logprob: -1, top_logprobs: [{ token: "a", logprob: -1 }] };
  const logprobs: ChatEvent = {
    type: "logprobs",
    choice: 0,
    logprobs: { content: [{ token: "a", logprob: -1, bytes: null, top_logprobs: [{ token: "a", logprob: -1, bytes: null }] }], refusal: null },
  };
  const rows: [string, JsonObject[], ChatEvent[], FinishReason?][] = [
    [
      "text in pieces, told once",
      [
        { type: "response.in_progress", response: RESPONSE },
        added(0, message()),
        at("content_part.added", 0, { content_index: 0, part: said("") }),
        at("output_text.delta", 0, { content_index: 0, delta: "Hé" }),
        at("output_text.delta", 0, { content_index: 0, delta: "llo" }),
        at("output_text.done", 0, { content_index: 0, text: "Héllo" }),
        at("content_part.done", 0, { content_index: 0, part: said("Héllo") }),
        done(0, message(said("Héllo"))),
        completed([message(said("Héllo"))]),
      ],
      [text("Hé"), text("llo")],
    ],
    [
      "text when it is done",
      [at("output_text.done", 0, { content_index: 0, text: "a" }), done(0, message(said("a"))), completed([message(said("a"))])],
      [text("a")],
    ],
    ["text when its item is done", [done(0, message(said("a"), said("b"))), completed([message(said("a"), said("b"))])], [text("a"), text("b")]],
    ["text when the answer is done", [completed([message(said("a"))])], [text("a")]],
    [
      "a part of an item in pieces, another when it is done",
      [at("output_text.delta", 0, { content_index: 0, delta: "a" }), done(0, message(said("a"), said("b"))), completed()],
      [text("a"), text("b")],
    ],
    ["items that come out under other places", [done(3, message(said("a"))), completed([message(said("a"))])], [text("a")]],
    [
      "items whose ids change",
      [at("output_text.delta", 0, { item_id: "x", delta: "a" }), done(0, { ...message(said("a")), id: "y" }), completed([{ ...message(said("a")), id: "z" }])],
      [text("a")],
    ],
    [
      "items told by id alone",
      [
        { type: "response.output_text.delta", item_id: "item_0", delta: "a" },
        { type: "response.output_item.done", item: message(said("a")) },
        completed([message(said("a"))]),
      ],
      [text("a")],
    ],
    ["pieces after the end of their item", [done(0, message(said("a"))), at("output_text.delta", 0, { delta: "a" }), completed()], [text("a")]],
    ["what others said", [done(0, { ...message({ type: "input_text", text: "a" }), role: "user" }), completed()], []],
    [
      "a refusal",
      [at("refusal.delta", 0, { delta: "no" }), at("refusal.done", 0, { refusal: "no" }), done(0, message({ type: "refusal", refusal: "no" })), completed()],
      [{ type: "refusal", choice: 0, text: "no" }],
    ],
    ["a refusal when it is done", [at("refusal.done", 0, { refusal: "no" }), completed()], [{ type: "refusal", choice: 0, text: "no" }]],
    ["a refusal when its item is done", [done(0, message({ type: "refusal", refusal: "no" })), completed()], [{ type: "refusal", choice: 0, text: "no" }]],
    [
      "citations, each once",
      [
        at("output_text.delta", 0, { delta: "a" }),
        at("output_text.annotation.added", 0, { annotation_index: 0, annotation: cited }),
        done(0, message(said("a", { annotations: [cited, { type: "file_citation", file_id: "f" }] }))),
        completed(),
      ],
      [text("a"), citation, { type: "annotation", choice: 0, annotation: { type: "file_citation", file_id: "f" } }],
    ],
    [
      "log probabilities",
      [at("output_text.delta", 0, { delta: "a", logprobs: [token] }), done(0, message(said("a", { logprobs: [token] }))), completed()],
      [text("a"), logprobs],
    ],
    ["log probabilities when the item is done", [done(0, message(said("a", { logprobs: [token] }))), completed()], [text("a"), logprobs]],
    [
      "a summary of thinking, its parts apart, and the proof",
      [
        added(0, thought()),
        at("reasoning_summary_part.added", 0, { summary_index: 0, part: { type: "summary_text", text: "" } }),
        at("reasoning_summary_text.delta", 0, { summary_index: 0, delta: "h" }),
        at("reasoning_summary_text.delta", 0, { summary_index: 0, delta: "m" }),
        at("reasoning_summary_text.done", 0, { summary_index: 0, text: "hm" }),
        at("reasoning_summary_text.delta", 0, { summary_index: 1, delta: "so" }),
        done(0, { ...thought("hm", "so", "yes"), encrypted_content: "e" }),
        done(1, { ...thought("again"), id: "item_1", encrypted_content: "f" }),
        completed([{ ...thought("hm", "so", "yes"), encrypted_content: "e" }]),
      ],
      [thinking("h"), thinking("m"), thinking("\n\nso"), thinking("\n\nyes"), signature("item_0", "e"), thinking("\n\nagain"), signature("item_1", "f")],
    ],
    [
      "a summary when it is done",
      [at("reasoning_summary_text.done", 0, { summary_index: 0, text: "hm" }), done(0, thought("hm")), completed()],
      [thinking("hm")],
    ],
    ["thinking nobody may read", [done(0, { ...thought(), encrypted_content: "e" }), completed()], [signature("item_0", "e")]],
    ["a proof of an item without a name", [done(0, { ...thought(), id: undefined, encrypted_content: "e" }), completed()], [signature("", "e")]],
    [
      "thinking as it was thought",
      [
        at("reasoning_text.delta", 0, { content_index: 0, delta: "hm" }),
        at("reasoning_text.done", 0, { content_index: 0, text: "hm" }),
        done(0, { ...thought(), content: [{ type: "reasoning_text", text: "hm" }], encrypted_content: null }),
        completed(),
      ],
      [thinking("hm")],
    ],
    ["when it is done", [at("reasoning_text.done", 0, { content_index: 0, text: "hm" }), completed()], [thinking("hm")]],
    ["when its item is done", [done(0, { ...thought(), content: [{ type: "reasoning_text", text: "hm" }] }), completed()], [thinking("hm")]],
    [
      "thinking and its summary are one",
      [
        at("reasoning_text.delta", 0, { content_index: 0, delta: "hm" }),
        at("reasoning_summary_text.delta", 0, { summary_index: 0, delta: "in short" }),
        done(0, { ...thought("in short"), content: [{ type: "reasoning_text", text: "hm" }] }),
        completed(),
      ],
      [thinking("hm")],
    ],
    [
      "calls, their arguments in turns",
      [
        added(0, called({ arguments: "" })),
        added(1, called({ id: "item_1", call_id: "call_2", name: "g", arguments: "" })),
        at("function_call_arguments.delta", 0, { delta: '{"a"' }),
        at("function_call_arguments.delta", 1, { delta: "{}" }),
        at("function_call_arguments.delta", 0, { delta: ":1}" }),
        at("function_call_arguments.done", 0, { arguments: '{"a":1}' }),
        done(0, called()),
        done(1, called({ id: "item_1", call_id: "call_2", name: "g", arguments: "{}" })),
        completed([called(), called({ id: "item_1" })]),
      ],
      [call(0, "call_1"), call(1, "call_2", "g"), args(0, '{"a"'), args(1, "{}"), args(0, ":1}")],
      "tool-calls",
    ],
    [
      "arguments when they are done",
      [added(0, called({ arguments: "" })), at("function_call_arguments.done", 0, { arguments: '{"a":1}' }), done(0, called()), completed()],
      [call(0, "call_1"), args(0, '{"a":1}')],
      "tool-calls",
    ],
    ["a call when it is done", [done(0, called()), completed([called()])], [call(0, "call_1"), args(0, '{"a":1}')], "tool-calls"],
    ["a call when the answer is done", [completed([called()])], [call(0, "call_1"), args(0, '{"a":1}')], "tool-calls"],
    ["a call without arguments", [done(0, called({ arguments: "" })), completed()], [call(0, "call_1")], "tool-calls"],
    [
      "a call nobody announced, or without a name at first",
      [
        at("function_call_arguments.delta", 0, { delta: '{"a"' }),
        done(0, called()),
        added(1, { type: "function_call", name: "", arguments: "" }),
        at("function_call_arguments.delta", 1, { delta: "{}" }),
        done(1, called({ id: "item_1", call_id: "call_2", name: "g", arguments: "{}" })),
        completed(),
      ],
      [call(0, "call_1"), args(0, '{"a":1}'), call(1, "call_2", "g"), args(1, "{}")],
      "tool-calls",
    ],
    [
      "a call without an id of its own",
      [done(0, called({ call_id: null })), done(1, called({ id: null, call_id: null })), completed()],
      [call(0, "item_0"), args(0, '{"a":1}'), call(1, "call_1"), args(1, '{"a":1}')],
      "tool-calls",
    ],
    [
      "a custom tool's input is its one argument",
      [
        added(0, { type: "custom_tool_call", id: "item_0", call_id: "call_1", name: "sh", input: "" }),
        at("custom_tool_call_input.delta", 0, { delta: 'echo "' }),
        at("custom_tool_call_input.done", 0, { input: 'echo "hi"' }),
        done(0, { type: "custom_tool_call", id: "item_0", call_id: "call_1", name: "sh", input: 'echo "hi"' }),
        completed(),
      ],
      [call(0, "call_1", "sh"), args(0, '{"input":"echo \\"hi\\""}')],
      "tool-calls",
    ],
    [
      "a picture",
      [
        at("image_generation_call.partial_image", 0, { partial_image_b64: "UA==" }),
        done(0, { type: "image_generation_call", id: "ig", status: "completed", result: "UQ==", output_format: "webp" }),
        done(1, { type: "image_generation_call", id: "ih", status: "completed", result: "Ug==" }),
        done(2, { type: "image_generation_call", id: "ii", status: "failed", result: null }),
        completed(),
      ],
      [
        { type: "image", choice: 0, mime: "image/webp", base64: "UQ==" },
        { type: "image", choice: 0, mime: "image/png", base64: "Ug==" },
      ],
    ],
    [
      "tools that run over there",
      [
        added(0, { type: "web_search_call", id: "ws", status: "in_progress" }),
        at("web_search_call.searching", 0),
        done(0, { type: "web_search_call", id: "ws", status: "completed", name: "search" }),
        completed([{ type: "web_search_call", id: "ws", status: "completed", name: "search" }]),
      ],
      [],
    ],
    ["pings and what nobody knows", [{ type: "keepalive" }, { type: "response.invented", output_index: 9, delta: "x" }, {}, completed()], []],
    [
      "odd types everywhere",
      [
        added(1e9, { type: 7, id: 7, name: 7, content: "x" }),
        { type: "response.output_item.added", output_index: "0", item: null },
        at("output_text.delta", -1, { content_index: 1e12, delta: 7, logprobs: "x" }),
        at("output_text.delta", 5, { content_index: -2, delta: "a", logprobs: [null, 7] }),
        at("output_text.annotation.added", 5, { annotation: null }),
        done(6, { type: "message", content: [null, "x", { type: "output_text", text: null, annotations: [null, "x"] }] }),
        done(7, { type: "reasoning", summary: "x", content: [null], encrypted_content: 7 }),
        completed([null, "x", 7]),
      ],
      [text("a")],
    ],
  ];
  test.each(rows)("%s", (_name, frames, events, reason = "stop") => {
    expect(decoded([CREATED, ...frames])).toEqual([START, ...events, finish(reason), END]);
  });

  test("what is of no interest is a sign of life", () => {
    const decoder = responsesDecoder();
    const heard = [CREATED, { type: "keepalive" }, { type: "response.in_progress", response: RESPONSE }, added(0, message())].map((frame) =>
      decoder.decode({ event: "", data: JSON.stringify(frame), raw: new Uint8Array() }).map((event) => event.type),
    );
    expect(heard).toEqual([["start"], ["alive"], ["alive"], ["alive"]]);
  });

  test("an answer nobody announced begins all the same", () => {
    expect(decoded([at("output_text.delta", 0, { delta: "a" }), CREATED, completed()])[0]).toEqual({
      type: "start",
      id: undefined,
      model: undefined,
      created: undefined,
    });
    expect(decoded([completed()])[0]).toEqual(START);
  });

  test("nothing comes after the end", () => {
    const events = decoded([CREATED, completed([message(said("a"))]), at("output_text.delta", 1, { delta: "b" }), "[DONE]"]);
    expect(events).toEqual([START, text("a"), finish("stop"), END]);
  });
});

describe("the end", () => {
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 3 },
  };
  test.each<[string, JsonObject, ChatEvent[]]>([
    [
      "with usage",
      completed([], { usage }),
      [finish("stop"), { type: "usage", usage: usageOf({ input: 4, cacheRead: 4, cacheWrite5m: 2, output: 7, reasoning: 3 }) }, END],
    ],
    ["with usage of nothing", completed([], { usage: {} }), [finish("stop"), END]],
    [
      "too long",
      { type: "response.incomplete", response: { ...RESPONSE, status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output: [called()] } },
      [call(0, "call_1"), args(0, '{"a":1}'), finish("length"), END],
    ],
    ["filtered", { type: "response.incomplete", response: { incomplete_details: { reason: "content_filter" } } }, [finish("content-filter"), END]],
    ["incomplete, nobody says why", { type: "response.incomplete", response: {} }, [finish("length"), END]],
    ["without anything", { type: "response.completed" }, [finish("stop"), END]],
  ])("%s", (_name, last, events) => {
    expect(decoded([CREATED, last])).toEqual([START, ...events]);
  });
});

describe("failures", () => {
  const failed = (error: Json): JsonObject => ({ type: "response.failed", response: { ...RESPONSE, status: "failed", error } });
  const rows: [string, (JsonObject | string)[], kind: string, message: string][] = [
    ["a cut", [CREATED], "upstream-error", "The upstream closed the stream before the answer was finished."],
    [
      "a cut inside of an item",
      [CREATED, added(0, message()), at("output_text.delta", 0, { delta: "a" })],
      "upstream-error",
      "The upstream closed the stream before",
    ],
    ["an end mark before the end", [CREATED, "[DONE]"], "upstream-error", "The upstream ended the stream before the answer was finished."],
    ["no JSON", [CREATED, "<html>"], "upstream-error", "The upstream sent a frame that is not JSON."],
    ["a list", [CREATED, "[]"], "upstream-error", "The upstream sent a frame that is not JSON."],
    ["a server that failed", [failed({ code: "server_error", message: "Sorry." })], "upstream-error", "Sorry."],
    ["no reason given", [failed(null)], "upstream-error", "The upstream's answer failed, and it did not say why."],
    ["an answer called off", [{ type: "response.cancelled", response: RESPONSE }], "upstream-error", "The upstream's answer was cancelled."],
    ["too many requests", [failed({ code: "rate_limit_exceeded", message: "Try again in 2s." })], "rate-limited", "Try again in 2s."],
    ["too long a conversation", [failed({ code: "context_length_exceeded", message: "Too long." })], "context-overflow", "Too long."],
    ["no credit", [failed({ code: "insufficient_quota", message: "Pay." })], "upstream-credentials", "Pay."],
    ["a forbidden prompt", [failed({ code: "invalid_prompt", message: "Flagged." })], "content-refused", "Flagged."],
    ["a picture it cannot read", [failed({ code: "image_parse_error", message: "No picture." })], "invalid-request", "No picture."],
    ["an address it cannot fetch", [failed({ code: "failed_to_download_image", message: "No." })], "invalid-request", "No."],
    ["too many guests", [failed({ code: "server_is_overloaded", message: "Full." })], "overloaded", "Full."],
    ["an event of its own", [{ type: "error", code: "rate_limit_exceeded", message: "Slow.", param: null }], "rate-limited", "Slow."],
    [
      "with the error inside",
      [{ type: "error", error: { type: "invalid_request_error", code: null, message: "Bad.", param: "input" } }],
      "invalid-request",
      "Bad.",
    ],
    ["with words alone", [{ type: "error", error: "Broken." }], "upstream-error", "Broken."],
    ["without a word", [{ type: "error" }], "upstream-error", "The upstream reported an error without a message."],
    ["as a chat has it", [{ error: { message: "Busy.", code: 503 } }], "overloaded", "Busy."],
  ];
  test.each(rows)("%s", (_name, frames, kind, said) => {
    const events = decoded(frames);
    const last = events.at(-1);
    expect(last?.type === "failure" ? [last.failure.kind, last.failure.message.slice(0, said.length)] : last).toEqual([kind, said]);
    expect(events.filter((event) => event.type === "failure" || event.type === "end" || event.type === "finish")).toHaveLength(1);
  });

  test("nothing comes after one", () => {
    const decoder = responsesDecoder();
    const data = JSON.stringify({ type: "error", message: "Broken." });
    expect(decoder.decode({ event: "error", data, raw: new Uint8Array() })).toHaveLength(1);
    expect(decoder.decode({ event: "", data: JSON.stringify(completed()), raw: new Uint8Array() })).toEqual([]);
    expect(decoder.close()).toEqual([]);
  });
});

describe("whole answers", () => {
  const whole = (fields: JsonObject): JsonObject => ({ ...RESPONSE, status: "completed", ...fields });
  test("are read as a stream's are", () => {
    const output = [{ ...thought("hm", "so"), encrypted_content: "e" }, { ...message(said("Hi")), id: "item_1" }, called({ id: "item_2" })];
    expect(readResponse(whole({ output, usage: { input_tokens: 1, output_tokens: 2 } }))).toEqual([
      START,
      thinking("hm"),
      thinking("\n\nso"),
      signature("item_0", "e"),
      text("Hi"),
      call(0, "call_1"),
      args(0, '{"a":1}'),
      finish("tool-calls"),
      { type: "usage", usage: usageOf({ input: 1, output: 2 }) },
      END,
    ]);
  });

  test("items of one id are told apart by their places", () => {
    const proofs = ["e", "f"].map((encrypted_content) => ({ ...thought(), encrypted_content }));
    const told = [signature("item_0", "e"), signature("item_0", "f")];
    expect(readResponse(whole({ output: proofs })).slice(1)).toEqual([...told, finish("stop"), END]);
    expect(decoded([CREATED, ...proofs.map((item, index) => done(index, item)), completed(proofs)]).slice(1)).toEqual([...told, finish("stop"), END]);
  });

  test.each<[string, JsonObject, FinishReason]>([
    ["completed", { status: "completed" }, "stop"],
    ["in a word of its own", { status: "complete" }, "stop"],
    ["without a status", { status: null }, "stop"],
    ["incomplete", { status: "incomplete" }, "length"],
    ["queued in the background", { status: "queued" }, "pause"],
    ["running in the background", { status: "in_progress" }, "pause"],
  ])("%s", (_name, fields, reason) => {
    expect(readResponse(whole(fields)).slice(1)).toEqual([finish(reason), END]);
  });

  test.each<[string, Json, kind: string, said: string]>([
    ["failed", whole({ status: "failed", error: { code: "server_error", message: "Sorry." } }), "upstream-error", "Sorry."],
    ["failed without a reason", whole({ status: "failed" }), "upstream-error", "The upstream's answer failed, and it did not say why."],
    ["cancelled", whole({ status: "cancelled" }), "upstream-error", "The upstream's answer was cancelled."],
    ["an error", { error: { code: "context_length_exceeded", message: "Too long." } }, "context-overflow", "Too long."],
    ["no Response", { id: "chatcmpl-1", choices: [] }, "upstream-error", "The upstream answered 200 without output."],
    ["a list", [], "upstream-error", "The upstream answered 200 with something that is not a Response."],
    ["nothing", null, "upstream-error", "The upstream answered 200 with something that is not a Response."],
  ])("%s is a failure", (_name, json, kind, message) => {
    const { failure } = collect(readResponse(json));
    expect([failure?.kind as string, failure?.message]).toEqual([kind, message]);
  });
});
