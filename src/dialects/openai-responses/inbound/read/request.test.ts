import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message, Tool } from "../../../../vocabulary/chat.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../../../vocabulary/json.ts";
import { responsesProof } from "../../../shared/conversation/proofs.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { placeOf } from "../../../shared/places.ts";
import { readResponsesCall } from "./call.ts";

const read = (body: JsonObject): ChatRequest => readResponsesCall(incoming({ model: "m", input: "hi", ...body })).request();
const said = (...input: JsonObject[]): readonly Message[] => read({ input }).messages;
const text = (words: string) => ({ type: "text", text: words }) as const;
const USER: Message = { role: "user", parts: [text("hi")] };

describe("fields", () => {
  const rows: [JsonObject, Partial<ChatRequest>][] = [
    [{}, { model: "m", messages: [USER], tools: [], stop: [], choices: 1, stream: false, extras: {}, origin: "openai-responses" }],
    [{ instructions: "Be brief." }, { messages: [{ role: "system", parts: [text("Be brief.")] }, USER] }],
    [{ instructions: "" }, { messages: [USER] }],
    [{ max_output_tokens: 20 }, { maxTokens: 20 }],
    [
      { temperature: 0.5, top_p: 0.9, presence_penalty: 1, frequency_penalty: -1 },
      { temperature: 0.5, topP: 0.9, presencePenalty: 1, frequencyPenalty: -1 },
    ],
    [
      { stop: ["END"], seed: 7, top_k: 3 },
      { stop: ["END"], seed: 7, topK: 3 },
    ],
    [{ top_logprobs: 2 }, { logprobs: { top: 2 } }],
    [{ include: ["message.output_text.logprobs"] }, { logprobs: { top: 0 } }],
    [{ top_logprobs: 0 }, { logprobs: undefined }],
    [{ reasoning: { effort: "low" } }, { reasoning: { effort: "low" } }],
    [{ reasoning: { effort: "high", summary: "auto" } }, { reasoning: { effort: "high", show: true } }],
    [{ reasoning: { generate_summary: "concise" } }, { reasoning: { show: true } }],
    [{ reasoning: { effort: null, summary: null } }, { reasoning: undefined }],
    [{ text: { format: { type: "text" }, verbosity: "low" } }, { format: { type: "text" }, verbosity: "low" }],
    [{ text: { format: { type: "json_object" } } }, { format: { type: "json" } }],
    [
      { text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true, description: "d" } } },
      { format: { type: "json-schema", name: "n", schema: { type: "object" }, strict: true, description: "d" } },
    ],
    [
      { user: "u", prompt_cache_key: "k", service_tier: "flex", metadata: { a: "b" } },
      { user: "u", cacheKey: "k", serviceTier: "flex", metadata: { a: "b" } },
    ],
    [{ user: "u", safety_identifier: "s" }, { user: "s" }],
    [
      { parallel_tool_calls: false, stream: true },
      { parallelTools: false, stream: true },
    ],
    [{ stream_options: { include_obfuscation: false }, store: false, client_metadata: { a: "b" } }, { extras: {} }],
    [{ prompt_cache_retention: "24h", foo: 1 }, { extras: { prompt_cache_retention: "24h", foo: 1 } }],
  ];
  test.each(rows)("%j", (body, expected) => expect(read(body)).toMatchObject(expected as object));
});

