import { expect, test } from "bun:test";
import { checkDepth, neutral } from "./neutral.ts";

const nested = (levels: number, inside = "") => `${'{"a":['.repeat(levels / 2)}${inside}${"]}".repeat(levels / 2)}`;

test.each<[string, string, boolean]>([
  ["as deep as may be", nested(1000), true],
  ["one list too deep", nested(1000, "[]"), false],
  ["a million levels", nested(1_000_000), false],
  ["as deep beside each other", `[${Array.from({ length: 50 }, () => nested(998)).join()}]`, true],
  ["brackets in texts", JSON.stringify([`${"[{".repeat(5000)}"`, `\\${'"{'.repeat(5000)}`]), true],
  ["no JSON", `"${"[".repeat(5000)}`, true],
])("%s", (_name, text, passes) => {
  if (passes) checkDepth(text, "a");
  else expect(() => checkDepth(text, "messages[1].content")).toThrow("messages[1].content nests deeper than 1000 levels.");
});

test("is read once, when asked for, and not when too deep", () => {
  let reads = 0;
  const request = neutral("{}", () => ++reads);
  expect([reads, request(), request()]).toEqual([0, 1, 1]);
  expect(neutral(nested(2000), () => ++reads)).toThrow("The request nests deeper");
  expect(reads).toBe(1);
});
