import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Ask } from "../ask.ts";
import { CHAT, modelOf, testRanker } from "../ranking.fixture.ts";
import { type Path, pathOf, prefixMemory } from "../reckoning/prefix-memory.ts";
import { type TestStanding, testPrompt } from "../standing.fixture.ts";

const asking = (text: string): Ask => ({ ...CHAT, prompt: testPrompt({ text }) });
const SYSTEM = "You are a helpful assistant of the house. ".repeat(50);
const ANN = `${SYSTEM}${"Ann asks for this and that. ".repeat(40)}`;
const BOB = `${SYSTEM}${"Bob asks for something else. ".repeat(40)}`;

describe("prefix", () => {
  /** Each row: who is busy, what is asked, who is asked and why. */
  test("a conversation stays with who knows it, until that one is far busier than others", () => {
    const standings: Record<string, TestStanding> = {};
    const ranker = testRanker({ standings });
    const m = modelOf({ a: {}, b: {} }, { strategy: "prefix" });
    const steps: [Record<string, number>, string, string][] = [
      [{}, ANN, "a: the least busy: nobody knows this beginning"],
      [{ a: 2 }, ANN, "a: it knows most of this beginning"],
      [{ a: 3 }, BOB, "b: the least busy: who knows this beginning is too busy"],
      [{ a: 1, b: 1 }, BOB, "b: it knows most of this beginning"],
      [{ a: 1, b: 3 }, `${BOB} And more.`, "b: it knows most of this beginning"],
      [{ b: 9 }, ANN, "a: it knows most of this beginning"],
      [{ a: 9, b: 7 }, ANN, "a: it knows most of this beginning"],
      [{ a: 11, b: 7 }, ANN, "b: the least busy: who knows this beginning is too busy"],
      [{ a: 1 }, SYSTEM, "b: it knows most of this beginning"],
      [{ a: 1 }, "short", "b: the least busy: nobody knows this beginning"],
    ];
    for (const [busy, text, expected] of steps) {
      standings["a"] = { inFlight: busy["a"] ?? 0 };
      standings["b"] = { inFlight: busy["b"] ?? 0 };
      const [first] = ranker.rank(m, asking(text)).targets;
      expect(`${first?.deployment.id}: ${first?.why}`).toBe(expected);
    }
  });

  test("tells how much of it is known", () => {
    const ranker = testRanker();
    const m = modelOf({ a: {}, b: {} }, { strategy: "prefix" });
    ranker.rank(m, asking(ANN));
    expect(ranker.rank(m, asking(BOB)).candidates.map(({ score }) => score)).toEqual([
      { matched: 2048, in_flight: 0 },
      { matched: 0, in_flight: 0 },
    ]);
  });

  test("what is known of one model is not of another", () => {
    const ranker = testRanker();
    ranker.rank(modelOf({ a: {}, b: {} }, { strategy: "prefix" }), asking(ANN));
    const other = ranker.rank(modelOf({ a: {}, b: {} }, { strategy: "prefix", name: "n" }), asking(ANN));
    expect(other.candidates[0]?.score).toEqual({ matched: 0, in_flight: 0 });
  });

  test("it outlives a reload", () => {
    const ranker = testRanker({ standings: { a: { inFlight: 1 } } });
    const deployments = { a: {}, b: {} };
    const first = () => ranker.rank(modelOf(deployments, { strategy: "prefix" }), asking(ANN)).targets[0];
    expect([first()?.why, first()?.why]).toEqual(["the least busy: nobody knows this beginning", "it knows most of this beginning"]);
  });
});

describe("memory", () => {
  test("two texts have as many beginnings in common as they begin alike", () => {
    fc.assert(
      fc.property(fc.nat(400_000), fc.nat(3000), fc.nat(3000), (shared, left, right) => {
        const common = "lorem ipsum ".repeat(Math.ceil(shared / 12)).slice(0, shared);
        const one = pathOf("m", `${common}${"L".repeat(left)}`);
        const other = pathOf("m", `${common}${"R".repeat(right)}`);
        const known = new Set(one.map(({ hash }) => hash));
        const both = other.filter(({ hash }) => known.has(hash));
        expect(both.map(({ length }) => length)).toEqual(one.filter(({ length }) => length <= shared).map(({ length }) => length));
      }),
      { numRuns: 40 },
    );
  });

  test("the longest text is few beginnings, and no longer than is looked at", () => {
    const path = pathOf("m", "x".repeat(5_000_000));
    expect([path.length, path.at(-1)?.length]).toEqual([160, 262_144]);
  });

  test("is bounded, in beginnings and in deployments for each; the latest stay", () => {
    const memory = prefixMemory(100);
    fc.assert(
      fc.property(fc.string({ minLength: 256, maxLength: 4000 }), fc.nat(50), (text, deployment) => {
        const path = pathOf("m", text);
        memory.remember(path, `d${deployment}`);
        expect(memory.size).toBeLessThanOrEqual(100);
        expect(memory.recall(path).get(`d${deployment}`)).toBe(path.at(-1)?.length);
        expect(memory.recall(path).size).toBeLessThanOrEqual(8 * path.length);
      }),
    );
  });

  test("what is only looked at does not stay longer for it", () => {
    const memory = prefixMemory(2);
    const [one, two, three] = ["a", "b", "c"].map((letter) => pathOf("m", letter.repeat(256))) as [Path, Path, Path];
    memory.remember(one, "d");
    memory.remember(two, "d");
    expect(memory.recall(one).size).toBe(1);
    memory.remember(three, "d");
    expect([one, two, three].map((path) => memory.recall(path).size)).toEqual([0, 1, 1]);
  });

  test("of more than eight who know a beginning, those asked last", () => {
    const memory = prefixMemory();
    const path = pathOf("m", "x".repeat(256));
    for (let each = 0; each < 20; each++) memory.remember(path, `d${each}`);
    expect([...memory.recall(path).keys()].sort()).toEqual(["d12", "d13", "d14", "d15", "d16", "d17", "d18", "d19"]);
  });
});
