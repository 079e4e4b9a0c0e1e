import { expect, test } from "bun:test";
import type { DialectName } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { lastWords } from "./last-words.ts";

const user = (content: unknown) => ({ role: "user", content }) as JsonObject;
const system = { role: "system", content: "Be brief." };
const wordsOf = (dialect: DialectName, json: JsonObject) => lastWords({ dialect, json, model: "m", text: "", request: () => undefined });

test.each<[DialectName, JsonObject, string | undefined]>([
  ["openai-chat", { messages: [system, user("hi")] }, "hi"],
  [
    "openai-chat",
    {
      messages: [
        user([
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ]),
      ],
    },
    "a\nb",
  ],
  [
    "openai-chat",
    {
      messages: [
        user([
          { type: "text", text: "a" },
          { type: "image_url", image_url: {} },
        ]),
      ],
    },
    undefined,
  ],
  ["openai-chat", { messages: [{ ...user("hi"), name: "ann" }] }, undefined],
  ["openai-chat", { messages: [user("hi"), { role: "assistant", content: "hello" }] }, undefined],
  ["openai-chat", { messages: [{ role: "tool", tool_call_id: "c", content: "3" }] }, undefined],
  ["openai-chat", { messages: [user("hi")], tools: [] }, "hi"],
  ["openai-chat", { messages: [user("hi")], tools: [{ type: "function" }] }, undefined],
  ["openai-chat", { messages: [user("hi")], functions: [{ name: "f" }] }, undefined],
  ["openai-chat", { messages: [user("  ")] }, undefined],
  ["openai-chat", { messages: [user("x".repeat(8001))] }, undefined],
  ["openai-chat", { messages: [] }, undefined],
  ["openai-responses", { input: "hi" }, "hi"],
  ["openai-responses", { input: [user([{ type: "input_text", text: "hi" }])] }, "hi"],
  ["openai-responses", { input: [{ ...user("hi"), type: "message" }] }, "hi"],
  ["openai-responses", { input: [{ type: "item_reference", id: "i" }] }, undefined],
  ["anthropic-messages", { messages: [user([{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }])] }, "hi"],
  ["anthropic-messages", { messages: [user([{ type: "tool_result", content: "3" }])] }, undefined],
  ["ollama", { messages: [user("hi")] }, "hi"],
  ["ollama", { messages: [{ ...user("hi"), images: ["…"] }] }, undefined],
  ["gemini", { contents: [{ role: "user", parts: [{ text: "hi" }] }] }, "hi"],
  ["gemini", { contents: [{ parts: [{ text: "hi" }, { inlineData: {} }] }] }, undefined],
  ["openai-completions", { prompt: "hi" }, undefined],
])("%s %j: %j", (dialect, json, expected) => expect(wordsOf(dialect, json)?.text).toBe(expected));

test("the rest is all but the text", () => {
  expect(wordsOf("openai-chat", { temperature: 0, messages: [system, user("hi")] })?.rest).toEqual({ temperature: 0, messages: [system, { role: "user" }] });
  expect(wordsOf("gemini", { contents: [{ parts: [{ text: "hi" }] }] })?.rest).toEqual({ contents: [{ role: "user" }] });
});
