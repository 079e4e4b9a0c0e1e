import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../vocabulary/chat.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../vocabulary/json.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { readChatCall } from "./read-call.ts";

const HELLO: JsonObject[] = [{ role: "user", content: "hi" }];
const read = (body: JsonObject): ChatRequest => readChatCall(incoming({ model: "m", messages: HELLO, ...body })).request();
const content = (parts: Json) => read({ messages: [{ role: "user", content: parts }] }).messages[0]?.parts;

describe("fields", () => {
  const rows: [JsonObject, Partial<ChatRequest>][] = [
    [{}, { model: "m", tools: [], stop: [], choices: 1, stream: false, extras: {} }],
    [{ max_tokens: 5 }, { maxTokens: 5 }],
    [{ max_completion_tokens: 6, max_tokens: 5 }, { maxTokens: 6 }],
    [
      { temperature: 0, top_p: 0.5, top_k: 3, min_p: 0.1, seed: 7 },
      { temperature: 0, topP: 0.5, topK: 3, minP: 0.1, seed: 7 },
    ],
    [
      { presence_penalty: 1, frequency_penalty: -1, logit_bias: { "5": 1 } },
      { presencePenalty: 1, frequencyPenalty: -1, logitBias: { "5": 1 } },
    ],
    [{ stop: "a" }, { stop: ["a"] }],
    [{ stop: ["a", "b"] }, { stop: ["a", "b"] }],
    [
      { stop: null, n: null, temperature: null, tools: null },
      { stop: [], choices: 1, temperature: undefined, tools: [] },
    ],
    [{ n: 3 }, { choices: 3 }],
    [{ logprobs: true, top_logprobs: 2 }, { logprobs: { top: 2 } }],
    [{ logprobs: false, top_logprobs: 2 }, { logprobs: undefined }],
    [{ reasoning_effort: "low" }, { reasoning: { effort: "low", show: true } }],
    [{ reasoning: { max_tokens: 100, exclude: true } }, { reasoning: { budget: 100, show: false } }],
    [{ reasoning: { enabled: false } }, { reasoning: { effort: "none", show: true } }],
    [{ user: "u" }, { user: "u" }],
    [{ user: "u", safety_identifier: "s" }, { user: "s" }],
    [
      { prompt_cache_key: "k", service_tier: "flex", verbosity: "low", metadata: { a: "b" } },
      { cacheKey: "k", serviceTier: "flex", verbosity: "low", metadata: { a: "b" } },
    ],
    [{ response_format: { type: "json_object" } }, { format: { type: "json" } }],
    [
      { response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } } },
      { format: { type: "json-schema", name: "n", schema: { type: "object" }, strict: true, description: undefined } },
    ],
    [
      { tool_choice: "required", parallel_tool_calls: false },
      { toolChoice: { type: "required" }, parallelTools: false },
    ],
    [{ tool_choice: "any" }, { toolChoice: { type: "required" } }],
    [{ tool_choice: { type: "function", function: { name: "f" } } }, { toolChoice: { type: "tool", name: "f" } }],
    [{ function_call: { name: "f" } }, { toolChoice: { type: "tool", name: "f" } }],
    [
      { tool_choice: { type: "allowed_tools", allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] } } },
      { toolChoice: { type: "some", mode: "required", names: ["f"] } },
    ],
    [
      { functions: [{ name: "f", parameters: { type: "object" } }] },
      { tools: [{ name: "f", description: undefined, parameters: { type: "object" }, strict: undefined }] },
    ],
    [{ chat_template_kwargs: { a: 1 }, provider: {} }, { extras: { chat_template_kwargs: { a: 1 }, provider: {} } }],
  ];
  test.each(rows)("%j", (body, expected) => {
    expect(read(body)).toMatchObject(expected);
  });
});