describe("content", () => {
  const rows: [JsonObject, Message["parts"]][] = [
    [{ type: "input_text", text: "a" }, [text("a")]],
    [{ type: "text", text: "a" }, [text("a")]],
    [{ type: "input_text", text: "a", prompt_cache_breakpoint: { mode: "explicit" } }, [{ type: "text", text: "a", cache: {} }]],
    [
      { type: "input_image", image_url: "data:image/JPG;base64,AAAA", detail: "low" },
      [{ type: "image", media: { kind: "bytes", mime: "image/jpeg", base64: "AAAA" }, detail: "low" }],
    ],
    [{ type: "input_image", image_url: "https://x/y.png" }, [{ type: "image", media: { kind: "url", url: "https://x/y.png" } }]],
    [{ type: "input_image", image_url: { url: "https://x/y.png" } }, [{ type: "image", media: { kind: "url", url: "https://x/y.png" } }]],
    [{ type: "input_image", file_id: "file_1", image_url: null }, [{ type: "image", media: { kind: "stored", id: "file_1" } }]],
    [
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
      [{ type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "AAAA" }, filename: "a.pdf" }],
    ],
    [{ type: "input_file", file_data: "AAAA" }, [{ type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "AAAA" } }]],
    [{ type: "input_file", file_url: "https://x/y.pdf" }, [{ type: "file", media: { kind: "url", url: "https://x/y.pdf" } }]],
    [{ type: "input_file", file_id: "file_1" }, [{ type: "file", media: { kind: "stored", id: "file_1" } }]],
    [{ type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } }, [{ type: "audio", media: { kind: "bytes", mime: "audio/mpeg", base64: "AAAA" } }]],
    [{ type: "input_video", video_url: "https://x/y.mp4" }, [{ type: "video", media: { kind: "url", url: "https://x/y.mp4" } }]],
    [{ type: "refusal", refusal: "no" }, [text("no")]],
  ];
  test.each(rows)("%j", (part, parts) => {
    expect(said({ role: "user", content: [part] })[0]?.parts).toEqual(parts);
    const result = said({ type: "function_call_output", call_id: "c", output: [part] })[0];
    expect(result?.parts).toEqual(parts);
  });
});

