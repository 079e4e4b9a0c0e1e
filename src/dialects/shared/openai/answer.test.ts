import { describe, expect, test } from "bun:test";
import type { ChatDecoder } from "../../../vocabulary/dialect.ts";
import { chatDecoder } from "../../openai-chat/decode.ts";
import { completionDecoder } from "../../openai-completions/decode.ts";
import { answerId, startOf } from "./answer.ts";

/** What both of OpenAI's streams have in common, each with its own words for it. */
const DIALECTS: readonly [name: string, decoder: () => ChatDecoder, said: object][] = [
  ["chats", chatDecoder, { delta: { content: "a" } }],
  ["completions", completionDecoder, { text: "a" }],
];

describe.each(DIALECTS)("a stream of %s", (_name, decoder, said) => {
  const piece = (finish: string | null = null, index = 0) => JSON.stringify({ choices: [{ index, ...said, finish_reason: finish }] });
  const types = (...frames: string[]) => {
    const reading = decoder();
    const events = frames.flatMap((data) => reading.decode({ event: "", data, raw: new Uint8Array() }));
    return [...events, ...reading.close()].map((event) =>
      event.type === "failure" ? event.failure.message : event.type === "finish" ? `finish ${event.choice} ${event.reason}` : event.type,
    );
  };
  const rows: [string, string[], string[]][] = [
    ["is whole at its end mark", [piece("length"), "[DONE]"], ["start", "text", "finish 0 length", "end"]],
    ["is whole when every choice is finished", [piece("stop")], ["start", "text", "finish 0 stop", "end"]],
    ["gets the finish its upstream forgot", [piece(), piece("stop", 1), "[DONE]"], ["start", "text", "text", "finish 1 stop", "finish 0 stop", "end"]],
    ["finishes a choice once", [piece("stop"), piece("length"), "[DONE]"], ["start", "text", "finish 0 stop", "text", "end"]],
    ["says nothing after its end", [piece("stop"), "[DONE]", piece(), "[DONE]"], ["start", "text", "finish 0 stop", "end"]],
    ["without a choice is no answer", ["[DONE]"], ["The upstream ended the stream without an answer."]],
    ["without a frame", [], ["The upstream closed the stream before the answer was finished."]],
    ["cut before its finish", [piece()], ["start", "text", "The upstream closed the stream before the answer was finished."]],
    ["fails once, and then is silent", [piece(), '{"error":{"message":"no"}}', piece("stop"), "[DONE]"], ["start", "text", "no"]],
    ["that is not JSON fails once", ["{oops", "{oops", "[DONE]"], ["The upstream sent a frame that is not JSON."]],
  ];
  test.each(rows)("%s", (_about, frames, expected) => {
    expect(types(...frames)).toEqual(expected);
  });
});

test("what says nothing of itself is not taken for something", () => {
  const nothing = { type: "start", id: undefined, model: undefined, created: undefined };
  for (const json of [{}, { id: "", model: "", created: 0 }, { id: 5, model: null, created: "5" }, { created: -5 }])
    expect<object>(startOf(json)).toEqual(nothing);
  expect(startOf({ id: "a", model: "m", created: 5.7 })).toEqual({ type: "start", id: "a", model: "m", created: 5 });
});

test.each([
  ["chatcmpl-", "chatcmpl-1", "chatcmpl-1"],
  ["chatcmpl-", "msg_1", "chatcmpl-1"],
  ["chatcmpl-", "cmpl-1", "chatcmpl-1"],
  ["cmpl-", "chatcmpl-1", "cmpl-1"],
  ["cmpl-", "cmpl-1", "cmpl-1"],
  ["cmpl-", undefined, "cmpl-9"],
] as const)("an answer of %s whose upstream says %p is %s", (prefix, upstream, id) => {
  expect(answerId(prefix, upstream, { model: "m", requestId: "req_9", created: 1 })).toBe(id);
});