describe("messages", () => {
  const rows: [string, JsonObject, object][] = [
    ["text", { role: "user", content: "a", name: "Ann" }, { role: "user", name: "Ann", parts: [{ type: "text", text: "a" }] }],
    ["null content", { role: "assistant", content: null }, { role: "assistant", parts: [] }],
    ["developer", { role: "developer", content: [{ type: "text", text: "a" }] }, { role: "system", developer: true, parts: [{ type: "text", text: "a" }] }],
    [
      "reasoning before text before calls",
      { role: "assistant", content: "a", reasoning_content: "t", tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: "{}" } }] },
      {
        parts: [
          { type: "thinking", text: "t" },
          { type: "text", text: "a" },
          { type: "tool-call", id: "1", name: "f", arguments: "{}" },
        ],
      },
    ],
    [
      "thinking blocks with their proof",
      {
        role: "assistant",
        content: "a",
        reasoning_content: "t",
        thinking_blocks: [
          { type: "thinking", thinking: "t", signature: "s" },
          { type: "redacted_thinking", data: "d" },
        ],
      },
      {
        parts: [
          { type: "thinking", text: "t", signature: "s" },
          { type: "thinking", text: "", redacted: "d" },
          { type: "text", text: "a" },
        ],
      },
    ],
    [
      "arguments as an object",
      { role: "assistant", tool_calls: [{ id: "1", function: { name: "f", arguments: { a: 1 } } }] },
      { parts: [{ type: "tool-call", arguments: '{"a":1}' }] },
    ],
    [
      "Google's signature",
      { role: "assistant", tool_calls: [{ id: "1", function: { name: "f", arguments: "{}" }, extra_content: { google: { thought_signature: "s" } } }] },
      { parts: [{ type: "tool-call", signature: "s" }] },
    ],
    [
      "Google's signature on text",
      { role: "assistant", content: "a", extra_content: { google: { thought_signature: "s" } } },
      { parts: [{ type: "text", text: "a", signature: "s" }] },
    ],
    [
      "Google's signature on an answer without text",
      { role: "assistant", content: null, extra_content: { google: { thought_signature: "s" } } },
      { parts: [{ type: "text", text: "", signature: "s" }] },
    ],
    [
      "pictures a model made, as answers hold them and as parts",
      {
        role: "assistant",
        content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" }, extra_content: { google: { thought_signature: "1" } } }],
        images: [{ type: "image_url", image_url: { url: "data:image/png;base64,BBBB" }, extra_content: { google: { thought_signature: "2" } } }],
      },
      {
        parts: [
          { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" }, signature: "1" },
          { type: "image", media: { kind: "bytes", mime: "image/png", base64: "BBBB" }, signature: "2" },
        ],
      },
    ],
    ["a refusal", { role: "assistant", content: null, refusal: "no" }, { parts: [{ type: "refusal", text: "no" }] }],
    ["a result", { role: "tool", tool_call_id: "1", content: "x" }, { role: "tool", callId: "1", parts: [{ type: "text", text: "x" }] }],
    [
      "a legacy call",
      { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
      { parts: [{ type: "tool-call", id: "call_f", name: "f", arguments: "{}" }] },
    ],
    ["a legacy result", { role: "function", name: "f", content: "x" }, { role: "tool", callId: "call_f", toolName: "f", parts: [{ type: "text", text: "x" }] }],
  ];
  test.each(rows)("%s", (_name, message, expected) => {
    expect(read({ messages: [message] }).messages[0]).toMatchObject(expected);
  });

  const parts: [string, JsonObject, object][] = [
    [
      "an image by URL",
      { type: "image_url", image_url: { url: "https://e.org/a.png", detail: "low" } },
      { type: "image", detail: "low", media: { kind: "url", url: "https://e.org/a.png" } },
    ],
    ["an image as a bare URL", { type: "image_url", image_url: "https://e.org/a.png" }, { type: "image", media: { kind: "url" } }],
    [
      "an image in bytes",
      { type: "image_url", image_url: { url: "data:image/JPG;base64,AAAA" } },
      { type: "image", media: { kind: "bytes", mime: "image/jpeg", base64: "AAAA" } },
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
      { type: "audio", media: { kind: "bytes", mime: "audio/mpeg", base64: "AAAA" } },
    ],
    ["video", { type: "video_url", video_url: { url: "https://e.org/a.mp4" } }, { type: "video", media: { kind: "url" } }],
    [
      "a file in bytes",
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" } },
      { type: "file", filename: "a.pdf", media: { kind: "bytes", mime: "application/pdf" } },
    ],
    [
      "a file in bare base64",
      { type: "file", file: { file_data: "AAAA" } },
      { type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "AAAA" } },
    ],
    ["a stored file", { type: "file", file: { file_id: "file_1" } }, { type: "file", media: { kind: "stored", id: "file_1" } }],
    [
      "a document by URL",
      { type: "document_url", document_url: "https://e.org/a.pdf", document_name: "a.pdf" },
      { type: "file", filename: "a.pdf", media: { kind: "url", url: "https://e.org/a.pdf" } },
    ],
    ["a cache mark", { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }, { type: "text", cache: { ttl: "1h" } }],
  ];
  test.each(parts)("%s", (_name, part, expected) => {
    expect(content([part])?.[0]).toMatchObject(expected as never);
  });
});

