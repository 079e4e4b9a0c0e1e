import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { markCache } from "./mark-cache.ts";

const LONG = "x".repeat(9000);
const MARK = { type: "ephemeral" };
const messages = [{ role: "user", content: LONG }];
const marked = (body: JsonObject): JsonObject => JSON.parse(markCache(JSON.stringify(body), body)) as JsonObject;

describe("marks for the prompt cache", () => {
  test.each<[string, JsonObject, JsonObject]>([
    ["a system prompt in one text", { system: 'be "brief"', messages }, { system: [{ type: "text", text: 'be "brief"', cache_control: MARK }], messages }],
    [
      "one in blocks: the last",
      {
        system: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
        messages,
      },
      {
        system: [
          { type: "text", text: "a" },
          { type: "text", text: "b", cache_control: MARK },
        ],
        messages,
      },
    ],
    ["none: the last tool", { tools: [{ name: "a" }, { name: "b" }], messages }, { tools: [{ name: "a" }, { name: "b", cache_control: MARK }], messages }],
    [
      "an empty one, which Claude would refuse to cache",
      { system: [{ type: "text", text: "" }], messages },
      { system: [{ type: "text", text: "" }], messages },
    ],
    ["neither", { messages }, { messages }],
  ])("%s", (_name, body, expected) => {
    expect(marked(body)).toEqual({ ...expected, cache_control: MARK });
  });

  test.each<[string, JsonObject]>([
    ["a short body", { system: "s", messages: [{ role: "user", content: "hi" }] }],
    ["one with marks of its client's own", { system: "s", messages: [{ role: "user", content: [{ type: "text", text: LONG, cache_control: MARK }] }] }],
  ])("%s is left alone, to the byte", (_name, body) => {
    const text = JSON.stringify(body, null, 1);
    expect(markCache(text, body)).toBe(text);
  });

  test("what is not marked keeps its bytes", () => {
    const text = `{"model": "m", "max_tokens": 1.0, "messages": [{"role":"user","content":"${LONG}"}]}`;
    expect(markCache(text, JSON.parse(text))).toStartWith(text.slice(0, -1));
  });
});
