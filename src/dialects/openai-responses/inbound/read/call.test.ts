import { describe, expect, test } from "bun:test";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readResponsesCall } from "./call.ts";

const refusal = (body: Json | string): [param: string | undefined, message: string] => {
  try {
    readResponsesCall(incoming(body));
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return [thrown.facts.param, thrown.message];
  }
  return [undefined, "not refused"];
};

test("a call is read as far as routing needs it, its text untouched", () => {
  const text = '{"model":"m", "input":"hi","temperature":1.0,"stream":true}';
  const call = readResponsesCall(incoming(text, { "session-id": "s" }));
  expect(call).toMatchObject({ dialect: "openai-responses", model: "m", text, stream: true, wantsUsage: true });
  expect([call.anew, call.headers.get("session-id"), call.json["temperature"]]).toEqual([undefined, "s", 1]);
  expect(call.request()).toBe(call.request());
});

describe("accepted before anyone knows who will answer", () => {
  const rows: JsonObject[] = [
    { model: "m", input: "" },
    { input: [] },
    { model: null, input: [{ type: "a_kind_to_come", x: 1 }] },
    { previous_response_id: "resp_1" },
    { conversation: "conv_1" },
    { prompt: { id: "pmpt_1" } },
    { input: "hi", stream: null, tools: null, instructions: null, reasoning: null, text: null, include: null, max_output_tokens: null },
    { input: "hi", tools: [{ type: "web_search" }], background: true },
  ];
  test.each(rows)("%j", (body) => expect(readResponsesCall(incoming(body)).model).toBe((body["model"] as string) ?? ""));
});

describe("refused at once", () => {
  const rows: [Json | string, string, RegExp][] = [
    ["", "", /not valid JSON: it is empty/],
    ["[]", "", /must be a JSON object/],
    [{ model: "m" }, "input", /input is missing/],
    [{ model: "m", input: null, messages: [] }, "input", /belongs to \/v1\/chat\/completions/],
    [{ model: "m", input: 5 }, "input", /a string or a list/],
    [{ model: "m", input: { role: "user" } }, "input", /a string or a list/],
    [{ model: "m", input: ["hi"] }, "input[0]", /must be an object/],
    [{ model: "m", input: [{}, null] }, "input[1]", /must be an object/],
    [{ model: 5, input: "hi" }, "model", /must be a string/],
    [{ input: "hi", stream: "yes" }, "stream", /must be a boolean/],
    [{ input: "hi", tools: {} }, "tools", /must be an array/],
    [{ input: "hi", instructions: ["a"] }, "instructions", /must be a string/],
    [{ input: "hi", max_output_tokens: 1.5 }, "max_output_tokens", /must be an integer/],
    [{ input: "hi", max_tool_calls: "1" }, "max_tool_calls", /must be an integer/],
    [{ input: "hi", include: "x" }, "include", /must be an array/],
    [{ input: "hi", reasoning: "high" }, "reasoning", /must be an object/],
    [{ input: "hi", text: "low" }, "text", /must be an object/],
    [{ input: "hi", store: 1 }, "store", /must be a boolean/],
    [{ input: "hi", background: "no" }, "background", /must be a boolean/],
    [{ input: "hi", truncation: true }, "truncation", /must be a string/],
    [{ input: "hi", previous_response_id: 5 }, "previous_response_id", /must be a string/],
    [{ input: "hi", service_tier: 1 }, "service_tier", /must be a string/],
  ];
  test.each(rows)("%j", (body, param, words) => {
    const [at, message] = refusal(body);
    expect(at).toBe(param);
    expect(message).toMatch(words);
  });
});

test("a body that nests too deeply is refused when it is read", () => {
  const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
  const call = readResponsesCall(incoming(`{"model":"m","input":"hi","metadata":{"a":${deep}}}`));
  expect(() => call.request()).toThrow(/nests deeper/);
});
