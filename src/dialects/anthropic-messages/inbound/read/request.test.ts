import { describe, expect, test } from "bun:test";
import type { Message } from "../../../../vocabulary/chat.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readMessagesCall } from "./call.ts";

const read = (more: JsonObject, headers: Record<string, string> = {}) =>
  readMessagesCall(incoming({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }], ...more }, headers)).request();
const user = (...content: Json[]): JsonObject => ({ role: "user", content });
const assistant = (...content: Json[]): JsonObject => ({ role: "assistant", content });
const messages = (...given: Json[]) => read({ messages: given }).messages;
const text = (said: string) => ({ type: "text", text: said }) as const;
const PNG = { type: "image", source: { type: "base64", media_type: "image/PNG", data: "AAAA" } };
const MARK = { cache_control: { type: "ephemeral", ttl: "1h" } };

describe("the system's words", () => {
  const rows: [string, Json, Message[]][] = [
    ["as a string", "be brief", [{ role: "system", parts: [text("be brief")] }]],
    ["as blocks, with marks", [{ ...text("a"), ...MARK }, text("b")], [{ role: "system", parts: [{ ...text("a"), cache: { ttl: "1h" } }, text("b")] }]],
    [
      "Claude Code's count of callers is not for others",
      [text("x-anthropic-billing-header: cc_version=1; cch=0f"), text("a")],
      [{ role: "system", parts: [text("a")] }],
    ],
    ["nothing", "", []],
    ["null", null, []],
    ["empty blocks", [text("")], []],
  ];
  test.each(rows)("%s", (_name, system, expected) => {
    expect(read({ system }).messages.slice(0, -1)).toEqual(expected);
  });
});

