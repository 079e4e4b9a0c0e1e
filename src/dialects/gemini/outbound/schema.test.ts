import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { geminiSchema } from "./schema.ts";

const CASES: readonly { readonly name: string; readonly given: JsonObject; readonly expected: JsonObject }[] = [
  {
    name: "what Gemini knows stays as it is",
    given: { type: "object", title: "T", properties: { a: { type: ["string", "null"], format: "date" } }, required: ["a"], additionalProperties: false },
    expected: { type: "object", title: "T", properties: { a: { type: ["string", "null"], format: "date" } }, required: ["a"], additionalProperties: false },
  },
  {
    name: "unknown keywords go, at every depth",
    given: {
      $schema: "x",
      type: "object",
      examples: [1],
      not: {},
      if: {},
      properties: { a: { type: "array", items: { type: "string", default: "x", contentEncoding: "y" } } },
    },
    expected: { type: "object", properties: { a: { type: "array", items: { type: "string" } } } },
  },
  {
    name: "limits without a keyword are told in the description",
    given: { type: "string", description: "A code", pattern: "^[A-Z]+$", minLength: 2 },
    expected: { type: "string", description: "A code (pattern: ^[A-Z]+$, minLength: 2)" },
  },
  { name: "const of a string is an enum of one", given: { const: "a" }, expected: { enum: ["a"] } },
  { name: "const of a boolean is a boolean", given: { const: true }, expected: { type: "boolean" } },
  { name: "const null is the type null", given: { const: null }, expected: { type: "null" } },
  {
    name: "null in an enum becomes a branch",
    given: { description: "D", type: ["string", "null"], enum: ["a", null] },
    expected: { description: "D", anyOf: [{ type: "string", enum: ["a"] }, { type: "null" }] },
  },
  { name: "OpenAPI's nullable is a type", given: { type: "string", nullable: true }, expected: { type: ["string", "null"] } },
  {
    name: "exclusive bounds of integers are moved by one",
    given: { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 9 },
    expected: { type: "integer", minimum: 1, maximum: 8 },
  },
  {
    name: "exclusive bounds of numbers become inclusive",
    given: { type: "number", exclusiveMinimum: 0, minimum: -3 },
    expected: { type: "number", minimum: 0 },
  },
  {
    name: "allOf is merged into one",
    given: {
      allOf: [{ $ref: "#/$defs/Base" }, { type: "object", properties: { b: { type: "number" } }, required: ["b"] }],
      description: "both",
      $defs: { Base: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
    },
    expected: {
      type: "object",
      description: "both",
      properties: { a: { type: "string" }, b: { type: "number" } },
      required: ["a", "b"],
      $defs: { Base: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } },
    },
  },
  {
    name: "a single reference in allOf stays one, its description moves to a wrapper",
    given: {
      type: "object",
      properties: { a: { allOf: [{ $ref: "#/definitions/A" }], description: "D", default: 1 } },
      definitions: { A: { type: "string" } },
    },
    expected: { type: "object", properties: { a: { description: "D", anyOf: [{ $ref: "#/$defs/A" }] } }, $defs: { A: { type: "string" } } },
  },
  { name: "siblings of a reference that say nothing to the model go", given: { $ref: "#/$defs/A", default: 1 }, expected: { $ref: "#/$defs/A" } },
  {
    name: "definitions beside a root reference stay at the root",
    given: { $ref: "#/$defs/A", description: "D", $defs: { A: { type: "object", properties: { next: { $ref: "#/$defs/A" } } } } },
    expected: { description: "D", $defs: { A: { type: "object", properties: { next: { $ref: "#/$defs/A" } } } }, anyOf: [{ $ref: "#/$defs/A" }] },
  },
  {
    name: "a cycle through allOf ends",
    given: {
      $defs: { Node: { type: "object", properties: { next: { allOf: [{ $ref: "#/$defs/Node" }, { type: "object" }] } } } },
      allOf: [{ $ref: "#/$defs/Node" }, { type: "object" }],
    },
    expected: {
      type: "object",
      properties: { next: { type: "object" } },
      $defs: { Node: { type: "object", properties: { next: { type: "object" } } } },
    },
  },
  {
    name: "an old tuple is prefixItems",
    given: { type: "array", items: [{ type: "string" }, true] },
    expected: { type: "array", prefixItems: [{ type: "string" }, {}] },
  },
  {
    name: "required names only what exists",
    given: { type: "object", properties: { a: true }, required: ["a", "ghost"] },
    expected: { type: "object", properties: { a: {} }, required: ["a"] },
  },
  {
    name: "properties may be called like keywords",
    given: { type: "object", properties: { pattern: { type: "string" }, const: { type: "string" } } },
    expected: { type: "object", properties: { pattern: { type: "string" }, const: { type: "string" } } },
  },
];

describe("geminiSchema", () => {
  test.each(CASES.map((each) => [each.name, each] as const))("%s", (_name, { given, expected }) => {
    const before = JSON.stringify(given);
    expect(geminiSchema(given)).toEqual(expected);
    expect(JSON.stringify(given)).toBe(before);
  });
});
