import { expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { fitsStrict } from "./strict.ts";

const closed = (properties: JsonObject, required = Object.keys(properties)): JsonObject => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const STRING = { type: "string" };

const rows: [string, JsonObject, boolean][] = [
  ["closed, and all required", closed({ a: STRING, b: { type: ["integer", "null"], minimum: 1 } }), true],
  ["nothing in it", closed({}), true],
  ["objects in lists, choices and definitions", closed({ a: { type: "array", items: closed({ b: { anyOf: [closed({}), { $ref: "#/$defs/c" }] } }) } }), true],
  ["open", { type: "object", properties: {} }, false],
  ["something optional", closed({ a: STRING, b: STRING }, ["a"]), false],
  ["something open inside", closed({ a: { type: "array", items: { type: "object" } } }), false],
  ["something open in a definition", { ...closed({}), $defs: { c: { type: "object" } } }, false],
  ["a keyword it does not know", closed({ a: { type: "string", minLength: 1 } }), false],
  ["no object", { type: "string" }, false],
  ["a choice of objects", { ...closed({}), anyOf: [closed({})] }, false],
  ["no schema at all", {}, false],
];
test.each(rows)("%s", (_name, schema, fits) => {
  expect(fitsStrict(schema)).toBe(fits);
});