describe("messages", () => {
  const rows: [string, Json[], Message[]][] = [
    ["a string", [{ role: "user", content: "a" }], [{ role: "user", parts: [text("a")] }]],
    ["a mark without a time", [user({ ...text("a"), cache_control: { type: "ephemeral" } })], [{ role: "user", parts: [{ ...text("a"), cache: {} }] }]],
    [
      "null and empty content say nothing",
      [{ role: "user", content: null }, user(text("")), assistant(), user(text("b"))],
      [{ role: "user", parts: [text("b")] }],
    ],
    [
      "the system may speak anywhere",
      [user(text("a")), { role: "system", content: "b" }, { role: "system", content: [text("c")] }],
      [
        { role: "user", parts: [text("a")] },
        { role: "system", parts: [text("b")] },
        { role: "system", parts: [text("c")] },
      ],
    ],
    [
      "and within a user's turn",
      [user(text("a"), { type: "mid_conv_system", content: [text("s")] }, text("b"))],
      [
        { role: "user", parts: [text("a")] },
        { role: "system", parts: [text("s")] },
        { role: "user", parts: [text("b")] },
      ],
    ],
    [
      "pictures: bytes, an address, a file",
      [user(PNG, { type: "image", source: { type: "url", url: "https://a/b.png" } }, { type: "image", source: { type: "file", file_id: "file_1" } })],
      [
        {
          role: "user",
          parts: [
            { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } },
            { type: "image", media: { kind: "url", url: "https://a/b.png" } },
            { type: "image", media: { kind: "stored", id: "file_1" } },
          ],
        },
      ],
    ],
    [
      "a PDF keeps its title, and what is said about it comes before it",
      [user({ type: "document", title: "T", context: "C", source: { type: "base64", media_type: "application/pdf", data: "AAAA" }, ...MARK })],
      [
        {
          role: "user",
          parts: [
            text("About the document that follows: C"),
            { type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "AAAA" }, filename: "T", cache: { ttl: "1h" } },
          ],
        },
      ],
    ],
    [
      "a PDF by address, and one that is stored",
      [user({ type: "document", source: { type: "url", url: "https://a/b" } }, { type: "document", source: { type: "file", file_id: "file_1" } })],
      [
        {
          role: "user",
          parts: [
            { type: "file", media: { kind: "url", url: "https://a/b", mime: "application/pdf" } },
            { type: "file", media: { kind: "stored", id: "file_1" } },
          ],
        },
      ],
    ],
    [
      "documents that are text are text",
      [user({ type: "document", title: "T", context: "C", source: { type: "text", media_type: "text/plain", data: "words" } })],
      [{ role: "user", parts: [text('<document title="T">\n<context>C</context>\nwords\n</document>')] }],
    ],
    [
      "documents of blocks",
      [user({ type: "document", source: { type: "content", content: [text("a"), PNG] } })],
      [
        {
          role: "user",
          parts: [text("<document>"), text("a"), { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } }, text("</document>")],
        },
      ],
    ],
    [
      "what a search found",
      [user({ type: "search_result", title: "T", source: "https://a", content: [text("a"), text("b")] })],
      [{ role: "user", parts: [text('<search_result title="T" source="https://a">\na\nb\n</search_result>')] }],
    ],
    [
      "thinking with its proof, without one, and hidden",
      [
        assistant(
          { type: "thinking", thinking: "a", signature: "sig" },
          { type: "thinking", thinking: "b", signature: "" },
          { type: "thinking", thinking: "c" },
          { type: "thinking", thinking: "", signature: "sig" },
          { type: "thinking", thinking: "", signature: "" },
          { type: "redacted_thinking", data: "xx" },
        ),
      ],
      [
        {
          role: "assistant",
          parts: [
            { type: "thinking", text: "a", signature: "sig" },
            { type: "thinking", text: "b" },
            { type: "thinking", text: "c" },
            { type: "thinking", text: "", signature: "sig" },
            { type: "thinking", text: "", redacted: "xx" },
          ],
        },
      ],
    ],
    [
      "calls and their results, which come before the turn's other words",
      [
        assistant(text("wait"), { type: "tool_use", id: "t1", name: "f", input: { a: [1] } }, { type: "tool_use", id: "t2", name: "g", input: null }),
        user(text("and then?"), { type: "tool_result", tool_use_id: "t1", content: "one" }, { type: "tool_result", tool_use_id: "t2", is_error: true }),
      ],
      [
        {
          role: "assistant",
          parts: [
            text("wait"),
            { type: "tool-call", id: "t1", name: "f", arguments: '{"a":[1]}' },
            { type: "tool-call", id: "t2", name: "g", arguments: "{}" },
          ],
        },
        { role: "tool", callId: "t1", parts: [text("one")] },
        { role: "tool", callId: "t2", parts: [], failed: true },
        { role: "user", parts: [text("and then?")] },
      ],
    ],
    [
      "a result may hold pictures and references; its mark is one on its last part",
      [user({ type: "tool_result", tool_use_id: "t1", content: [PNG, { type: "tool_reference", tool_name: "Grep" }], ...MARK })],
      [
        {
          role: "tool",
          callId: "t1",
          parts: [
            { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } },
            { ...text("Tool Grep is loaded."), cache: { ttl: "1h" } },
          ],
        },
      ],
    ],
    [
      "what Anthropic's own tools found is told in words, and what was asked of them with it",
      [
        assistant(
          { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
          {
            type: "web_search_tool_result",
            tool_use_id: "srvtoolu_1",
            content: [{ type: "web_search_result", title: "T", url: "https://a", encrypted_content: "xyz" }],
          },
          { type: "bash_code_execution_tool_result", content: { type: "bash_code_execution_result", stdout: "out", stderr: "", return_code: 0, content: [] } },
          { type: "mcp_tool_result", content: [text("from afar")] },
          { type: "web_fetch_tool_result", content: { type: "web_fetch_tool_result_error", error_code: "url_not_allowed" } },
          {
            type: "web_fetch_tool_result",
            content: { type: "web_fetch_result", url: "https://b", content: { type: "document", source: { type: "base64", data: "AAAA" } } },
          },
          { type: "tool_search_tool_result", content: { type: "tool_search_tool_search_result", tool_references: [] } },
          { type: "fallback", from: {}, to: {} },
          text("so"),
        ),
      ],
      [
        {
          role: "assistant",
          parts: [
            text("[Result of web search]\nT https://a"),
            text("[Result of bash code execution]\nout"),
            text("[Result of mcp]\nfrom afar"),
            text("[Result of web fetch]\nurl_not_allowed"),
            text("[Result of web fetch]\nhttps://b"),
            text("so"),
          ],
        },
      ],
    ],
    [
      "a summary",
      [assistant({ type: "compaction", content: "all of it" })],
      [{ role: "assistant", parts: [text("Summary of the conversation before this point:\nall of it")] }],
    ],
    [
      "a picture we wrote as text is one again; a word beside it makes it text",
      [assistant(text("![image](data:image/png;base64,AAAA)")), assistant(text("![image](data:image/png;base64,AAAA) nice"))],
      [
        { role: "assistant", parts: [{ type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } }] },
        { role: "assistant", parts: [text("![image](data:image/png;base64,AAAA) nice")] },
      ],
    ],
  ];
  test.each(rows)("%s", (_name, given, expected) => {
    expect(messages(...given)).toEqual(expected);
  });
});

