import { expect, test } from "bun:test";
import { byLiteralLength, filled, isAmong, isModelName, starOf } from "./wildcard.ts";

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