describe("items are flat, turns are not", () => {
  const call = (id: string, more: JsonObject = {}): JsonObject => ({ type: "function_call", id: `fc_${id}`, call_id: id, name: "f", arguments: "{}", ...more });
  const output = (id: string): JsonObject => ({ type: "function_call_output", call_id: id, output: "r" });
  const called = (id: string) => ({ type: "tool-call", id, name: "f", arguments: "{}" }) as const;
  const result = (id: string): Message => ({ role: "tool", callId: id, parts: [text("r")] });
  const rows: [string, JsonObject[], Message[]][] = [
    ["a message without a type", [{ role: "user", content: "hi" }], [USER]],
    [
      "every role",
      [
        { type: "message", role: "system", content: "s" },
        { type: "message", role: "developer", content: [{ type: "input_text", text: "d" }] },
        { type: "message", role: "user", content: null },
        { type: "message", id: "msg_1", role: "assistant", status: "completed", phase: "final_answer", content: "a" },
      ],
      [
        { role: "system", parts: [text("s")] },
        { role: "system", parts: [text("d")], developer: true },
        { role: "user", parts: [] },
        { role: "assistant", parts: [text("a")] },
      ],
    ],
    [
      "what an assistant says, refuses, and leaves empty",
      [
        {
          role: "assistant",
          content: [
            { type: "output_text", text: "a", annotations: [] },
            { type: "refusal", refusal: "no" },
            { type: "output_text", text: "" },
          ],
        },
      ],
      [{ role: "assistant", parts: [text("a"), { type: "refusal", text: "no" }] }],
    ],
    [
      "thinking, text and calls of a turn are one message, results follow",
      [
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }] },
        { role: "assistant", content: "Let me look." },
        call("1"),
        call("2"),
        output("1"),
        output("2"),
      ],
      [{ role: "assistant", parts: [{ type: "thinking", text: "hm" }, text("Let me look."), called("1"), called("2")] }, result("1"), result("2")],
    ],
    [
      "text between calls and their results does not part them",
      [call("1"), { role: "assistant", content: "And more." }, call("2"), output("1"), output("2")],
      [{ role: "assistant", parts: [called("1"), text("And more."), called("2")] }, result("1"), result("2")],
    ],
    [
      "two messages in a row stay two, and thinking joins the one before it",
      [
        { role: "assistant", content: "a" },
        { role: "assistant", content: "b" },
        { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "raw" }] },
        call("1"),
        output("1"),
      ],
      [{ role: "assistant", parts: [text("a")] }, { role: "assistant", parts: [text("b"), { type: "thinking", text: "raw" }, called("1")] }, result("1")],
    ],
    [
      "a result ends a turn",
      [call("1"), output("1"), call("2"), output("2")],
      [{ role: "assistant", parts: [called("1")] }, result("1"), { role: "assistant", parts: [called("2")] }, result("2")],
    ],
    [
      "a custom tool's input is wrapped, its output is a result",
      [
        { type: "custom_tool_call", call_id: "1", name: "patch", input: '*** "Begin"' },
        { type: "custom_tool_call_output", call_id: "1", output: "done" },
      ],
      [
        { role: "assistant", parts: [{ type: "tool-call", id: "1", name: "patch", arguments: '{"input":"*** \\"Begin\\""}' }] },
        { role: "tool", callId: "1", parts: [text("done")] },
      ],
    ],
    [
      "a tool in a namespace goes by both names, in calls and in results that name it",
      [call("1", { namespace: "web" }), { ...output("1"), name: "f", namespace: "web" }],
      [
        { role: "assistant", parts: [{ type: "tool-call", id: "1", name: "web__f", arguments: "{}" }] },
        { role: "tool", callId: "1", toolName: "web__f", parts: [text("r")] },
      ],
    ],
    [
      "arguments that are an object, or none",
      [call("1", { arguments: { a: 1 } }), call("2", { arguments: null })],
      [{ role: "assistant", parts: [{ ...called("1"), arguments: '{"a":1}' }, called("2")] }],
    ],
    [
      "reasoning without a word or a proof is none",
      [
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: null },
        { role: "user", content: "hi" },
      ],
      [USER],
    ],
    [
      "proofs are told apart by whose they are",
      [
        { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "anthropic-messages:c2ln" },
        { type: "reasoning", id: "rs_2", summary: [], encrypted_content: "anthropic-messages:redacted:b64=" },
        { type: "reasoning", id: "rs_3", summary: [], encrypted_content: "gAAA" },
        { type: "reasoning", id: "rs_4", summary: [], encrypted_content: responsesProof("rs_9", "gBBB") },
      ],
      [
        {
          role: "assistant",
          parts: [
            { type: "thinking", text: "hm", signature: "c2ln" },
            { type: "thinking", text: "", redacted: "b64=" },
            { type: "thinking", text: "", signature: responsesProof("rs_3", "gAAA") },
            { type: "thinking", text: "", signature: responsesProof("rs_9", "gBBB") },
          ],
        },
      ],
    ],
    [
      "pictures a model made, by their first bytes",
      ["iVBORw0KGgo=", "/9j/4AAQ", "UklGRgAA", "R0lGODlh"].map((result) => ({ type: "image_generation_call", id: "ig_1", status: "completed", result })),
      ["png", "jpeg", "webp", "gif"].map((kind, index) => ({
        role: "assistant",
        parts: [{ type: "image", media: { kind: "bytes", mime: `image/${kind}`, base64: ["iVBORw0KGgo=", "/9j/4AAQ", "UklGRgAA", "R0lGODlh"][index] ?? "" } }],
      })),
    ],
    [
      "calls of tools with a shape of their own are told in text",
      [
        { type: "local_shell_call", id: "x", call_id: "1", status: "completed", action: { type: "exec", command: ["ls"] } },
        { type: "local_shell_call_output", id: "x", call_id: "1", output: "a.txt" },
      ],
      [
        { role: "assistant", parts: [text('[local_shell_call] {"call_id":"1","action":{"type":"exec","command":["ls"]}}')] },
        { role: "user", parts: [text('[local_shell_call_output] {"call_id":"1","output":"a.txt"}')] },
      ],
    ],
  ];
  test.each(rows)("%s", (_, input, messages) => expect(said(...input)).toEqual(messages));

  test("where each message was is remembered", () => {
    const input = [{ role: "user", content: "hi" }, { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] }, call("1"), output("1")];
    const { messages } = read({ instructions: "s", input });
    expect(placeOf(messages, "")).toBe("input");
    expect(messages.map((message) => placeOf(message, ""))).toEqual(["instructions", "input[0]", "input[1]", "input[3]"]);
    expect(messages.flatMap(({ parts }) => parts.map((part) => placeOf(part, "")))).toEqual([
      "",
      "input[0].content",
      "input[1]",
      "input[2]",
      "input[3].output",
    ]);
  });

  test("a body that was edited on the way is read from its new text", () => {
    const call = readResponsesCall(incoming({ model: "m", input: [{ role: "user", content: "hi" }], previous_response_id: "resp_1" }));
    expect(() => call.request()).toThrow(/no response "resp_1"/);
    const { previous_response_id: _, ...rest } = call.json;
    const edited = {
      ...rest,
      input: [
        { role: "assistant", content: "hello" },
        { role: "user", content: "hi" },
      ],
    };
    expect(readResponsesCall(incoming(edited)).request().messages).toEqual([{ role: "assistant", parts: [text("hello")] }, USER]);
  });
});