describe("refused, with the path at fault", () => {
  const rows: [string, JsonObject, string][] = [
    ["a role of another API", { messages: [{ role: "tool", content: "a" }] }, "messages[0].role"],
    ["content that is a number", { messages: [{ role: "user", content: 5 }] }, "messages[0].content"],
    ["a block that is none", { messages: [user("a")] }, "messages[0].content[0]"],
    ["a block of a kind nobody knows", { messages: [user({ type: "hologram" })] }, "messages[0].content[0].type"],
    ["the same in an assistant's turn", { messages: [assistant({ type: "hologram" })] }, "messages[0].content[0].type"],
    ["a text that is none", { messages: [user({ type: "text", text: 5 })] }, "messages[0].content[0].text"],
    ["pictures in the system's words", { system: [PNG] }, "system[0].type"],
    ["a source of a kind nobody knows", { messages: [user({ type: "image", source: { type: "cloud" } })] }, "messages[0].content[0].source.type"],
    ["no source", { messages: [user({ type: "image" })] }, "messages[0].content[0].source.type"],
    ["a file for Claude's container", { messages: [user({ type: "container_upload", file_id: "file_1" })] }, "messages[0].content[0]"],
    ["a result without its call", { messages: [user({ type: "tool_result" })] }, "messages[0].content[0].tool_use_id"],
    [
      "a result of odd things",
      { messages: [user({ type: "tool_result", tool_use_id: "t", content: [{ type: "x" }] })] },
      "messages[0].content[0].content[0].type",
    ],
    ["arguments that are a list", { messages: [assistant({ type: "tool_use", id: "t", name: "f", input: [] })] }, "messages[0].content[0].input"],
    ["tools that are no list", { tools: {} }, "tools"],
    ["a tool that is none", { tools: [5] }, "tools[0]"],
    ["a tool without a name", { tools: [{ input_schema: {} }] }, "tools[0].name"],
    ["a schema that is none", { tools: [{ name: "f", input_schema: [] }] }, "tools[0].input_schema"],
    ["Anthropic's search of the web", { tools: [{ type: "web_search_20250305", name: "web_search" }] }, "tools[0].type"],
    ["its container", { tools: [{ type: "code_execution_20260120", name: "code_execution" }] }, "tools[0].type"],
    ["its servers", { tools: [{ type: "mcp_toolset", mcp_server_name: "s" }] }, "tools[0].type"],
    ["its use of a computer", { tools: [{ type: "computer_20251124", name: "computer" }] }, "tools[0].type"],
    ["servers it would call", { mcp_servers: [{ type: "url", url: "https://a" }] }, "mcp_servers"],
    ["a place it would answer at", { inference_geo: "us" }, "inference_geo"],
    ["a cache to warm", { max_tokens: 0 }, "max_tokens"],
    ["a choice of a kind nobody knows", { tools: [{ name: "f" }], tool_choice: { type: "some" } }, "tool_choice.type"],
    ["a choice without a tool", { tool_choice: { type: "any" } }, "tool_choice"],
    ["an effort nobody knows", { output_config: { effort: "heroic" } }, "output_config.effort"],
    ["thinking of a kind nobody knows", { thinking: { type: "sideways" } }, "thinking.type"],
    ["thinking of no kind", { thinking: {} }, "thinking.type"],
    ["thinking without a budget", { thinking: { type: "enabled" } }, "thinking.budget_tokens"],
    ["a format of a kind nobody knows", { output_config: { format: { type: "xml" } } }, "output_config.format.type"],
    ["a format without a schema", { output_format: { type: "json_schema" } }, "output_format.schema"],
    ["a stop that is none", { stop_sequences: ["a", 5] }, "stop_sequences[1]"],
    ["a temperature in words", { temperature: "hot" }, "temperature"],
  ];
  test.each(rows)("%s", (_name, more, param) => {
    expect(() => read(more)).toThrow(Failure);
    try {
      read(more);
    } catch (thrown) {
      const { kind, facts, message } = thrown as Failure;
      expect([kind, facts.param, message.startsWith(param)]).toEqual(["invalid-request", param, true]);
    }
  });
});

