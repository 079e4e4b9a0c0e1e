import { describe, expect, test } from "bun:test";
import type { Json } from "../../src/vocabulary/json.ts";
import { specification, specificationOf } from "./openapi.ts";

const SPEC = specificationOf({
  components: {
    schemas: {
      Named: { type: "object", properties: { name: { type: "string", minLength: 1, maxLength: 3, pattern: "^[a-z]*$" } }, required: ["name"] },
      Counted: { allOf: [{ $ref: "#/components/schemas/Named" }, { type: "object", properties: { count: { type: "integer", minimum: 0, maximum: 9 } } }] },
      Dog: { type: "object", properties: { type: { type: "string", enum: ["dog"] }, barks: { type: "boolean" } }, required: ["type"] },
      Cat: { type: "object", properties: { type: { type: "string", enum: ["cat"] }, lives: { type: "number" } }, required: ["type", "lives"] },
      Pet: { oneOf: [{ $ref: "#/components/schemas/Dog" }, { $ref: "#/components/schemas/Cat" }] },
      Pets: { anyOf: [{ type: "array", items: { $ref: "#/components/schemas/Pet" } }, { type: "null" }] },
      Map: { type: "object", additionalProperties: { type: "string" } },
      Anything: { type: "object", properties: {} },
    },
  },
});

describe("a schema", () => {
  test.each<[string, Json, string[]]>([
    ["Named", { name: "abc" }, []],
    ["Named", {}, ["Named.name: is missing"]],
    ["Named", { name: "" }, ["Named.name: 0 is less than 1"]],
    ["Named", { name: "abcd" }, ["Named.name: 4 is more than 3"]],
    ["Named", { name: "A" }, ["Named.name: does not match ^[a-z]*$"]],
    ["Named", { name: 7 }, ["Named.name: is no string"]],
    ["Named", { name: "a", nick: "b" }, ["Named.nick: is unknown"]],
    ["Named", [], ["Named: is no object"]],
    ["Counted", { name: "a", count: 3 }, []],
    ["Counted", { count: 10 }, ["Counted.name: is missing", "Counted.count: 10 is more than 9"]],
    ["Counted", { name: "a", count: 1.5 }, ["Counted.count: is no integer"]],
    ["Counted", { name: "a", size: 1 }, ["Counted.size: is unknown"]],
    ["Pets", null, []],
    ["Pets", [{ type: "dog" }, { type: "cat", lives: 9 }], []],
    ["Pets", [{ type: "cat", barks: true }], ["Pets[0].lives: is missing", "Pets[0].barks: is unknown"]],
    ["Pets", "dog", ["Pets: is no array"]],
    ["Map", { any: "thing" }, []],
    ["Anything", { any: "thing" }, []],
  ])("%s, and %j", (name, value, misfits) => {
    expect(SPEC.misfits(value, name)).toEqual(misfits);
  });

  test("that is not there is said", () => {
    expect(() => SPEC.misfits({}, "Bird")).toThrow("there is no schema Bird");
  });

  test("file that is not there is none", () => {
    expect(specification("nobody.openapi.json")).toBeUndefined();
  });
});
