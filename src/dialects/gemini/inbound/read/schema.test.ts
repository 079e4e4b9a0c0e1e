import { expect, test } from "bun:test";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { readSchema } from "./schema.ts";

test.each<[string, JsonObject, JsonObject]>([
  ["upper-case types", { type: "OBJECT", properties: { a: { type: "STRING" } } }, { type: "object", properties: { a: { type: "string" } } }],
  [
    "types by number",
    { type: 6, properties: { a: { type: 1 }, b: { type: 5, items: { type: 3 } } } },
    { type: "object", properties: { a: { type: "string" }, b: { type: "array", items: { type: "integer" } } } },
  ],
  ["no type at all", { type: "TYPE_UNSPECIFIED", description: "d" }, { description: "d" }],
  ["what may be null", { type: "STRING", nullable: true }, { type: ["string", "null"] }],
  ["an enum that may be null", { type: "STRING", format: "enum", enum: ["a"], nullable: true }, { type: ["string", "null"], enum: ["a", null] }],
  ["branches that may be null", { anyOf: [{ type: "STRING" }], nullable: true }, { anyOf: [{ type: "string" }, { type: "null" }] }],
  ["a format that says something", { type: "STRING", format: "date-time" }, { type: "string", format: "date-time" }],
  [
    "limits as strings",
    { type: "ARRAY", minItems: "1", maxItems: "3", items: { type: "STRING", max_length: "9" } },
    { type: "array", minItems: 1, maxItems: 3, items: { type: "string", maxLength: 9 } },
  ],
  ["an example, and null", { type: "STRING", example: "x", description: null }, { type: "string" }],
  [
    "what JSON Schema says already",
    { type: ["string", "null"], $defs: { d: { type: "object" } }, additionalProperties: false, $ref: "#/$defs/d", default: { type: "STRING" } },
    { type: ["string", "null"], $defs: { d: { type: "object" } }, additionalProperties: false, $ref: "#/$defs/d", default: { type: "STRING" } },
  ],
  ["more properties, by schema", { type: "OBJECT", additional_properties: { type: "NUMBER" } }, { type: "object", additionalProperties: { type: "number" } }],
])("%s", (_name, given, expected) => {
  expect(readSchema(given)).toEqual(expected);
});

test("the order of properties is told by where they stand; a name that is none is passed over", () => {
  const properties = { a: { type: "STRING" }, b: { type: "STRING" }, c: { type: "STRING" } };
  expect(Object.keys(readSchema({ type: "OBJECT", properties, propertyOrdering: ["c", "nobody", 7, "a"] })["properties"] as object)).toEqual(["c", "a", "b"]);
});

test("a property may have any name", () => {
  const properties = JSON.parse('{"__proto__":{"type":"STRING"},"my_name":{"type":"STRING"},"type":{"type":"STRING"}}') as JsonObject;
  expect(JSON.stringify(readSchema({ type: "OBJECT", properties }))).toBe(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"my_name":{"type":"string"},"type":{"type":"string"}}}',
  );
});
