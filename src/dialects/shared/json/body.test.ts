import { describe, expect, test } from "bun:test";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { checkDepth, checkFields, readBody, readWhenAsked } from "./body.ts";

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

const nested = (levels: number, inside = "") => `${'{"a":['.repeat(levels / 2)}${inside}${"]}".repeat(levels / 2)}`;

test.each<[string, string, boolean]>([
  ["as deep as may be", nested(1000), true],
  ["one list too deep", nested(1000, "[]"), false],
  ["a million levels", nested(1_000_000), false],
  ["as deep beside each other", `[${Array.from({ length: 50 }, () => nested(998)).join()}]`, true],
  ["brackets in texts", JSON.stringify([`${"[{".repeat(5000)}"`, `\\${'"{'.repeat(5000)}`]), true],
  ["no JSON", `"${"[".repeat(5000)}`, true],
])("depth: %s", (_name, text, passes) => {
  if (passes) checkDepth(text, "a");
  else expect(() => checkDepth(text, "messages[1].content")).toThrow("messages[1].content nests deeper than 1000 levels.");
});

test("a request is read once, when asked for, and not when too deep", () => {
  let reads = 0;
  const request = readWhenAsked("{}", () => ++reads);
  expect([reads, request(), request()]).toEqual([0, 1, 1]);
  expect(readWhenAsked(nested(2000), () => ++reads)).toThrow("The request nests deeper");
  expect(reads).toBe(1);
});
