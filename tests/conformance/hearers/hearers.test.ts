import { describe, expect, test } from "bun:test";
import type { Json } from "../../../src/vocabulary/json.ts";
import { hearMessage, hearMessageStream } from "./anthropic-messages.ts";
import { hearGemini, hearGeminiList, hearGeminiStream } from "./gemini.ts";
import type { Heard } from "./heard.ts";
import { hearOllama, hearOllamaStream } from "./ollama.ts";
import { hearChat, hearChatStream } from "./openai-chat.ts";
import { hearCompletion, hearCompletionStream } from "./openai-completions.ts";
import { hearResponse, hearResponseStream } from "./openai-responses.ts";

/** The hearers must hear faults: a sound answer of each dialect has none, and each of these changes is one. */
type Change = readonly [name: string, from: string, to: string, says: RegExp];
const nameless = (...frames: Json[]) => frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("");
const named = (...frames: readonly { readonly type: string; readonly [field: string]: unknown }[]) =>
  frames.map((frame) => `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`).join("");

const chunk = (delta: object, finish_reason: string | null = null) =>
  ({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] }) as Json;
const CHAT = `${nameless(
  chunk({ role: "assistant", content: "hi" }),
  chunk({ tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "f", arguments: "{}" } }] }),
  chunk({}, "tool_calls"),
  { id: "c", object: "chat.completion.chunk", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
)}data: [DONE]\n\n`;
const WHOLE_CHAT = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
});
const COMPLETION = `${nameless({ object: "text_completion", choices: [{ index: 0, text: "hi", finish_reason: "stop" }] })}data: [DONE]\n\n`;
const MESSAGE = { type: "message", id: "msg_1", role: "assistant", model: "m", content: [], usage: { input_tokens: 1, output_tokens: 1 } };
const MESSAGES = named(
  ...[
    { type: "message_start", message: MESSAGE },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hi" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
    { type: "message_stop" },
  ],
);
const ITEM = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "hi" }] };
const RESPONSE = { id: "resp_1", object: "response", created_at: 1, model: "m", status: "completed", output: [ITEM], usage: { input_tokens: 1 } };
const RESPONSES = named(
  ...[
    { type: "response.created", response: {} },
    { type: "response.output_item.added", output_index: 0, item: { ...ITEM, content: [] } },
    { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: "hi" },
    { type: "response.output_text.done", output_index: 0, item_id: "msg_1", content_index: 0, text: "hi" },
    { type: "response.output_item.done", output_index: 0, item: ITEM },
    { type: "response.completed", response: RESPONSE },
  ].map((event, sequence_number) => ({ ...event, sequence_number })),
);
const FRAME = { candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP" }], usageMetadata: { promptTokenCount: 1 } };
const LINE = { model: "m", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content: "hi" }, done: false };
const LINES = `${JSON.stringify(LINE)}\n${JSON.stringify({ ...LINE, message: { content: "" }, done: true, done_reason: "stop", eval_count: 2 })}\n`;