describe("tools", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const input = {
    type: "object",
    properties: { input: { type: "string", description: "The whole input, as plain text." } },
    required: ["input"],
    additionalProperties: false,
  };
  const rows: [string, JsonObject[], Tool[]][] = [
    [
      "functions are flat",
      [
        { type: "function", name: "f", description: "d", parameters: schema, strict: false, defer_loading: true },
        { type: "function", name: "g", parameters: null },
      ],
      [{ name: "f", description: "d", parameters: schema, strict: false }, { name: "g" }],
    ],
    [
      "a custom tool takes one text",
      [{ type: "custom", name: "c", description: "d", format: { type: "text" } }],
      [{ name: "c", description: "d", parameters: input }],
    ],
    [
      "its grammar is told in words",
      [{ type: "custom", name: "c", format: { type: "grammar", syntax: "lark", definition: "start: A" } }],
      [{ name: "c", description: "The input must match this lark grammar:\nstart: A", parameters: input }],
    ],
    [
      "a namespace's tools go by both names",
      [
        {
          type: "namespace",
          name: "n",
          description: "d",
          tools: [
            { type: "function", name: "f" },
            { type: "custom", name: "c" },
          ],
        },
      ],
      [{ name: "n__f" }, { name: "n__c", parameters: input }],
    ],
  ];
  test.each(rows)("%s", (_, tools, expected) => {
    expect(read({ tools }).tools).toEqual(expected);
    const brought = read({
      input: [
        { type: "additional_tools", role: "developer", tools },
        { role: "user", content: "hi" },
      ],
    });
    expect([brought.tools, brought.messages]).toEqual([expected, [USER]]);
  });

  const F = { type: "function", name: "f" };
  const N = { type: "namespace", name: "n", tools: [F] };
  const choices: [Json, ChatRequest["toolChoice"]][] = [
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    ["required", { type: "required" }],
    [null, undefined],
    [F, { type: "tool", name: "f" }],
    [
      { ...F, namespace: "n" },
      { type: "tool", name: "n__f" },
    ],
    [
      { type: "custom", name: "c" },
      { type: "tool", name: "c" },
    ],
    [
      { type: "allowed_tools", mode: "required", tools: [F, { type: "custom", name: "c" }] },
      { type: "some", mode: "required", names: ["f", "c"] },
    ],
    [
      { type: "allowed_tools", tools: [F] },
      { type: "some", mode: "auto", names: ["f"] },
    ],
  ];
  test.each(choices)("choice %j", (tool_choice, choice) =>
    expect(read({ tools: [F, N, { type: "custom", name: "c" }], tool_choice }).toolChoice).toEqual(choice),
  );

  test.each(["auto", "none"])("%s of no tools at all is no choice", (tool_choice) => {
    expect(read({ tool_choice }).toolChoice).toBeUndefined();
    expect(read({ tool_choice, tools: [{ type: "tool_search", execution: "client" }] }).toolChoice).toBeUndefined();
  });
});

