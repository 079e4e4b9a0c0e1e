import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Edits, editElements, editTopLevel } from "./edits.ts";

describe("one edit", () => {
  const rows: [string, string, Edits, string][] = [
    ["a value is replaced where it stands", '{"a":1.0,"model" : "x" ,"b":1e2}', { set: { model: '"y"' } }, '{"a":1.0,"model" : "y" ,"b":1e2}'],
    ["a missing member comes last", '{ "a" : 1 }', { set: { b: "2" } }, '{ "a" : 1,"b":2 }'],
    ["an empty object gets its first member", "{ }", { set: { b: "2" } }, '{"b":2 }'],
    ["an escaped name is the same name", '{"mod\\u0065l":"x"}', { set: { model: '"y"' } }, '{"mod\\u0065l":"y"}'],
    ["both of two members of one name", '{"model":1,"model":2}', { set: { model: '"y"' } }, '{"model":"y","model":"y"}'],
    ["a nested member of the name is left alone", '{"a":{"model":"x"},"model":"x"}', { set: { model: '"y"' } }, '{"a":{"model":"x"},"model":"y"}'],
    [
      "a string that looks like JSON is left alone",
      '{"a":"\\"model\\":\\"x\\"}","model":"x"}',
      { set: { model: '"y"' } },
      '{"a":"\\"model\\":\\"x\\"}","model":"y"}',
    ],
    ["a string that ends in backslashes", '{"a":"\\\\","model":"x"}', { set: { model: '"y"' } }, '{"a":"\\\\","model":"y"}'],
    ["the old value is handed over", '{"a":12345678901234567890}', { set: { a: (old) => `[${old}]` } }, '{"a":[12345678901234567890]}'],
    ["the first goes, its comma too", '{"a":1, "b":2}', { remove: ["a"] }, '{"b":2}'],
    ["the last goes", '{"a":1, "b":2 }', { remove: ["b"] }, '{"a":1 }'],
    ["the only one goes", '{ "a":1 }', { remove: ["a"] }, "{  }"],
    ["all go, one comes", '{"a":1}', { remove: ["a"], set: { b: "2" } }, '{"b":2}'],
    ["a new name", '{"max_tokens": 5}', { rename: { max_tokens: "max_completion_tokens" } }, '{"max_completion_tokens": 5}'],
    ["the new name is there already", '{"old": 5, "new": 6}', { rename: { old: "new" } }, '{"new": 6}'],
  ];
  test.each(rows)("%s", (_name, text, edits, expected) => {
    expect(editTopLevel(text, edits)).toBe(expected);
  });
});

/** JSON text as no tidy writer would write it, with what stands for each top-level member. */
const blank = fc.stringMatching(/^[ \n\r\t]{0,3}$/);
const name = fc.oneof(fc.constantFrom("model", "stream", "a", "messages", "__proto__", "constructor", ""), fc.string());
const scalar = fc.oneof(
  fc.constantFrom("1.0", "1e2", "-0", "12345678901234567890", "0.1000", "1E+5", "true", "null", '"\\u0041\\/"', '"\\\\"', '"\\ud83d\\ude00"', '"},{"'),
  fc.string().map((text) => JSON.stringify(text)),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.tuple(fc.array(tie("value"), { maxLength: 3 }), blank).map(([items, space]) => `[${space}${items.join(`${space},`)}${space}]`),
    fc
      .tuple(fc.array(fc.tuple(name, tie("value")), { maxLength: 3 }), blank)
      .map(([members, space]) => `{${members.map(([key, of]) => `${space}${JSON.stringify(key)}:${space}${of}`).join(",")}${space}}`),
  ),
}));
/** The text before and after every value, so that a test can put another value in its place. */
const object = fc.tuple(blank, fc.array(fc.tuple(name, value, blank, blank), { maxLength: 6 })).map(([lead, members]) => ({
  members: members.map(([key, of]) => ({ key, of })),
  written: (instead: (key: string, of: string) => string) =>
    `${lead}{${members.map(([key, of, before, after]) => `${before}${JSON.stringify(key)}${after}:${before}${instead(key, of)}${after}`).join(",")}}${lead}`,
}));

describe("any object", () => {
  test("setting a member changes the bytes of its values only", () => {
    fc.assert(
      fc.property(object, ({ members, written }) => {
        const text = written((_key, of) => of);
        const edited = editTopLevel(text, { set: { model: '"new/模型"' } });
        if (members.some(({ key }) => key === "model")) expect(edited).toBe(written((key, of) => (key === "model" ? '"new/模型"' : of)));
        const expected = new Map(Object.entries(JSON.parse(text) as object));
        expect(new Map(Object.entries(JSON.parse(edited) as object))).toEqual(expected.set("model", "new/模型"));
      }),
    );
  });

  test("removing, renaming and adding at once gives the object a parser would give", () => {
    fc.assert(
      fc.property(object, ({ written }) => {
        const text = written((_key, of) => of);
        const edited = JSON.parse(editTopLevel(text, { remove: ["a"], rename: { stream: "flow" }, set: { model: "1" } })) as object;
        const expected = new Map(Object.entries(JSON.parse(text) as object));
        const stream = expected.get("stream");
        if (expected.has("stream")) expected.set("flow", expected.get("flow") ?? stream);
        expected.delete("stream");
        expected.delete("a");
        expect(new Map(Object.entries(edited))).toEqual(expected.set("model", 1));
      }),
    );
  });

  test("no edit, no change", () => {
    fc.assert(
      fc.property(object, ({ written }) =>
        expect(
          editTopLevel(
            written((_key, of) => of),
            {},
          ),
        ).toBe(written((_key, of) => of)),
      ),
    );
  });

  test("the elements of a list are edited where they stand", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, blank, blank)), (elements) => {
        const written = (of: (text: string) => string) => `[${elements.map(([text, before, after]) => before + of(text) + after).join(",")}]`;
        expect(
          editElements(
            written((text) => text),
            (text) => `<${text}>`,
          ),
        ).toBe(written((text) => `<${text}>`));
      }),
    );
  });
});

describe("elements that go", () => {
  const rows: [string, string, string][] = [
    ["the first, its comma too", '[ "x" , 1.0 , 2 ]', "[ 1.0 , 2 ]"],
    ["one in the middle", '[ 1.0 , "x",  2 ]', "[ 1.0 , 2 ]"],
    ["the last, the comma before it too", '[ 1.0 , "x" ]', "[ 1.0 ]"],
    ["several", '["x", "x",1.0, "x", 2,"x"]', "[1.0, 2]"],
    ["all", '[ "x" , "x" ]', "[  ]"],
    ["none, of none", "[ ]", "[ ]"],
  ];
  test.each(rows)("%s", (_name, text, expected) => {
    expect(editElements(text, (element) => (element === '"x"' ? undefined : element))).toBe(expected);
  });

  test("leave a list of the others", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, blank, blank, fc.boolean())), (elements) => {
        const text = `[${elements.map(([of, before, after]) => before + of + after).join(",")}]`;
        let at = 0;
        const left = editElements(text, (element) => (elements[at++]?.[3] === true ? element : undefined));
        expect(JSON.parse(left)).toEqual(elements.flatMap(([of, , , stays]) => (stays ? [JSON.parse(of) as unknown] : [])));
      }),
    );
  });
});
