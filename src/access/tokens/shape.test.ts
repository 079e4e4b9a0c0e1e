import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { mintKey } from "../mint.ts";
import { written } from "./issuer.fixture.ts";
import { looksLikeToken, saysTwice } from "./shape.ts";

describe("a token is told from a key", () => {
  const rows: readonly [credential: string, token: boolean][] = [
    [written('{"alg":"HS256"}', "{}", "c2ln"), true],
    [written('{"alg":"none"}', "{}"), true],
    [written('{ "alg": "HS256" }', "{}", "c2ln"), true],
    [written('{\n"alg": "HS256" }', "{}", "c2ln"), true],
    [written('{"a":1}', "not even JSON", "c2ln"), true],
    [written("{}", "{}", "c2ln"), false],
    [written("[1]", "{}", "c2ln"), false],
    [written('"eyJ"', "{}", "c2ln"), false],
    ["eyJhbGciOiJIUzI1NiJ9", false],
    ["eyJhbGciOiJIUzI1NiJ9.e30", false],
    ["eyJhbGciOiJkaXIifQ.a.b.c.d", false],
    ["eyJ.eyJ.eyJ", false],
    ["ey.o.dear", false],
    ["a.b.c", false],
    ["..", false],
    ["eyJhbGciOiJIUzI1NiJ9.e30.si+g", false],
    ["sb-eyJhbGciOiJIUzI1NiJ9.e30.c2ln", false],
  ];
  test.each(rows)("%s: %p", (credential, token) => {
    expect(looksLikeToken(credential)).toBe(token);
  });

  test("no key of ours is ever one", () => {
    fc.assert(fc.property(fc.constant(undefined), () => !looksLikeToken(mintKey())));
  });

  test("whatever else somebody sends, it is told and nothing throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !looksLikeToken(text)));
    fc.assert(fc.property(fc.array(fc.base64String(), { minLength: 3, maxLength: 3 }), (parts) => looksLikeToken(parts.join(".")) || true));
  });
});

describe("names given twice", () => {
  const twice = (payload: string) => saysTwice(written('{"alg":"HS256"}', payload));
  const rows: readonly [payload: string, twice: boolean][] = [
    ['{"sub":"a","exp":1}', false],
    ['{"sub":"a","sub":"b"}', true],
    ['{"sub":"sub","name":"sub"}', false],
    ['{"a":{"x":1},"b":{"x":1}}', false],
    ['{"a":{"x":1,"x":2}}', true],
    ['{"a":[{"x":1},{"x":2}]}', false],
    ['{"a":["x","x"],"x":"x"}', false],
    ['{"a":"\\"a\\":","b":1}', false],
    ['{"a":1,"\\u0061":2}', true],
  ];
  test.each(rows)("%s: %p", (payload, expected) => {
    expect(twice(payload)).toBe(expected);
  });

  test("no JSON that a library wrote has any, and every one with an added repetition has", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (claims) => {
        const [name = ""] = Object.keys(claims);
        const json = JSON.stringify(claims);
        expect(twice(json)).toBe(false);
        expect(twice(`${json.slice(0, -1)},${JSON.stringify(name)}:0}`)).toBe(true);
      }),
    );
  });
});
