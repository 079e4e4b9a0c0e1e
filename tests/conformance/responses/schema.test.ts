import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../../src/vocabulary/json.ts";
import { eventSchemas, misfits, schemaNamed } from "./schema.ts";

const DOCUMENT: JsonObject = {
  components: {
    schemas: {
      Word: { type: "string", minLength: 1, maxLength: 3, pattern: "^[a-z]+$" },
      Thing: {
        type: "object",
        properties: {
          type: { type: "string", enum: ["thing"] },
          words: { type: "array", items: { $ref: "#/components/schemas/Word" } },
          size: { type: ["integer", "null"] },
        },
        required: ["type"],
      },
      Either: { oneOf: [{ $ref: "#/components/schemas/Thing" }, { type: "null" }] },
      Both: { allOf: [{ $ref: "#/components/schemas/Thing" }, { required: ["size"] }] },
    },
  },
};

describe("what does not fit is found, and where", () => {
  const rows: [schema: string, value: Json, found: RegExp[]][] = [
    ["Word", "abc", []],
    ["Word", "", [/\$ is shorter/, /does not match/]],
    ["Word", "abcd", [/\$ is longer than 3/]],
    ["Word", 5, [/\$ is 5, not "string"/]],
    ["Thing", { type: "thing", words: ["a"], size: null, more: 1 }, []],
    ["Thing", {}, [/\$\.type is missing/]],
    ["Thing", { type: "other", size: 1.5 }, [/\$\.type is "other", none of/, /\$\.size is 1\.5/]],
    ["Thing", { type: "thing", words: ["a", "B"] }, [/\$\.words\[1\] does not match/]],
    ["Thing", [], [/\$ is \[\], not "object"/]],
    ["Either", null, []],
    ["Either", { type: "thing", words: 5 }, [/\$\.words is 5|not "null"/]],
    ["Both", { type: "thing" }, [/\$\.size is missing/]],
  ];
  test.each(rows)("%s %j", (name, value, found) => {
    const lines = misfits(value, schemaNamed(name, DOCUMENT), DOCUMENT);
    expect(lines).toHaveLength(found.length);
    for (const [index, words] of found.entries()) expect(lines[index]).toMatch(words);
  });

  test("a reference that leads nowhere is a mistake of ours", () => {
    expect(() => schemaNamed("Nothing", DOCUMENT)).toThrow("leads nowhere");
  });
});

test("schemas of events by the type each is for", () => {
  expect([...eventSchemas("ing", DOCUMENT).keys()]).toEqual(["thing"]);
});
