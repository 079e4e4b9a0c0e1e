import { expect, test } from "bun:test";
import fc from "fast-check";
import { allowedByBoth, byLiteralLength, filled, isAmong, isModelName, starOf } from "./wildcard.ts";

test.each<[string, string, string | undefined]>([
  ["openai/*", "openai/gpt-4o", "gpt-4o"],
  ["openai/*", "openai/", undefined],
  ["openai/*", "openrouter/gpt-4o", undefined],
  ["*", "anything/at:all", "anything/at:all"],
  ["*", "", undefined],
  ["claude-*", "claude-haiku", "haiku"],
  ["*-latest", "gpt-4o-latest", "gpt-4o"],
  ["a-*-z", "a-b-z", "b"],
  ["a-*-z", "a-z", undefined],
  ["ab*ba", "aba", undefined],
  ["gpt-4o", "gpt-4o", undefined],
  ["openai/*", "openai/gpt-*", "gpt-*"],
])("in %s, %s: the star is %p", (pattern, name, star) => {
  expect(starOf(pattern, name)).toBe(star);
});

test("what takes the star's place is taken as it is", () => {
  expect(filled("openai/*", "$&$1")).toBe("openai/$&$1");
  expect(filled("gpt-4o", "x")).toBe("gpt-4o");
});

test.each<[string, readonly string[], boolean]>([
  ["gpt-4o", ["gpt-4o"], true],
  ["gpt-4o", ["gpt-*"], true],
  ["gpt-4o", ["*"], true],
  ["gpt-4o", ["claude-*", "gpt-4"], false],
  ["gpt-4o", [], false],
])("%s is among %j: %p", (name, allowed, among) => {
  expect(isAmong(name, allowed)).toBe(among);
});

test("the pattern that says most comes first", () => {
  expect(["*", "gpt-*", "gpt-4*", "*-mini"].toSorted(byLiteralLength)).toEqual(["gpt-4*", "*-mini", "gpt-*", "*"]);
});

test.each<[string, boolean]>([
  ["meta-llama/Llama-3.1-8B-Instruct:free", true],
  ["модель", true],
  ["x".repeat(256), true],
  ["x".repeat(257), false],
  ["", false],
  ["a\nb", false],
  ["a\u0000", false],
  ["a\u2028b", false],
])("%j could be a model's name: %p", (name, could) => {
  expect(isModelName(name)).toBe(could);
});

test.each<[readonly string[] | undefined, readonly string[] | undefined, readonly string[] | undefined]>([
  [undefined, undefined, undefined],
  [["a"], undefined, ["a"]],
  [undefined, ["a"], ["a"]],
  [["a", "b"], ["b", "c"], ["b"]],
  [["a"], ["b"], []],
  [["gpt-*"], ["gpt-4o", "llama"], ["gpt-4o"]],
  [["*"], ["gpt-*", "llama"], ["gpt-*", "llama"]],
  [["openai/*"], ["openai/gpt-*"], ["openai/gpt-*"]],
  [["a*"], ["*b"], []],
])("%p and %p both allow %p", (one, other, expected) => {
  expect(allowedByBoth(one, other)).toEqual(expected);
  expect(allowedByBoth(other, one)?.toSorted()).toEqual(expected?.toSorted());
});

test("what both allow is allowed by each", () => {
  const names = fc.array(fc.constantFrom("*", "a*", "*a", "ab*", "a", "ab", "aba", "b"), { maxLength: 4 });
  fc.assert(
    fc.property(names, names, fc.constantFrom("a", "ab", "aba", "abb", "b", "ba"), (one, other, name) => {
      const both = allowedByBoth(one, other) ?? [];
      if (isAmong(name, both)) expect([isAmong(name, one), isAmong(name, other)]).toEqual([true, true]);
    }),
  );
});
