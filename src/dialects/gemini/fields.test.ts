import { describe, expect, test } from "bun:test";
import { Failure } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { camelName, fieldOf, integerIn, numberIn, objectIn, objectsIn, snakeName, spellingsIn, stringIn, stringsIn, wordOf } from "./fields.ts";

const refusal = (read: () => unknown): string | undefined => {
  try {
    read();
    return "nothing was refused";
  } catch (thrown) {
    return thrown instanceof Failure && thrown.kind === "invalid-request" ? `${thrown.facts.param} | ${thrown.message}` : String(thrown);
  }
};

describe("two spellings", () => {
  test.each([
    ["systemInstruction", "system_instruction"],
    ["parametersJsonSchema", "parameters_json_schema"],
    ["_responseJsonSchema", "_response_json_schema"],
    ["seed", "seed"],
  ])("%s is %s", (camel, snake) => {
    expect([snakeName(camel), camelName(snake), camelName(camel)]).toEqual([snake, camel, camel]);
  });

  test("either holds the field, and null is nothing", () => {
    expect([fieldOf({ topK: 1 }, "topK"), fieldOf({ top_k: 2 }, "topK"), fieldOf({ topK: null, top_k: 3 }, "topK")]).toEqual([1, 2, 3]);
    expect([fieldOf({ topK: null }, "topK"), fieldOf({}, "topK"), fieldOf({ topK: 0 }, "topK")]).toEqual([undefined, undefined, 0]);
    expect([spellingsIn({ topK: 1, top_k: 2 }, "topK"), spellingsIn({ top_k: null }, "topK"), spellingsIn({}, "seed")]).toEqual([
      ["topK", "top_k"],
      ["top_k"],
      [],
    ]);
  });
});

describe("values", () => {
  test.each<[string, unknown, unknown]>([
    ["one object for a list", objectsIn({ a: { b: 1 } }, "a", "a"), [{ b: 1 }]],
    ["a list of objects", objectsIn({ a: [{}, {}] }, "a", "a"), [{}, {}]],
    ["no list", objectsIn({ a: null }, "a", "a"), []],
    ["one string for a list", stringsIn({ a: "x" }, "a", "a"), ["x"]],
    ["no strings", stringsIn({}, "a", "a"), []],
    ["a number", numberIn({ a: 0.5 }, "a", "a"), 0.5],
    ["a number in a string", numberIn({ a: "12" }, "a", "a"), 12],
    ["an integer that is written with a point", integerIn({ a: 3.0 }, "a", "a"), 3],
    ["no object", objectIn({}, "a", "a"), undefined],
    ["no string", stringIn({ a: null }, "a", "a"), undefined],
    ["an enum's word", wordOf("any", []), "ANY"],
    ["an enum's number", wordOf(1, ["ZERO", "ONE"]), "ONE"],
    ["an enum's number nobody knows", wordOf(7, ["ZERO"]), "7"],
    ["no enum", wordOf({}, ["ZERO"]), undefined],
  ])("%s", (_name, read, expected) => {
    expect(read).toEqual(expected);
  });

  const odd = { list: ["x"], text: "x", number: 0.5, deep: {} } as JsonObject;
  test.each<[string, () => unknown, string]>([
    ["text for an object", () => objectIn(odd, "text", "p"), "p | p must be an object."],
    ["text for objects", () => objectsIn(odd, "text", "p"), "p | p must be a list of objects."],
    ["a list of texts for objects", () => objectsIn(odd, "list", "p"), "p[0] | p[0] must be an object."],
    ["a number for text", () => stringIn(odd, "number", "p"), "p | p must be a string."],
    ["an object for texts", () => stringsIn(odd, "deep", "p"), "p[0] | p[0] must be a string."],
    ["text for a number", () => numberIn(odd, "text", "p"), "p | p must be a number."],
    ["a fraction for an integer", () => integerIn(odd, "number", "p"), "p | p must be an integer."],
  ])("%s is refused at its path", (_name, read, expected) => {
    expect(refusal(read)).toBe(expected);
  });
});
