import { describe, expect, test } from "bun:test";
import { Failure } from "../../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../../vocabulary/json.ts";
import { strictSchema, toolSchema } from "./schema.ts";

describe("a schema Claude enforces", () => {
  const rows: [string, JsonObject, JsonObject][] = [
    ["objects are closed", { type: "object", properties: { a: {} } }, { type: "object", properties: { a: {} }, additionalProperties: false }],
    [
      "bounds are told in words",
      { type: "integer", minimum: 1, maximum: 9, description: "A digit." },
      { type: "integer", description: "A digit. (minimum: 1; maximum: 9)" },
    ],
    ["a pattern is told in words", { type: "string", pattern: "^a+$", minLength: 2 }, { type: "string", description: "(pattern: ^a+$; minLength: 2)" }],
    ["known formats stay", { type: "string", format: "date-time" }, { type: "string", format: "date-time" }],
    ["other formats are told", { type: "string", format: "phone" }, { type: "string", description: "(format: phone)" }],
    ["one or no items at least stays", { type: "array", minItems: 1, items: { type: "string" } }, { type: "array", minItems: 1, items: { type: "string" } }],
    ["more is told", { type: "array", minItems: 2, uniqueItems: true }, { type: "array", description: "(minItems: 2; uniqueItems: true)" }],
    [
      "oneOf is anyOf",
      { oneOf: [{ type: "string", maxLength: 1 }, { type: "null" }] },
      { anyOf: [{ type: "string", description: "(maxLength: 1)" }, { type: "null" }] },
    ],
    ["notes to people go", { $schema: "x", $id: "y", examples: [1], type: "string", title: "T" }, { type: "string", title: "T" }],
    [
      "a property may be called like a keyword",
      { type: "object", properties: { pattern: { type: "string" }, minimum: { type: "number", minimum: 0 } }, required: ["pattern"] },
      {
        type: "object",
        properties: { pattern: { type: "string" }, minimum: { type: "number", description: "(minimum: 0)" } },
        required: ["pattern"],
        additionalProperties: false,
      },
    ],
    [
      "definitions are cleaned too",
      { $ref: "#/$defs/A", $defs: { A: { type: "object", properties: {}, additionalProperties: true } } },
      { $ref: "#/$defs/A", $defs: { A: { type: "object", properties: {}, additionalProperties: false } } },
    ],
    [
      "a map's values are told",
      { type: ["object", "null"], additionalProperties: { type: "number" } },
      { type: ["object", "null"], description: '(further properties: {"type":"number"})', additionalProperties: false },
    ],
  ];
  test.each(rows)("%s", (_, schema, clean) => {
    expect(strictSchema(schema)).toEqual(clean);
    expect(strictSchema(strictSchema(schema))).toEqual(clean);
  });
});

describe("a tool's parameters", () => {
  const a = { type: "object", properties: { a: { type: "string" } }, required: ["a", "kind"] };
  const b = { type: "object", properties: { b: { type: "string" } }, required: ["kind"] };
  const both = { a: { type: "string" }, b: { type: "string" } };
  const rows: [string, JsonObject | undefined, JsonObject][] = [
    ["none", undefined, { type: "object", properties: {} }],
    ["empty", {}, { type: "object", properties: {} }],
    ["an object as it is", { ...a, additionalProperties: false }, { ...a, additionalProperties: false }],
    ["an object that does not say so", { properties: { a: {} } }, { type: "object", properties: { a: {} } }],
    ["an object or nothing", { type: ["object", "null"], properties: {} }, { type: "object", properties: {} }],
    ["all of several", { allOf: [a, b] }, { type: "object", properties: both, required: ["a", "kind"] }],
    [
      "one of several",
      { oneOf: [a, b], description: "Do it." },
      {
        type: "object",
        description: `Do it. The arguments must match exactly one of: ${JSON.stringify([a, b])}`,
        properties: both,
        required: ["kind"],
      },
    ],
    ["a reference", { $ref: "#/$defs/A", $defs: { A: b } }, { ...b, $defs: { A: b } }],
    [
      "references to alternatives",
      { anyOf: [{ $ref: "#/$defs/A" }], $defs: { A: b } },
      {
        type: "object",
        description: `The arguments must match at least one of: ${JSON.stringify([b])}`,
        properties: b.properties,
        required: ["kind"],
        $defs: { A: b },
      },
    ],
  ];
  test.each(rows)("%s", (_, parameters, schema) => {
    expect(toolSchema(parameters, "p")).toEqual(schema);
  });

  const refused: [string, JsonObject][] = [
    ["a list", { type: "array", items: {} }],
    ["a string", { type: "string" }],
    ["an object or a string", { anyOf: [a, { type: "string" }] }],
  ];
  test.each<Json>([7, { a: true }, [7]])("required that is %j names nothing", (required) => {
    expect(() => toolSchema({ ...a, required }, "tools[0].function.parameters")).toThrow("tools[0].function.parameters.required must be a list of names.");
  });
  test.each(refused)("%s is refused", (_, parameters) => {
    let thrown: unknown;
    try {
      toolSchema(parameters, "tools[0].function.parameters");
    } catch (failure) {
      thrown = failure;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).facts.param).toBe("tools[0].function.parameters");
  });
});
