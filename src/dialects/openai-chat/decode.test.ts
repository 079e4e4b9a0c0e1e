import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../vocabulary/events.ts";
import type { Json, JsonObject } from "../../vocabulary/json.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { collect } from "../shared/collect.ts";
import { chatDecoder, readChatAnswer } from "./decode.ts";

/** The events of a stream of these frames; objects are sent as JSON. `closed`: the upstream then closes. */
function decoded(frames: readonly (JsonObject | string)[], closed = true): ChatEvent[] {
  const decoder = chatDecoder();
  const events = frames.flatMap((frame) =>
    decoder.decode({ event: "", data: typeof frame === "string" ? frame : JSON.stringify(frame), raw: new Uint8Array() }),
  );
  return closed ? [...events, ...decoder.close()] : events;
}
const chunk = (delta: Json, more: JsonObject = {}): JsonObject => ({
  id: "c",
  model: "m",
  created: 5,
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const STOP = chunk({}, { finish_reason: "stop" });
const START: ChatEvent = { type: "start", id: "c", model: "m", created: 5 };
const says = (events: readonly ChatEvent[]) =>
  events.map((event) => (event.type === "failure" ? `failure ${event.failure.kind}: ${event.failure.message}` : event.type));

describe("streams", () => {
  const text = (said: string): ChatEvent => ({ type: "text", choice: 0, text: said });
  const finish = (reason: "stop" | "length" | "tool-calls" | "content-filter"): ChatEvent => ({ type: "finish", choice: 0, reason });
  const END: ChatEvent = { type: "end" };
  const rows: [string, (JsonObject | string)[], ChatEvent[]][] = [
    ["text", [chunk({ role: "assistant", content: "" }), chunk({ content: "a" }), STOP, "[DONE]"], [START, text("a"), finish("stop"), END]],
    [
      "usage in a frame of its own",
      [chunk({ content: "a" }), STOP, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }, "[DONE]"],
      [START, text("a"), finish("stop"), { type: "usage", usage: usageOf({ input: 1, output: 2 }) }, END],
    ],
    [
      "Groq's usage",
      [chunk({ content: "a" }), { ...STOP, x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } }, "[DONE]"],
      [START, text("a"), finish("stop"), { type: "usage", usage: usageOf({ input: 1, output: 2 }) }, END],
    ],
    ["no end mark after a finished answer", [chunk({ content: "a" }), STOP], [START, text("a"), finish("stop"), END]],
    [
      "reasoning in one of its names",
      [chunk({ reasoning_content: "t" }), chunk({ reasoning: "u" }), chunk({ thinking: "v" }), STOP, "[DONE]"],
      [
        START,
        { type: "thinking", choice: 0, text: "t" },
        { type: "thinking", choice: 0, text: "u" },
        { type: "thinking", choice: 0, text: "v" },
        finish("stop"),
        END,
      ],
    ],
    [
      "reasoning under two names at once counts once",
      [chunk({ reasoning_content: "t", reasoning: "t" }), STOP, "[DONE]"],
      [START, { type: "thinking", choice: 0, text: "t" }, finish("stop"), END],
    ],
    [
      "Mistral's parts",
      [
        chunk({
          content: [
            { type: "thinking", thinking: [{ type: "text", text: "t" }] },
            { type: "text", text: "a" },
          ],
        }),
        STOP,
        "[DONE]",
      ],
      [START, { type: "thinking", choice: 0, text: "t" }, text("a"), finish("stop"), END],
    ],
    ["an end mark after an answer whose finish was forgotten", [chunk({ content: "a" }), "[DONE]"], [START, text("a"), finish("stop"), END]],
    ["a refusal", [chunk({ refusal: "no" }), STOP, "[DONE]"], [START, { type: "refusal", choice: 0, text: "no" }, finish("stop"), END]],
    ["a second finish is not one", [chunk({ content: "a" }), STOP, STOP, "[DONE]"], [START, text("a"), finish("stop"), END]],
    ["a second end mark is not one", [chunk({ content: "a" }), STOP, "[DONE]", "[DONE]"], [START, text("a"), finish("stop"), END]],
    [
      "Azure's first frame",
      [{ choices: [], prompt_filter_results: [] }, chunk({ content: "a" }), STOP, "[DONE]"],
      [{ type: "start", id: undefined, model: undefined, created: undefined }, text("a"), finish("stop"), END],
    ],
    [
      "Azure's first frame, with nothing in its fields",
      [{ id: "", model: "", created: 0, choices: [], prompt_filter_results: [] }, chunk({ content: "a" }), STOP, "[DONE]"],
      [{ type: "start", id: undefined, model: undefined, created: undefined }, text("a"), finish("stop"), END],
    ],
    [
      "stop with tool calls means tool calls",
      [chunk({ tool_calls: [{ index: 0, id: "1", function: { name: "f", arguments: "{}" } }] }), STOP, "[DONE]"],
      [
        START,
        { type: "tool-call", choice: 0, call: 0, id: "1", name: "f" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: "{}" },
        finish("tool-calls"),
        END,
      ],
    ],
    ["length", [chunk({ content: "a" }), chunk({}, { finish_reason: "length" }), "[DONE]"], [START, text("a"), finish("length"), END]],
    ["filter", [chunk({ content: "a" }), chunk({}, { finish_reason: "content_filter" }), "[DONE]"], [START, text("a"), finish("content-filter"), END]],
    ["an unknown finish", [chunk({ content: "a" }), chunk({}, { finish_reason: "eos" }), "[DONE]"], [START, text("a"), finish("stop"), END]],
    [
      "logprobs",
      [chunk({ content: "a" }, { logprobs: { content: [{ token: "a" }] } }), STOP, "[DONE]"],
      [START, text("a"), { type: "logprobs", choice: 0, logprobs: { content: [{ token: "a" }] } }, finish("stop"), END],
    ],
    [
      "an image",
      [chunk({ images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] }), STOP, "[DONE]"],
      [START, { type: "image", choice: 0, mime: "image/png", base64: "AAAA" }, finish("stop"), END],
    ],
    [
      "Google's signatures on a picture and after the text",
      [
        chunk({ content: "a", images: [{ image_url: { url: "data:image/png;base64,AAAA" }, extra_content: { google: { thought_signature: "p" } } }] }),
        chunk({ extra_content: { google: { thought_signature: "t" } } }),
        STOP,
        "[DONE]",
      ],
      [
        START,
        text("a"),
        { type: "image", choice: 0, mime: "image/png", base64: "AAAA", signature: "p" },
        { type: "text", choice: 0, text: "", signature: "t" },
        finish("stop"),
        END,
      ],
    ],
  ];
  test.each(rows)("%s", (_name, frames, events) => {
    expect(decoded(frames)).toEqual(events);
  });

  const broken: [string, (JsonObject | string)[], string][] = [
    ["nothing at all", [], "failure upstream-error: The upstream closed the stream before the answer was finished."],
    ["cut before its finish", [chunk({ content: "a" })], "failure upstream-error: The upstream closed the stream before the answer was finished."],
    [
      "one of two choices is not finished",
      [chunk({ content: "a" }), { choices: [{ index: 1, delta: { content: "b" } }] }, STOP],
      "failure upstream-error: The upstream closed the stream before the answer was finished.",
    ],
    ["nothing but the end mark", ["[DONE]"], "failure upstream-error: The upstream ended the stream without an answer."],
    ["a choice beyond number", [{ choices: [{ index: 1e308, delta: { content: "a" } }] }], "failure upstream-error: The upstream numbered a choice 1e+308."],
    ["a choice below number", [{ choices: [{ index: -1, delta: { content: "a" } }] }], "failure upstream-error: The upstream numbered a choice -1."],
    ["not JSON", ["{oops"], "failure upstream-error: The upstream sent a frame that is not JSON."],
    ["an error object", [{ error: { message: "busy", code: 503 } }], "failure overloaded: busy"],
    ["old vLLM's error", [{ object: "error", message: "busy", code: 503 }], "failure overloaded: busy"],
    ["finish_reason error", [chunk({}, { finish_reason: "error" })], "failure upstream-error: The upstream broke off with finish_reason error."],
    ["OpenRouter's error in a choice", [chunk({}, { finish_reason: "error", error: { message: "gone", code: 502 } })], "failure upstream-error: gone"],
  ];
  test.each(broken)("%s", (_name, frames, failure) => {
    expect(says(decoded(frames))).toContain(failure);
  });
});