describe("left out with a word", () => {
  const rows: [JsonObject, RegExp][] = [
    [{ tools: [{ type: "web_search", external_web_access: false }] }, /^tools\[0\] was left out: web_search has no counterpart/],
    [{ tools: [{ type: "tool_search", execution: "client" }] }, /^tools\[0\] was left out: tool_search/],
    [{ truncation: "auto" }, /^truncation auto was dropped/],
    [{ max_tool_calls: 3 }, /^max_tool_calls was dropped/],
    [{ context_management: [{ type: "compaction" }] }, /^context_management was dropped/],
    [{ include: ["reasoning.encrypted_content", "x.y"] }, /^include was ignored for "x\.y"/],
    [{ reasoning: { effort: "low", context: "all_turns" } }, /^reasoning\.context was dropped/],
    [
      {
        input: [{ type: "web_search_call", id: "ws_1" }, { type: "web_search_call", id: "ws_2" }, { type: "mcp_list_tools" }, { role: "user", content: "hi" }],
      },
      /^web_search_call, mcp_list_tools in input: left out/,
    ],
    [
      {
        input: [
          { type: "image_generation_call", result: null },
          { role: "user", content: "hi" },
        ],
      },
      /^image_generation_call in input: left out/,
    ],
  ];
  test.each(rows)("%j", (body, words) => {
    const { warnings, messages, tools } = read(body);
    expect(warnings).toHaveLength(1);
    expect(warnings?.[0]).toMatch(words);
    expect([messages, tools]).toEqual([[USER], []]);
  });

  test.each(["web_search", "web_search_preview"])("%s, which is only one of the tools", (type) => {
    const { warnings, tools } = read({ tools: [{ type }, { type: "function", name: "f" }] });
    expect(warnings).toEqual([`tools[0] was left out: ${type} has no counterpart at this model's provider.`]);
    expect(tools.map(({ name }) => name)).toEqual(["f"]);
  });

  test("what changes nothing is not mentioned", () => {
    const body = {
      truncation: "disabled",
      include: ["reasoning.encrypted_content", "file_search_call.results"],
      reasoning: { context: "auto" },
      context_management: [],
    };
    expect(read({ ...body, max_tool_calls: null }).warnings).toBeUndefined();
  });
});

