import { expect, test } from "bun:test";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { type CollectedChoice, collect } from "./collect.ts";

const EMPTY: CollectedChoice = { text: "", thinking: "", refusal: "", calls: [], annotations: [], images: [], logprobs: [] };

test.each<[string, ChatEvent[], Partial<CollectedChoice>[]]>([
  [
    "text in pieces",
    [
      { type: "text", choice: 0, text: "a" },
      { type: "text", choice: 0, text: "b" },
      { type: "finish", choice: 0, reason: "stop" },
    ],
    [{ text: "ab", finish: "stop", stopSequence: undefined }],
  ],
  [
    "thinking is apart from text",
    [
      { type: "thinking", choice: 0, text: "t" },
      { type: "thinking-signature", choice: 0, signature: "s" },
      { type: "text", choice: 0, text: "a" },
    ],
    [{ thinking: "t", text: "a" }],
  ],
  [
    "choices by index, in whatever order they come",
    [
      { type: "text", choice: 1, text: "b" },
      { type: "text", choice: 0, text: "a" },
    ],
    [{ text: "a" }, { text: "b" }],
  ],
  [
    "interleaved calls",
    [
      { type: "tool-call", choice: 0, call: 0, id: "1", name: "f" },
      { type: "tool-call", choice: 0, call: 1, id: "2", name: "g", signature: "s" },
      { type: "tool-call-arguments", choice: 0, call: 1, text: '{"b"' },
      { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":1}' },
      { type: "tool-call-arguments", choice: 0, call: 1, text: ":2}" },
    ],
    [
      {
        calls: [
          { id: "1", name: "f", arguments: '{"a":1}', signature: undefined },
          { id: "2", name: "g", arguments: '{"b":2}', signature: "s" },
        ],
      },
    ],
  ],
  [
    "a call without a word of arguments",
    [{ type: "tool-call", choice: 0, call: 0, id: "1", name: "f" }],
    [{ calls: [{ id: "1", name: "f", arguments: "{}", signature: undefined }] }],
  ],
  [
    "audio fields add up",
    [
      { type: "audio", choice: 0, audio: { id: "a" } },
      { type: "audio", choice: 0, audio: { data: "d" } },
      { type: "audio", choice: 0, audio: { data: "e", transcript: "t" } },
    ],
    [{ audio: { id: "a", data: "de", transcript: "t" } }],
  ],
])("%s", (_name, events, choices) => {
  expect(collect(events).choices).toEqual(choices.map((choice) => ({ ...EMPTY, ...choice })));
});

test("the first name, the last usage, the first failure", () => {
  const failure = new Failure("upstream-error", "broke");
  const answer = collect([
    { type: "start", id: "1", model: "m", created: 5 },
    { type: "start", id: "2" },
    { type: "usage", usage: usageOf({ output: 1 }) },
    { type: "alive" },
    { type: "usage", usage: usageOf({ output: 2 }) },
    { type: "failure", failure },
    { type: "failure", failure: new Failure("internal", "later") },
  ]);
  expect(answer).toEqual({ id: "1", model: "m", created: 5, usage: usageOf({ output: 2 }), failure, choices: [] });
});
