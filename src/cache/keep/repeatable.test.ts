import { describe, expect, test } from "bun:test";
import type { DialectName } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { boundsItsAnswer, isRepeatable } from "./repeatable.ts";

const call = (dialect: DialectName, json: JsonObject) => ({ dialect, json, model: "m", text: "", request: () => undefined });
const document = (enabled: boolean): JsonObject => ({ type: "document", citations: { enabled } });
const said = (...content: JsonObject[]): JsonObject => ({ messages: [{ role: "user", content }] });

describe("can its answer be given again?", () => {
  test.each<[DialectName, JsonObject, boolean]>([
    ["openai-chat", { tools: [{ type: "function", function: {} }], web_search_options: null }, true],
    ["openai-chat", { tools: [{ type: "custom" }] }, false],
    ["openai-chat", { web_search_options: {} }, false],
    ["openai-chat", { audio: { voice: "alloy" } }, false],
    ["openai-responses", { tools: [{ type: "function" }, { type: "custom" }, { type: "namespace" }], background: false, conversation: null }, true],
    ["openai-responses", { tools: [{ type: "function" }, { type: "web_search" }] }, false],
    ["openai-responses", { background: true }, false],
    ["openai-responses", { conversation: "conv_1" }, false],
    ["anthropic-messages", { tools: [{ name: "t" }, { type: "custom" }, { type: "bash_20250124" }], mcp_servers: [] }, true],
    ["anthropic-messages", { tools: [{ type: "web_search_20250305" }] }, false],
    ["anthropic-messages", { tools: [{ type: "made_up_tomorrow" }] }, false],
    ["anthropic-messages", { mcp_servers: [{}] }, false],
    ["anthropic-messages", { container: "c" }, false],
    ["anthropic-messages", said({ type: "text" }, document(false)), true],
    ["anthropic-messages", said(document(true)), false],
    ["anthropic-messages", said({ type: "tool_result", content: [document(true)] }), false],
    ["gemini", { tools: [{ functionDeclarations: [] }, { function_declarations: [] }] }, true],
    ["gemini", { tools: [{ functionDeclarations: [] }, { googleSearch: {} }] }, false],
    ["ollama", { tools: [{ type: "function" }] }, true],
  ])("%s %j: %j", (dialect, json, expected) => expect(isRepeatable(call(dialect, json))).toBe(expected));
});

describe("does the client bound its answer?", () => {
  test.each<[DialectName, JsonObject, boolean]>([
    ["openai-chat", { max_tokens: 5 }, true],
    ["openai-chat", { max_completion_tokens: 5 }, true],
    ["openai-chat", { max_output_tokens: 5 }, false],
    ["openai-chat", { max_tokens: null }, false],
    ["openai-completions", { max_tokens: 5 }, true],
    ["openai-responses", { max_output_tokens: 5 }, true],
    ["anthropic-messages", { max_tokens: 5 }, true],
    ["gemini", { generationConfig: { maxOutputTokens: 5 } }, true],
    ["gemini", { maxOutputTokens: 5 }, false],
    ["ollama", { options: { num_predict: 5 } }, true],
    ["ollama", { options: { num_predict: -1 } }, false],
    ["ollama-generate", { options: {} }, false],
  ])("%s %j: %j", (dialect, json, expected) => expect(boundsItsAnswer(call(dialect, json))).toBe(expected));
});
