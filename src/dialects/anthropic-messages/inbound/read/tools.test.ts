import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { longNames, shortName } from "../tool-names.ts";
import { readMessagesCall } from "./call.ts";

const read = (more: JsonObject) => readMessagesCall(incoming({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }], ...more })).request();
const tool = (name: string, more: JsonObject = {}): JsonObject => ({ name, input_schema: { type: "object" }, ...more });
const later = (name: string) => tool(name, { defer_loading: true });
const SEARCH = { type: "tool_search_tool_bm25_20251119", name: "tool_search_tool_bm25" };
const called = (name: string): JsonObject => ({ role: "assistant", content: [{ type: "tool_use", id: "t", name, input: {} }] });
const loaded = (name: string): JsonObject => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "tool_reference", tool_name: name }] }],
});
const changed = (type: "tool_addition" | "tool_removal", name: string): JsonObject => ({
  role: "system",
  content: [{ type, tool: { type: "tool_reference", name } }],
});
const found = (name: string): JsonObject => ({
  role: "assistant",
  content: [
    {
      type: "tool_search_tool_result",
      tool_use_id: "s",
      content: { type: "tool_search_tool_search_result", tool_references: [{ type: "tool_reference", tool_name: name }] },
    },
  ],
});

test("a tool keeps its words, its schema and its mark; how its arguments are streamed is nobody else's business", () => {
  const given = { ...tool("f"), type: "custom", description: "d", strict: true, eager_input_streaming: true, cache_control: { type: "ephemeral" } };
  expect(read({ tools: [given] }).tools).toEqual([{ name: "f", description: "d", parameters: { type: "object" }, strict: true, cache: {} }]);
});

describe("which tools there are", () => {
  const rows: [string, tools: Json[], messages: Json[], there: string[]][] = [
    ["those not put off", [tool("a"), later("b")], [], ["a"]],
    ["those a result refers to", [tool("a"), later("b"), later("c")], [called("ToolSearch"), loaded("c")], ["a", "c"]],
    ["those Anthropic's own search found", [tool("a"), later("b"), later("c")], [found("b")], ["a", "b"]],
    ["those that were called, whoever loaded them", [tool("a"), later("b")], [called("b")], ["a", "b"]],
    ["those the system brought, and not those it took away", [tool("a"), later("b")], [changed("tool_addition", "b"), changed("tool_removal", "a")], ["b"]],
    ["the last word counts", [later("b")], [changed("tool_addition", "b"), changed("tool_removal", "b"), loaded("b")], ["b"]],
    ["all of them where Anthropic would have searched", [SEARCH, tool("a"), later("b")], [], ["a", "b"]],
    ["by names nobody should have", [tool("constructor"), later("__proto__")], [], ["constructor"]],
  ];
  test.each(rows)("%s", (_name, tools, messages, there) => {
    expect(read({ tools, messages: [{ role: "user", content: "hi" }, ...messages] }).tools.map(({ name }) => name)).toEqual(there);
  });

  test("and the one that must be called", () => {
    const request = read({ tools: [later("b")], tool_choice: { type: "tool", name: "b" } });
    expect([request.tools.length, request.toolChoice]).toEqual([1, { type: "tool", name: "b" }]);
  });
});

test("tools that Anthropic describes and clients run are functions to others", () => {
  const tools = [
    { type: "bash_20250124", name: "bash" },
    { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 9 },
    { type: "memory_20250818", name: "memory" },
  ];
  const read_ = read({ tools }).tools;
  expect(read_.map(({ name, parameters }) => [name, Object.keys(parameters?.["properties"] as JsonObject).slice(0, 2)])).toEqual([
    ["bash", ["command", "restart"]],
    ["str_replace_based_edit_tool", ["command", "path"]],
    ["memory", ["command", "path"]],
  ]);
});

describe("the choice among them", () => {
  const rows: [JsonObject, JsonObject][] = [
    [{ type: "auto" }, { toolChoice: { type: "auto" } }],
    [{ type: "any" }, { toolChoice: { type: "required" } }],
    [{ type: "none" }, { toolChoice: { type: "none" } }],
    [{ type: "tool", name: "f" }, { toolChoice: { type: "tool", name: "f" } }],
    [
      { type: "auto", disable_parallel_tool_use: true },
      { toolChoice: { type: "auto" }, parallelTools: false },
    ],
    [{ type: "any", disable_parallel_tool_use: false }, { toolChoice: { type: "required" } }],
  ];
  test.each(rows)("%j", (tool_choice, expected) => {
    const { toolChoice, parallelTools } = read({ tools: [tool("f")], tool_choice });
    expect({ toolChoice, ...(parallelTools === undefined ? {} : { parallelTools }) }).toEqual(expected as never);
  });

  test("is none where there are no tools", () => {
    const { tools, toolChoice, parallelTools } = read({ tools: [later("b")], tool_choice: { type: "auto", disable_parallel_tool_use: true } });
    expect([tools, toolChoice, parallelTools]).toEqual([[], undefined, undefined]);
  });
});

describe("names", () => {
  const LONG = `mcp__${"server".repeat(10)}__find`;

  test("are shortened alike wherever they stand, and known again", () => {
    const request = read({ tools: [tool(LONG), tool("f")], tool_choice: { type: "tool", name: LONG }, messages: [called(LONG), loaded(LONG)] });
    const short = shortName(LONG);
    expect([short.length, request.tools[0]?.name, request.toolChoice]).toEqual([64, short, { type: "tool", name: short }]);
    expect(JSON.stringify(request.messages)).not.toContain(LONG);
    expect([...longNames({ tools: [tool(LONG), tool("f")] })]).toEqual([[short, LONG]]);
  });

  test("two long ones that begin alike stay two", () => {
    expect(shortName(`${"a".repeat(100)}1`)).not.toBe(shortName(`${"a".repeat(100)}2`));
  });
});
