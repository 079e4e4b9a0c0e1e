import { expect, test } from "bun:test";
import { nearestName } from "./nearest-name.ts";

const NAMES = ["gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "llama3", "o1"];

test.each<[string, string | undefined]>([
  ["gpt-4o-mni", "gpt-4o-mini"],
  ["GPT-4O", "gpt-4o"],
  ["gpt4o", "gpt-4o"],
  ["gtp-4o", "gpt-4o"],
  ["claude", "claude-sonnet-4-5"],
  ["cl", undefined],
  ["claude-sonnet-4.5", "claude-sonnet-4-5"],
  ["lama3", "llama3"],
  ["gemini-2.5-pro", undefined],
  ["xy", undefined],
  ["", undefined],
  ["x".repeat(100_000), undefined],
])("%s", (name, nearest) => {
  expect(nearestName(name, NAMES)).toBe(nearest);
});

test("none to choose from", () => {
  expect(nearestName("a", [])).toBeUndefined();
});