const ANSWERS: Readonly<Record<string, readonly [hear: (text: string) => Heard, sound: string, changes: readonly Change[]]>> = {
  "a chat": [
    hearChat,
    WHOLE_CHAT,
    [
      ["no model", '"model":"m"', '"model":""', /no model/],
      ["a count that is none", '"total_tokens":3', '"total_tokens":-3', /total_tokens is -3/],
      ["another's words", '"role":"assistant"', '"role":"user"', /not the assistant's/],
    ],
  ],
  "a stream of a chat": [
    hearChatStream,
    CHAT,
    [
      ["no end mark", "data: [DONE]\n\n", "", /not \[DONE\]/],
      ["no role", '"role":"assistant",', "", /before the role/],
      ["no finish", '"tool_calls"}]', "null}]", /no finish/],
      ["another id", '{"id":"c","object":"chat.completion.chunk","choices":[]', '{"id":"d","object":"chat.completion.chunk","choices":[]', /2 ids/],
      ["a call without a name", '"name":"f",', "", /without id, type or name/],
      ["a call out of turn", '[{"index":0,"id":"c1"', '[{"index":1,"id":"c1"', /tool call 1 after 0/],
      ["no frame", "data: {", "date: {", /not a frame/],
    ],
  ],
  "a completion": [
    hearCompletion,
    '{"object":"text_completion","choices":[{"index":0,"text":"hi","finish_reason":"stop"}]}',
    [["no text", '"hi"', "5", /without text/]],
  ],
  "a stream of a completion": [
    hearCompletionStream,
    COMPLETION,
    [
      ["no finish", '"stop"', "null", /no finish/],
      ["an end after the end", "data: [DONE]", `${COMPLETION.split("\n\n")[0]}\n\ndata: [DONE]`, /ends twice/],
    ],
  ],
  "a message": [hearMessage, JSON.stringify({ ...MESSAGE, stop_reason: "end_turn" }), [["an odd id", "msg_1", "chatcmpl-1", /id is/]]],
  "a stream of a message": [
    hearMessageStream,
    MESSAGES,
    [
      ["a frame called otherwise", "event: message_stop", "event: message_start", /says it is message_stop/],
      ["no end", 'event: message_stop\ndata: {"type":"message_stop"}\n\n', "", /no message_stop/],
      ["a block misnumbered", '"index":0,"content_block"', '"index":1,"content_block"', /block 1 after 0/],
      ["a delta of another kind", '"text_delta"', '"thinking_delta"', /thinking_delta in a text block/],
      ["a block left open", 'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n', "", /the end before a block's/],
    ],
  ],
  "a response": [hearResponse, JSON.stringify(RESPONSE), [["no time", '"created_at":1,', "", /no complete response/]]],
  "a stream of a response": [
    hearResponseStream,
    RESPONSES,
    [
      ["a number left out", '"sequence_number":2', '"sequence_number":3', /has the number 3, not 2/],
      ["another text at the end", '"text":"hi","sequence_number"', '"text":"ho","sequence_number"', /not what was told piece by piece/],
      ["an item nobody opened", '"output_index":0,"item_id"', '"output_index":1,"item_id"', /for item 1, which is not open/],
      ["another item at the end", '"output":[{"id":"msg_1"', '"output":[{"id":"msg_2"', /not those that were done/],
      ["an item that changes", '"item":{"id":"msg_1"', '"item":{"id":"msg_3"', /names the item|changes its id/],
    ],
  ],
  "a Gemini answer": [hearGemini, JSON.stringify(FRAME), [["no reason", '"finishReason":"STOP"', '"index":0', /0 reasons/]]],
  "a Gemini stream": [
    hearGeminiStream,
    nameless(FRAME),
    [
      ["a name", "data:", "event: x\ndata:", /not a frame/],
      ["another role", '"role":"model"', '"role":"user"', /content of the role "user"/],
    ],
  ],
  "a Gemini list": [hearGeminiList, JSON.stringify([FRAME]), [["no list", "[{", "{", /not a list/]]],
  "an Ollama answer": [hearOllama, LINES.split("\n")[1] ?? "", [["no time", "2026-01", "soon", /not a line/]]],
  "an Ollama stream": [
    hearOllamaStream,
    LINES,
    [
      ["no end", '"done":true', '"done":false', /is done/],
      ["two ends", '"done":false', '"done":true', /and no other/],
      ["a count that is none", '"eval_count":2', '"eval_count":0.5', /eval_count is 0.5/],
    ],
  ],
};

describe.each(Object.entries(ANSWERS))("%s", (_answer, [hear, sound, changes]) => {
  test("that is sound", () => {
    const { problems, error } = hear(sound);
    expect([problems, error]).toEqual([[], undefined]);
  });
  test.each([...changes])("with %s", (_name, from, to, says) => {
    expect(sound).toContain(from);
    expect(hear(sound.replace(from, to)).problems.join("; ")).toMatch(says);
  });
});