describe("tuning", () => {
  const rows: [string, JsonObject, JsonObject][] = [
    [
      "sampling",
      { temperature: 0.5, top_p: 0.9, top_k: 5, stop_sequences: ["END", ""] },
      { temperature: 0.5, topP: 0.9, topK: 5, stop: ["END"], maxTokens: 5 },
    ],
    ["a budget", { thinking: { type: "enabled", budget_tokens: 2000 } }, { reasoning: { budget: 2000, show: true } }],
    ["adaptive", { thinking: { type: "adaptive" } }, { reasoning: { show: true } }],
    [
      "adaptive, with an effort, not to be shown",
      { thinking: { type: "adaptive", display: "omitted" }, output_config: { effort: "xhigh" } },
      { reasoning: { effort: "xhigh", show: false } },
    ],
    ["no thinking", { thinking: { type: "disabled" }, output_config: { effort: "high" } }, { reasoning: { effort: "none" } }],
    ["an effort alone", { output_config: { effort: "low" } }, { reasoning: { effort: "low" } }],
    [
      "a schema",
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
      { format: { type: "json-schema", name: "answer", schema: { type: "object" }, strict: true } },
    ],
    [
      "a schema by its old name",
      { output_format: { type: "json_schema", schema: { type: "object" } } },
      { format: { type: "json-schema", name: "answer", schema: { type: "object" }, strict: true } },
    ],
    ["the tier without capacity bought ahead", { service_tier: "standard_only" }, { serviceTier: "default" }],
    ["the usual tier", { service_tier: "auto" }, { serviceTier: undefined }],
    [
      "what has no word inside a field",
      {
        output_config: { task_budget: { total: 9 } },
        messages: [user({ type: "document", citations: { enabled: true }, source: { type: "text", data: "a" } })],
      },
      { warnings: ["citations, output_config.task_budget were dropped: only Claude has anything like them."] },
    ],
    [
      "what has no word at all",
      { speed: "fast", context_management: { edits: [] } },
      { extras: { speed: "fast", context_management: { edits: [] } }, origin: "anthropic-messages" },
    ],
  ];
  test.each(rows)("%s", (_name, more, expected) => {
    expect(read(more)).toMatchObject(expected);
  });
});

test("null is absent", () => {
  const absent = { temperature: null, thinking: null, output_config: null, output_format: null, tools: null, tool_choice: null, metadata: null, system: null };
  expect({ ...read(absent), extras: {} }).toEqual(read({}));
});

describe("who it is for", () => {
  const SESSION = "b1c2d3e4-0000-4000-8000-000000000001";
  const rows: [string, JsonObject, Record<string, string>, user: unknown, cacheKey: unknown][] = [
    ["nobody", {}, {}, undefined, undefined],
    ["a short name as it is", { metadata: { user_id: "ann" } }, {}, "ann", undefined],
    ["a long name by its mark", { metadata: { user_id: "a".repeat(100) } }, {}, expect.stringMatching(/^user_[0-9a-f]{28}$/), undefined],
    [
      "Claude Code's JSON: device and account are the user, the session is the cache's key",
      { metadata: { user_id: JSON.stringify({ device_id: "d".repeat(64), account_uuid: "", session_id: SESSION }) } },
      {},
      expect.stringMatching(/^user_[0-9a-f]{28}$/),
      SESSION,
    ],
    [
      "as older ones wrote it",
      { metadata: { user_id: `user_${"d".repeat(64)}_account__session_${SESSION}` } },
      {},
      expect.stringMatching(/^user_[0-9a-f]{28}$/),
      SESSION,
    ],
    ["the session in a header", {}, { "x-claude-code-session-id": SESSION }, undefined, SESSION],
    ["a session of any length", {}, { "x-claude-code-session-id": "s".repeat(100) }, undefined, expect.stringMatching(/^session_[0-9a-f]{28}$/)],
    ["JSON of somebody else", { metadata: { user_id: '{"id":5}' } }, {}, '{"id":5}', undefined],
  ];
  test.each(rows)("%s", (_name, more, headers, name, cacheKey) => {
    const request = read(more, headers);
    expect([request.user, request.cacheKey]).toEqual([name, cacheKey] as never);
  });

  test("the same user in another session is the same", () => {
    const of = (session_id: string) => read({ metadata: { user_id: JSON.stringify({ device_id: "d", session_id }) } });
    expect(of("one").user).toBe(of("two").user as string);
    expect(of("one").cacheKey).not.toBe(of("two").cacheKey as string);
  });
});
