import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { schemasOf } from "./schemas.ts";

const NAMED: JsonObject = {
  Named: { type: "object", properties: { name: { type: "string", minLength: 1, maxLength: 3, pattern: "^[a-z]*$" } }, required: ["name"] },
  Counted: { allOf: [{ $ref: "#/components/schemas/Named" }, { type: "object", properties: { count: { type: "integer", minimum: 0, maximum: 9 } } }] },
  Strictly: { allOf: [{ $ref: "#/components/schemas/Counted" }, { required: ["count"] }] },
  Dog: { type: "object", properties: { type: { type: "string", enum: ["dog"] }, barks: { type: "boolean" } }, required: ["type"] },
  Cat: { type: "object", properties: { type: { const: "cat" }, lives: { type: "number" } }, required: ["type", "lives"] },
  Pet: { oneOf: [{ $ref: "#/components/schemas/Dog" }, { $ref: "#/components/schemas/Cat" }] },
  Pets: { anyOf: [{ type: "array", items: { $ref: "#/components/schemas/Pet" } }, { type: "null" }] },
  Owner: { type: "object", properties: { pet: { $ref: "#/components/schemas/Pet", nullable: true }, size: { type: ["integer", "null"] } } },
  Either: {
    properties: { name: { type: "string" } },
    oneOf: [
      { properties: { a: {} }, required: ["a"] },
      { properties: { b: {} }, required: ["b"] },
    ],
  },
  Both: { anyOf: [{ type: "string" }, { type: "string" }] },
  Map: { type: "object", additionalProperties: { type: "string" } },
  Anything: { type: "object", properties: {} },
  Shut: { type: "object", properties: { a: {} }, additionalProperties: false },
  Google: {
    id: "Google",
    type: "object",
    properties: { count: { type: "string", format: "int64" }, any: { type: "any" }, hole: { $ref: "Nowhere" }, more: { $ref: "Google" } },
  },
};
const closed = schemasOf(NAMED, "closed");
const open = schemasOf(NAMED, "open");

describe("a schema", () => {
  test.each<[string, Json, string[]]>([
    ["Named", { name: "abc" }, []],
    ["Named", {}, ["Named.name: is missing"]],
    ["Named", { name: "" }, ["Named.name: must NOT have fewer than 1 characters"]],
    ["Named", { name: "abcd" }, ["Named.name: must NOT have more than 3 characters"]],
    ["Named", { name: "A" }, ['Named.name: must match pattern "^[a-z]*$"']],
    ["Named", { name: 7 }, ["Named.name: must be string"]],
    ["Named", { name: "a", nick: "b" }, ["Named.nick: is unknown"]],
    ["Named", [], ["Named: must be object"]],
    ["Counted", { name: "a", count: 3 }, []],
    ["Counted", { count: 10 }, ["Counted.name: is missing", "Counted.count: must be <= 9"]],
    ["Counted", { name: "a", count: 1.5 }, ["Counted.count: must be integer"]],
    ["Counted", { name: "a", size: 1 }, ["Counted.size: is unknown"]],
    ["Strictly", { name: "a", size: 1 }, ["Strictly.count: is missing", "Strictly.size: is unknown"]],
    ["Pets", null, []],
    ["Pets", [{ type: "dog" }, { type: "cat", lives: 9 }], []],
    ["Pets", [{ type: "cat", barks: true }], ["Pets[0].lives: is missing", "Pets[0].barks: is unknown"]],
    ["Pets", [{ type: "dog", barks: 7 }], ["Pets[0].barks: must be boolean"]],
    ["Pets", [{ type: "cow", lives: 1 }], ['Pets[0].type: "cow" is what no alternative is']],
    ["Pets", "dog", ["Pets: must be array"]],
    ["Owner", { pet: null, size: null }, []],
    ["Owner", { pet: { type: "cat" }, size: 1.5, "a/b": 1 }, ["Owner.size: must be integer,null", "Owner.a/b: is unknown", "Owner.pet.lives: is missing"]],
    ["Either", { name: "n", a: 1 }, []],
    ["Either", { name: "n", b: 1, c: 1 }, ["Either.c: is unknown"]],
    ["Both", "overlap", []],
    ["Map", { any: "thing" }, []],
    ["Map", { any: 1 }, ["Map.any: must be string"]],
    ["Anything", { any: "thing" }, []],
    ["Shut", { b: 1 }, ["Shut.b: is unknown"]],
    ["Google", { count: "5", any: [], hole: 1, more: { count: 5 } }, []],
    ["Google", { more: { count: 1.5, id: "x" } }, ["Google.more.count: must be string,integer", "Google.more.id: is unknown"]],
  ])("%s, and %j", (name, value, misfits) => {
    expect(closed.misfits(value, name)).toEqual(misfits);
  });

  test.each<[string, Json, string[]]>([
    ["Named", { name: "a", nick: "b" }, []],
    ["Counted", { name: "a", nick: "b", count: "c" }, ["Counted.count: must be integer"]],
    ["Pets", [{ type: "cat", lives: 9, barks: true }], []],
    ["Shut", { b: 1 }, ["Shut.b: is unknown"]],
  ])("that is open: %s, and %j", (name, value, misfits) => {
    expect(open.misfits(value, name)).toEqual(misfits);
  });

  test("that is not there is said", () => {
    expect(() => closed.misfits({}, "Bird")).toThrow("there is no schema Bird");
  });
});
