import { describe, expect, test } from "bun:test";
import { testService } from "../vocabulary/model.fixture.ts";
import { STRATEGIES } from "../vocabulary/model.ts";
import { CHAT, idsOf, modelOf, testRanker } from "./ranking.fixture.ts";
import type { TestStanding } from "./standing.fixture.ts";
import { testPrompt } from "./standing.fixture.ts";

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`d${index}`, {}]));

describe("candidates", () => {
  test("each with its place's reason and what it was reckoned from, then those left out", () => {
    const ranker = testRanker({ standings: { a: { inFlight: 2 }, b: { inFlight: 1 }, c: { rests: "5 failures in 60 s" } } });
    expect(ranker.rank(modelOf({ a: {}, b: {}, c: {} }, { strategy: "least_busy" }), CHAT).candidates).toEqual([
      { deployment: "b", why: "the least busy", score: { in_flight: 1, capacity: 1 } },
      { deployment: "a", why: "busier, or later in turn", score: { in_flight: 2, capacity: 1 } },
      { deployment: "c", why: "5 failures in 60 s", out: true },
    ]);
  });

  test("those who are left out for their health alone are a last resort, of the fallbacks that were looked at too", () => {
    const standings = { c: { rests: "left alone" }, f: { rests: "down" } };
    const other = modelOf({ e: {}, f: {} });
    const ranking = testRanker({ standings, instead: () => [other] }).rank(modelOf({ a: {}, b: {}, c: {}, d: { abilities: [] } }), {
      ...CHAT,
      prompt: testPrompt({ needs: ["tools"] }),
    });
    const resting = () => ranking.lastResort().map(({ deployment, why, evenResting }) => [deployment.id, why, evenResting]);
    expect(resting()).toEqual([["c", "a last resort: left alone", true]]);
    ranking.instead("failure");
    expect(resting()).toEqual([
      ["c", "a last resort: left alone", true],
      ["f", "a last resort: down", true],
    ]);
  });

  test.each<[number, number, string | undefined]>([
    [6, 0, undefined],
    [6, 2, undefined],
    [7, 0, "5 more: 5 stand lower"],
    [50, 0, "48 more: 48 stand lower"],
    [50, 2, "46 more: 46 stand lower"],
    [50, 4, "45 more: 44 stand lower, 1 rest"],
    [8, 3, "3 more: 3 stand lower"],
    [8, 4, "3 more: 2 stand lower, 1 rest"],
  ])("of %p, %p resting, all are told one by one where they are six, else two that may be asked and three that may not", (count, resting, last) => {
    const standings = Object.fromEntries(Array.from({ length: resting }, (_, index): [string, TestStanding] => [`d${index}`, { rests: "down" }]));
    const ranker = testRanker({ standings });
    const { candidates } = ranker.rank(modelOf(many(count)), CHAT);
    expect(candidates.length).toBe(last === undefined ? count : count - Number.parseInt(last, 10) + 1);
    if (last !== undefined) expect(candidates.at(-1)).toEqual({ deployment: "", why: last });
    expect(ranker.rehearse(modelOf(many(count)), CHAT).candidates.length).toBe(count);
  });
});

test.each(STRATEGIES)("a rehearsal with %s leaves everything as it was", (strategy) => {
  const prompt = testPrompt({ text: "x".repeat(1000) });
  const ask = { ...CHAT, prompt };
  const m = modelOf({ a: { weight: 2 }, b: {}, c: {} }, { strategy });
  const [rehearsing, other] = [testRanker(), testRanker()];
  const once = () => {
    const rehearsed = strategy === "fastest" ? undefined : idsOf(rehearsing.rehearse(m, ask)); // draws are drawn
    const ranked = idsOf(rehearsing.rank(m, ask));
    if (rehearsed !== undefined) expect(rehearsed).toBe(ranked);
    return ranked;
  };
  expect([once(), once(), once()]).toEqual([0, 1, 2].map(() => idsOf(other.rank(m, ask))));
});

test("a rehearsal tells the rule that holds, and scores for all", () => {
  const rules = [
    { when: { tag: ["never"] }, only: "a" },
    { when: {}, prefer: "b" },
  ];
  const other = modelOf(many(20), { name: "other" });
  const ranking = testRanker({ instead: () => [other] }).rehearse(modelOf({ a: {}, b: {} }, { rules, strategy: "least_busy" }), CHAT);
  const { rule, targets } = ranking;
  expect([rule?.name, rule?.rule.prefer]).toEqual(["rule 2", "b"]);
  expect(targets.map(({ score }) => score)).toEqual([
    { in_flight: 0, capacity: 1 },
    { in_flight: 0, capacity: 1 },
  ]);
  expect(ranking.instead("failure").every(({ score }) => score !== undefined)).toBe(true);
});

test("a target has the key whose turn it is, and says whether its deployment rests", () => {
  const keys = [
    { name: "key 1", headers: {} },
    { name: "key 2", headers: {} },
  ] as const;
  const m = modelOf({ a: { service: testService("s", { keys }) }, b: {}, c: {} });
  const { targets } = testRanker({ standings: { b: { rests: "down" }, c: { rests: "down" } } }).rank(m, CHAT);
  expect(targets.map(({ key, evenResting }) => [key.name, evenResting])).toEqual([
    ["key 2", false],
    ["", true],
    ["", true],
  ]);
});
