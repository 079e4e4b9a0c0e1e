import { describe, expect, test } from "bun:test";
import { Failure } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { checkFields, readBody } from "./body.ts";

function refusal(of: () => unknown): { kind: string; param: string | undefined } | undefined {
  try {
    of();
  } catch (thrown) {
    if (thrown instanceof Failure) return { kind: thrown.kind, param: thrown.facts.param };
    throw thrown;
  }
  return undefined;
}

describe("a body", () => {
  test.each([
    ["", "it is empty"],
    ["  \n", "it is empty"],
    ["{", "not valid JSON"],
    ["{'a':1}", "not valid JSON"],
    ["[1]", "must be a JSON object"],
    ["null", "must be a JSON object"],
    ['"text"', "must be a JSON object"],
  ])("%j is refused", (text, says) => {
    expect(refusal(() => readBody(text))).toEqual({ kind: "invalid-request", param: "" });
    expect(() => readBody(text)).toThrow(says);
  });
  test("an object is read", () => {
    expect(readBody(' {"a": 1} ')).toEqual({ a: 1 });
  });
});

describe("a field", () => {
  const wrong: [string, JsonObject][] = [
    ["model", { model: 5 }],
    ["stream", { stream: "true" }],
    ["stream", { stream: 1 }],
    ["temperature", { temperature: "1" }],
    ["n", { n: 1.5 }],
    ["max_tokens", { max_tokens: "10" }],
    ["tools", { tools: {} }],
    ["response_format", { response_format: "json" }],
    ["metadata", { metadata: [] }],
    ["logit_bias", { logit_bias: [] }],
    ["parallel_tool_calls", { parallel_tool_calls: "no" }],
  ];
  test.each(wrong)("%s of the wrong type is named", (param, json) => {
    expect(refusal(() => checkFields(json))).toEqual({ kind: "invalid-request", param });
  });
  test.each([
    [{ model: null, stream: null, n: null }],
    [{ temperature: 1, n: 2, top_p: 0.5, tools: [], stream: true }],
    [{ unknown: [1], another: {} }],
    [{ constructor: 1, toString: "x", valueOf: null }],
    [JSON.parse('{"__proto__": 1, "hasOwnProperty": {}}') as JsonObject],
  ])("%j passes", (json) => {
    expect(refusal(() => checkFields(json as unknown as JsonObject))).toBeUndefined();
  });
});
