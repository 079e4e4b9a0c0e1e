import { expect, test } from "bun:test";
import { ringOver } from "./ring.ts";

test.each<[string, Record<string, readonly string[]>, readonly string[] | undefined]>([
  ["itself", { a: ["a"] }, ["a", "a"]],
  ["there and back", { a: ["b"], b: ["a"] }, ["a", "b", "a"]],
  ["over several", { a: ["b"], b: ["c", "d"], d: ["a"] }, ["a", "b", "d", "a"]],
  ["into a ring of others", { a: ["b"], b: ["c"], c: ["b"] }, undefined],
  ["nowhere", { a: ["b"] }, undefined],
])("%s", (_name, ways, ring) => {
  const next = (name: string) => ways[name] ?? [];
  expect(
    next("a")
      .flatMap((from) => [ringOver(from, "a", next) ?? []])
      .find((found) => found.length > 0),
  ).toEqual(ring as string[]);
});

test("two to the power of fifty ways are as many looks as there are names", () => {
  const names = Array.from({ length: 50 }, (_, index) => `m${index}`);
  let looks = 0;
  const next = (name: string) => {
    looks++;
    return names.slice(names.indexOf(name) + 1);
  };
  expect(ringOver("m1", "m0", next)).toBeUndefined();
  expect(looks).toBe(49);
});