describe("tool calls in a stream", () => {
  const call = (fields: JsonObject) => chunk({ tool_calls: [fields] });
  const one = { id: "1", name: "f", arguments: '{"a":1}', signature: undefined };
  const two = { id: "2", name: "g", arguments: '{"b":2}', signature: undefined };
  const rows: [string, JsonObject[], unknown[]][] = [
    [
      "in pieces",
      [
        call({ index: 0, id: "1", function: { name: "f", arguments: "" } }),
        call({ index: 0, function: { arguments: '{"a"' } }),
        call({ index: 0, function: { arguments: ":1}" } }),
      ],
      [one],
    ],
    [
      "interleaved",
      [
        call({ index: 0, id: "1", function: { name: "f" } }),
        call({ index: 1, id: "2", function: { name: "g" } }),
        call({ index: 1, function: { arguments: '{"b"' } }),
        call({ index: 0, function: { arguments: '{"a":1}' } }),
        call({ index: 1, function: { arguments: ":2}" } }),
      ],
      [one, two],
    ],
    [
      "two in one frame",
      [
        chunk({
          tool_calls: [
            { index: 0, id: "1", function: { name: "f", arguments: '{"a":1}' } },
            { index: 1, id: "2", function: { name: "g", arguments: '{"b":2}' } },
          ],
        }),
      ],
      [one, two],
    ],
    [
      "without index",
      [
        call({ id: "1", function: { name: "f", arguments: '{"a"' } }),
        call({ function: { arguments: ":1}" } }),
        call({ id: "2", function: { name: "g", arguments: '{"b":2}' } }),
      ],
      [one, two],
    ],
    [
      "every call with index 0",
      [call({ index: 0, id: "1", function: { name: "f", arguments: '{"a":1}' } }), call({ index: 0, id: "2", function: { name: "g", arguments: '{"b":2}' } })],
      [one, two],
    ],
    [
      "the id again in every piece",
      [call({ index: 0, id: "1", function: { name: "f", arguments: "" } }), call({ index: 0, id: "1", function: { name: "f", arguments: '{"a":1}' } })],
      [one],
    ],
    ["indexes that begin at 1", [call({ index: 1, id: "1", function: { name: "f", arguments: '{"a":1}' } })], [one]],
    ["arguments as an object", [call({ index: 0, id: "1", function: { name: "f", arguments: { a: 1 } } })], [one]],
    ["no id", [call({ index: 0, function: { name: "f", arguments: '{"a":1}' } })], [{ ...one, id: "call_0_0" }]],
    ["no arguments", [call({ index: 0, id: "1", function: { name: "f" } })], [{ ...one, arguments: "{}" }]],
    [
      "Google's signature",
      [call({ index: 0, id: "1", function: { name: "f", arguments: '{"a":1}' }, extra_content: { google: { thought_signature: "s" } } })],
      [{ ...one, signature: "s" }],
    ],
    [
      "the legacy function_call",
      [chunk({ function_call: { name: "f", arguments: '{"a"' } }), chunk({ function_call: { arguments: ":1}" } })],
      [{ ...one, id: "call_0_0" }],
    ],
  ];
  test.each(rows)("%s", (_name, frames, calls) => {
    expect(collect(decoded([...frames, STOP, "[DONE]"])).choices[0]).toMatchObject({ calls, finish: "tool-calls" } as object);
  });
});