describe("refused by name", () => {
  const input = (...items: Json[]): JsonObject => ({ input: items });
  const rows: [JsonObject, string, RegExp][] = [
    [{ background: true }, "background", /Leave it out/],
    [{ conversation: { id: "conv_1" } }, "conversation", /Send its items in input/],
    [{ prompt: { id: "pmpt_1" } }, "prompt", /instructions and input/],
    [{ n: 2 }, "n", /a response is one/],
    [{ text: { format: { type: "grammar" } } }, "text.format.type", /text, json_object or json_schema/],
    [{ reasoning: { effort: "hard" } }, "reasoning.effort", /one of none, minimal/],
    [{ stop: [5] }, "stop[0]", /must be a string/],
    [{ tools: [{ type: "web_search" }] }, "tools[0].type", /web_search/],
    [{ tools: [{ type: "web_search_preview" }] }, "tools[0].type", /web_search_preview/],
    ...["file_search", "code_interpreter", "computer_use_preview", "image_generation", "mcp", "local_shell", "shell"].map(
      (type): [JsonObject, string, RegExp] => [
        { tools: [{ type: "function", name: "f" }, { type }] },
        "tools[1].type",
        new RegExp(`is "${type}", which OpenAI itself would run`),
      ],
    ),
    [{ tools: [{ type: "apply_patch" }] }, "tools[0].type", /apply_patch/],
    [{ tools: [{ type: "tool_search" }] }, "tools[0].type", /tool_search/],
    [{ tools: [{}] }, "tools[0].type", /is null/],
    [{ tools: [{ type: "namespace", name: "n", tools: [{ type: "mcp" }] }] }, "tools[0].tools[0].type", /mcp/],
    [{ tools: [{ type: "function", function: { name: "f" } }] }, "tools[0].name", /must be a string/],
    [{ tools: [{ type: "function", name: "f", parameters: [] }] }, "tools[0].parameters", /JSON Schema/],
    [{ tool_choice: "some" }, "tool_choice", /auto, none, required/],
    [{ tool_choice: { type: "web_search_preview" } }, "tool_choice.type", /web_search_preview/],
    [{ tool_choice: { type: "function" } }, "tool_choice.name", /must name the tool/],
    [{ tool_choice: { type: "allowed_tools", tools: [{ type: "mcp" }] } }, "tool_choice.tools[0].type", /mcp/],
    [input({ type: "item_reference", id: "msg_1" }), "input[0]", /"msg_1", which is not kept here/],
    [input({ id: "msg_1" }), "input[0]", /"msg_1", which is not kept here/],
    [input({ type: "compaction", encrypted_content: "x" }), "input[0].type", /"compaction", which only OpenAI can read/],
    [input({ type: "compaction_trigger" }), "input[0].type", /compaction_trigger/],
    [input({}), "input[0].type", /must say what the item is/],
    [input({ role: "tool", content: "x" }), "input[0].role", /user, assistant, system, developer/],
    [input({ role: "user", content: 5 }), "input[0].content", /a string or a list/],
    [input({}, { role: "user", content: [{}, { type: "video" }] }), "input[0].type", /must say/],
    [input({ role: "user", content: [{ type: "input_text", text: "a" }, { type: "vide0" }] }), "input[0].content[1].type", /"vide0", which is no kind/],
    [input({ role: "user", content: [{ type: "input_text" }] }), "input[0].content[0].text", /must be a string/],
    [input({ role: "user", content: [null] }), "input[0].content[0].type", /is null/],
    [input({ role: "user", content: [{ type: "input_image" }] }), "input[0].content[0].image_url", /URL/],
    [input({ role: "user", content: [{ type: "input_image", image_url: "data:image/png,x" }] }), "input[0].content[0].image_url", /base64/],
    [input({ role: "user", content: [{ type: "input_file" }] }), "input[0].content[0]", /file_data/],
    [input({ role: "user", content: [{ type: "input_audio" }] }), "input[0].content[0].input_audio.data", /base64/],
    [input({ role: "user", content: [{ type: "input_video" }] }), "input[0].content[0].video_url", /URL/],
    [input({ role: "system", content: [{ type: "input_image", image_url: "https://x" }] }), "input[0].content[0].type", /instructions are text/],
    [input({ role: "assistant", content: [{ type: "input_image", image_url: "https://x" }] }), "input[0].content[0].type", /output_text or refusal/],
    [input({ role: "assistant", content: [{ type: "refusal" }] }), "input[0].content[0].refusal", /must be a string/],
    [input({ type: "function_call", name: "f", arguments: "{}" }), "input[0].call_id", /id of the call/],
    [input({ type: "function_call", call_id: "c", arguments: "{}" }), "input[0].name", /must be a string/],
    [input({ type: "function_call", call_id: "c", name: "f", arguments: "[".repeat(3000) }), "input[0].arguments", /nests deeper/],
    [input({ type: "custom_tool_call", call_id: "c", name: "f" }), "input[0].input", /must be a string/],
    [input({ type: "function_call_output", output: "x" }), "input[0].call_id", /id of the call/],
    [input({ type: "function_call_output", call_id: "c", output: [{ type: "x" }] }), "input[0].output[0].type", /no kind of content part/],
  ];
  test.each(rows)("%j", (body, param, words) => {
    let failure: unknown;
    try {
      read(body);
    } catch (thrown) {
      failure = thrown;
    }
    if (!(failure instanceof Failure)) throw new Error("not refused");
    expect([failure.kind, failure.facts.param]).toEqual(["invalid-request", param]);
    expect(failure.message).toMatch(words);
  });

  test("a response that is not kept, by the code clients know", () => {
    expect(() => read({ previous_response_id: "resp_1" })).toThrow(
      expect.objectContaining({ kind: "invalid-request", facts: { param: "previous_response_id", code: "previous_response_not_found" } }),
    );
  });
});