describe("what cannot be understood is refused where it stands", () => {
  const tool = (fields: JsonObject): JsonObject => ({ tools: [{ type: "function", function: fields }] });
  const rows: [string, JsonObject][] = [
    ["messages", { messages: [] }],
    ["messages", { messages: "hi" }],
    ["messages[0]", { messages: ["hi"] }],
    ["messages[1].role", { messages: [...HELLO, { role: "robot", content: "hi" }] }],
    ["messages[0].role", { messages: [{ content: "hi" }] }],
    ["messages[0].content", { messages: [{ role: "user", content: 5 }] }],
    ["messages[0].content[0].type", { messages: [{ role: "user", content: [{ type: "hologram" }] }] }],
    ["messages[0].content[1].text", { messages: [{ role: "user", content: [{ type: "text", text: "a" }, { type: "text" }] }] }],
    ["messages[0].content[0].image_url.url", { messages: [{ role: "user", content: [{ type: "image_url" }] }] }],
    ["messages[0].content[0].image_url.url", { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png,raw" } }] }] }],
    ["messages[0].content[0].input_audio.data", { messages: [{ role: "user", content: [{ type: "input_audio" }] }] }],
    ["messages[0].content[0].file", { messages: [{ role: "user", content: [{ type: "file", file: {} }] }] }],
    ["messages[0].content", { messages: [{ role: "system", content: [{ type: "image_url", image_url: { url: "https://e.org/" } }] }] }],
    ["messages[0].content", { messages: [{ role: "assistant", content: [{ type: "input_audio", input_audio: { data: "AA" } }] }] }],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "x" }] }],
    ["messages[0].tool_calls[0].id", { messages: [{ role: "assistant", tool_calls: [{ function: { name: "f" } }] }] }],
    ["messages[0].tool_calls[0].function.name", { messages: [{ role: "assistant", tool_calls: [{ id: "1" }] }] }],
    ["messages[0].tool_calls[0].type", { messages: [{ role: "assistant", tool_calls: [{ id: "1", type: "custom" }] }] }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["tools[0].function.name", tool({})],
    ["tools[0].function.parameters", tool({ name: "f", parameters: [] })],
    ["tool_choice", { tool_choice: "maybe" }],
    ["response_format.type", { response_format: { type: "xml" } }],
    ["reasoning_effort", { reasoning_effort: "much" }],
    ["stop[1]", { stop: ["a", 5] }],
  ];
  test.each(rows)("%s", (param, body) => {
    let thrown: unknown;
    try {
      read(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    const failure = thrown as Failure;
    expect([failure.kind, failure.facts.param]).toEqual(["invalid-request", param]);
    expect(failure.message.startsWith(param)).toBe(true);
  });
});

describe("usage in a stream", () => {
  test.each<[JsonObject, boolean, boolean]>([
    [{}, false, false],
    [{ stream: true }, true, false],
    [{ stream: true, stream_options: { include_usage: true } }, true, true],
    [{ stream: true, stream_options: { include_usage: false } }, true, false],
    [{ stream: true, stream_options: null }, true, false],
  ])("%j", (body, stream, wantsUsage) => {
    expect(readChatCall(incoming({ messages: HELLO, ...body }))).toMatchObject({ stream, wantsUsage, model: "" });
  });
});