describe("whole answers", () => {
  test("that forget to say why they ended are finished", () => {
    expect(readChatAnswer({ id: "c", model: "m", created: 5, choices: [{ message: { content: "a" } }] }).slice(1)).toEqual([
      { type: "text", choice: 0, text: "a" },
      { type: "finish", choice: 0, reason: "stop" },
      { type: "end" },
    ]);
  });

  test("are the stream's events", () => {
    const answer = {
      id: "c",
      model: "m",
      created: 5,
      choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
    };
    expect(says(readChatAnswer(answer))).toEqual(["start", "text", "finish", "usage", "end"]);
  });
  test("Perplexity's sources beside the choices belong to the first, and come before it ends", () => {
    const choices = [0, 1].map((index) => ({ index, message: { role: "assistant", content: "a" }, finish_reason: "stop" }));
    const events = readChatAnswer({ choices, citations: ["https://a.test", 5] });
    expect(says(events)).toEqual(["start", "text", "annotation", "finish", "text", "finish", "end"]);
    expect(events[2]).toEqual({ type: "annotation", choice: 0, annotation: { type: "url_citation", url_citation: { url: "https://a.test" } } });
  });
  test.each<[Json, string]>([
    ["text", "failure upstream-error: The upstream answered 200 with something that is not a chat completion."],
    [null, "failure upstream-error: The upstream answered 200 with something that is not a chat completion."],
    [[], "failure upstream-error: The upstream answered 200 with something that is not a chat completion."],
    [{}, "failure upstream-error: The upstream answered 200 without choices."],
    [{ choices: [] }, "failure upstream-error: The upstream answered 200 without choices."],
    [{ choices: null }, "failure upstream-error: The upstream answered 200 without choices."],
    [{ error: { message: "busy", code: 503 } }, "failure overloaded: busy"],
  ])("%j is none", (json, failure) => {
    expect(says(readChatAnswer(json))).toContain(failure);
  });
});
