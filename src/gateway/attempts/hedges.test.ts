import { expect, test } from "bun:test";
import { hedges } from "./hedges.ts";

/** What is spent of so many requests that come at once, or one after the other. */
function spent(requests: number, percent: number, how: "at once" | "in turn"): number {
  const all = hedges();
  let count = 0;
  const ask = () => {
    if (!all.may("m")) return;
    all.spend("m");
    count++;
  };
  for (let request = 0; request < requests; request++) {
    all.count("m", percent);
    if (how === "in turn") ask();
  }
  if (how === "at once") for (let request = 0; request < requests; request++) ask();
  return count;
}

test.each<[number, number, "at once" | "in turn", number]>([
  [1, 5, "in turn", 1],
  [2, 5, "in turn", 1],
  [101, 10, "in turn", 11],
  [100, 100, "in turn", 100],
  [1000, 10, "at once", 5],
  [3, 100, "at once", 4],
])("%d requests, %d in a hundred, %s: %d are asked twice", (requests, percent, how, wanted) => {
  expect(spent(requests, percent, how)).toBe(Math.min(wanted, requests));
});

test("each model has its own", () => {
  const all = hedges();
  all.count("a", 5);
  expect([all.may("a"), all.may("b")]).toEqual([true, false]);
  all.spend("a");
  expect(all.may("a")).toBe(false);
});
