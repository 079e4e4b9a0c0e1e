import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { STRATEGIES, type StrategyName } from "../../vocabulary/model.ts";
import { testTariff } from "../../vocabulary/price.fixture.ts";
import type { Ask } from "../ask.ts";
import { CHAT, everyone, idsOf, modelOf, sharesOf, type TestDeployments, testRanker } from "../ranking.fixture.ts";
import { type TestStanding, testPrompt } from "../standing.fixture.ts";

/** Old enough to take part in every draw. */
const grown = { since: -1e9, answers: 1000 };
const FAST: TestStanding = { pace: { ...grown, firstToken: 100, perToken: 10, answerTokens: 100 } };
const SLOW: TestStanding = { pace: { ...grown, firstToken: 500, perToken: 10, answerTokens: 100 } };
const WORDY: TestStanding = { pace: { ...grown, firstToken: 50, perToken: 50, answerTokens: 100 } };

describe("every strategy", () => {
  test.each<[StrategyName, string, TestDeployments, Record<string, TestStanding>, Ask["prompt"], string]>([
    ["round_robin", "takes turns", { a: { weight: 9 }, b: {}, c: {} }, { a: { inFlight: 9 } }, undefined, "a b c, b c a, c a b, a b c"],
    ["round_robin", "nobody without weight", { a: {}, b: { weight: 0 } }, {}, undefined, "a b, a b"],
    ["weighted", "takes turns by weight", { a: { weight: 2 }, b: {} }, { a: { inFlight: 9 } }, undefined, "a b, b a, a b, a b"],
    [
      "least_busy",
      "asks who has the least to do",
      { a: {}, b: {}, c: {} },
      { a: { inFlight: 2 }, b: { inFlight: 1 }, c: { inFlight: 3 } },
      undefined,
      "b a c, b a c",
    ],
    ["least_busy", "counts those that wait", { a: {}, b: {} }, { a: { inFlight: 1, queued: 2 }, b: { inFlight: 2 } }, undefined, "b a"],
    ["least_busy", "by weight", { a: { weight: 4 }, b: {} }, { a: { inFlight: 3 }, b: { inFlight: 1 } }, undefined, "a b"],
    [
      "least_busy",
      "by what they take at once, where all say",
      { a: { limits: { maxConcurrent: 6 } }, b: { limits: { maxConcurrent: 2 } } },
      { a: { inFlight: 2 }, b: { inFlight: 1 } },
      undefined,
      "a b",
    ],
    [
      "least_busy",
      "and by weight where one does not",
      { a: { limits: { maxConcurrent: 6 } }, b: {} },
      { a: { inFlight: 2 }, b: { inFlight: 1 } },
      undefined,
      "b a",
    ],
    ["least_busy", "takes turns among equals", { a: {}, b: {}, c: { weight: 0 } }, {}, undefined, "a b c, b a c, a b c"],
    ["fastest", "asks the faster", { a: {}, b: {} }, { a: SLOW, b: FAST }, undefined, "b a, b a, b a"],
    ["fastest", "for an answer as long as they are", { a: {}, b: {} }, { a: WORDY, b: SLOW }, undefined, "b a"],
    ["fastest", "gives those as fast in turn", { a: {}, b: {} }, { a: { pace: grown }, b: { pace: grown } }, undefined, "a b, b a, a b"],
    [
      "cheapest",
      "asks the cheaper",
      { a: { price: testTariff({ input: 3, output: 15 }) }, b: { price: testTariff({ input: 1, output: 5 }) } },
      { b: { inFlight: 9 } },
      undefined,
      "b a, b a",
    ],
    [
      "cheapest",
      "for a long prompt",
      { a: { price: testTariff({ input: 1, output: 90 }) }, b: { price: testTariff({ input: 3, output: 1 }) } },
      {},
      testPrompt({ tokens: 100_000 }),
      "a b",
    ],
    [
      "cheapest",
      "for a long answer",
      { a: { price: testTariff({ input: 1, output: 90 }) }, b: { price: testTariff({ input: 3, output: 1 }) } },
      {},
      testPrompt({ tokens: 10 }),
      "b a",
    ],
    [
      "cheapest",
      "which will be short",
      { a: { price: testTariff({ input: 1, output: 90 }) }, b: { price: testTariff({ input: 3, output: 1 }) } },
      {},
      testPrompt({ tokens: 1000, answer: 1 }),
      "a b",
    ],
    [
      "cheapest",
      "with what its cache saves",
      { a: { price: testTariff({ input: 2, cacheRead: 0.2 }) }, b: { price: testTariff({ input: 1, cacheRead: 1 }) } },
      { a: { hitRate: 0.9 }, b: { hitRate: 0.9 } },
      testPrompt({ tokens: 1000 }),
      "a b",
    ],
    [
      "cheapest",
      "each request costs",
      { a: { price: testTariff({ input: 1, request: 0.1 }) }, b: { price: testTariff({ input: 3 }) } },
      {},
      testPrompt({ tokens: 1000 }),
      "b a",
    ],
    ["cheapest", "nothing is the least", { a: { price: testTariff({ input: 1 }) }, b: { price: testTariff({ input: 0, output: 0 }) } }, {}, undefined, "b a"],
    [
      "cheapest",
      "no price is the last",
      { a: {}, b: { price: testTariff({ input: 100 }) }, c: { price: testTariff({ audioHour: 1 }) } },
      {},
      undefined,
      "b a c",
    ],
    [
      "cheapest",
      "at one price the least busy",
      { a: { price: testTariff({ input: 1 }) }, b: { price: testTariff({ input: 1.01 }) } },
      { a: { inFlight: 1 } },
      undefined,
      "b a, b a",
    ],
    ["prefix", "asks who was asked this before", { a: {}, b: {} }, {}, testPrompt({ text: "x".repeat(1000) }), "a b, a b, a b"],
    ["prefix", "but takes turns where nothing is long enough to know", { a: {}, b: {} }, {}, testPrompt({ text: "x".repeat(255) }), "a b, b a, a b"],
    ["prefix", "or asks the least busy", { a: {}, b: {} }, { a: { inFlight: 1 } }, undefined, "b a, b a"],
  ])("%s %s", (strategy, _does, deployments, standings, prompt, expected) => {
    const ranker = testRanker({ standings });
    const m = modelOf(deployments, { strategy });
    expect(expected.split(", ").map(() => idsOf(ranker.rank(m, { ...CHAT, prompt })))).toEqual(expected.split(", "));
  });

  test.each<[StrategyName, TestStanding, Record<string, number>, string]>([
    ["round_robin", {}, {}, "its turn"],
    ["weighted", {}, { weight: 2, of: 3 }, "its turn"],
    ["least_busy", { inFlight: 2 }, { in_flight: 2, capacity: 2 }, "the least busy"],
    ["least_busy", { inFlight: 2, queued: 3 }, { in_flight: 2, queued: 3, capacity: 2 }, "the least busy"],
    ["fastest", { pace: { ...grown, firstToken: 210.04, perToken: 11 } }, { in_flight: 0, first_token_ms: 210, per_token_ms: 11 }, "the faster of two drawn"],
    ["fastest", { pace: grown }, { in_flight: 0 }, "the faster of two drawn"],
    ["cheapest", { hitRate: 0.5 }, { usd_per_m_input: 0.75, usd_per_m_output: 1 }, "the cheapest"],
    ["prefix", { inFlight: 1 }, { matched: 0, in_flight: 1 }, "the least busy: nobody knows this beginning"],
  ])("%s tells what it went by, of %j: %j", (strategy, standing, score, why) => {
    const busier = { inFlight: 50, pace: { ...grown, firstToken: 1e6, perToken: 11 } };
    const m = modelOf({ a: { weight: 2, price: testTariff({ input: 1, cacheRead: 0.5, output: 1 }) }, b: {} }, { strategy });
    const ranking = testRanker({ standings: { a: standing, b: busier } }).rank(m, CHAT);
    expect(ranking.candidates[0]).toEqual({ deployment: "a", why, score });
  });

  const weight = fc.constantFrom(0, 0.5, 1, 2, 7);
  const rows = fc.array(
    fc.record({
      weight,
      tier: fc.nat(2),
      rests: fc.boolean(),
      inFlight: fc.nat(5),
      firstToken: fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined }),
      answers: fc.nat(200),
      input: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 80 },
  );
  type Row = typeof rows extends fc.Arbitrary<(infer Each)[]> ? Each : never;
  const worldOf = (all: readonly Row[], seed: number, strategy: StrategyName) => {
    const each = <Value>(value: (row: Row) => Value) => Object.fromEntries(all.map((row, index) => [`d${index}`, value(row)]));
    const standings = each(
      ({ rests, inFlight, firstToken, answers }): TestStanding => ({ inFlight, rests: rests ? "down" : undefined, pace: { firstToken, answers } }),
    );
    const model = modelOf(
      each(({ weight, tier, input }) => ({ weight, tier, price: input === undefined ? undefined : testTariff({ input }) })),
      { strategy },
    );
    return { model, ranker: testRanker({ standings, seed }) };
  };

  test.each(STRATEGIES)("%s: everybody once and nobody who rests, by tiers, weightless ones last, and the same from the same seed", (strategy) => {
    fc.assert(
      fc.property(rows, fc.integer(), fc.string({ minLength: 200, maxLength: 1200 }), (all, seed, text) => {
        const ask = { ...CHAT, prompt: testPrompt({ text }) };
        const [one, other] = [worldOf(all, seed, strategy), worldOf(all, seed, strategy)];
        const resting = all.filter(({ rests }) => rests).length;
        const panic = resting > all.length - resting;
        for (let turn = 0; turn < 4; turn++) {
          const [places, others] = [one, other].map(({ ranker, model }) =>
            everyone(ranker.rank(model, ask)).map(({ deployment }) => Number(deployment.id.slice(1))),
          );
          if (places === undefined) throw new Error("There are two.");
          expect(others).toEqual(places);
          expect(places.toSorted((left, right) => left - right)).toEqual(all.flatMap(({ rests }, place) => (rests && !panic ? [] : [place])));
          const levels = places.map((place) => {
            const row = all[place] as Row;
            return (row.rests ? 100 : 0) + (row.weight === 0 ? 10 : 0) + row.tier;
          });
          expect(levels).toEqual(levels.toSorted((left, right) => left - right));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("shares", () => {
  const firsts = (strategy: StrategyName, deployments: TestDeployments, standings: Record<string, TestStanding> = {}, times = 2000) => {
    const ranker = testRanker({ standings });
    const m = modelOf(deployments, { strategy });
    return sharesOf(times, () => ranker.rank(m, CHAT).targets[0]?.deployment.id ?? "");
  };

  test("weighted gives each its own exactly, whatever the weights", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 }), (weights) => {
        const total = weights.reduce((sum, each) => sum + each, 0);
        const shares = firsts("weighted", Object.fromEntries(weights.map((weight, index) => [`d${index}`, { weight }])), {}, total * 3);
        expect(shares).toEqual(Object.fromEntries(weights.map((weight, index) => [`d${index}`, weight * 3])));
      }),
      { numRuns: 50 },
    );
  });

  test("fastest asks the slower one in a hundred times, half of them by chance", () => {
    const shares = firsts("fastest", { a: {}, b: {} }, { a: SLOW, b: FAST }, 20_000);
    expect(shares["a"]).toBeGreaterThan(60);
    expect(shares["a"]).toBeLessThan(150);
  });

  test("fastest draws two of many by weight, so the second fastest is asked as well, and the slowest hardly", () => {
    const shares = firsts("fastest", { a: {}, b: {}, c: { weight: 2 }, d: {} }, { a: FAST, b: WORDY, c: WORDY, d: SLOW }, 20_000);
    const { a = 0, b = 0, c = 0, d = 0 } = shares;
    expect(a).toBeGreaterThan(b);
    expect(d).toBeGreaterThan(b);
    expect(c).toBeGreaterThan(b);
  });

  test.each<[string, TestStanding, number, number]>([
    ["just born", { pace: { since: 0, answers: 0 } }, 60, 250],
    ["half grown, by its answers", { pace: { since: 0, answers: 50 } }, 450, 560],
    ["half grown, by its age", { pace: { since: -30_000 } }, 450, 560],
    ["grown", { pace: { since: -60_000, firstToken: 1 } }, 980, 1000],
  ])("a newcomer, %s, starts slowly", (_name, standing, least, most) => {
    const share = firsts("fastest", { a: {}, b: {} }, { a: { ...FAST, inFlight: 1 }, b: standing }, 1000)["b"] ?? 0;
    expect(share).toBeGreaterThanOrEqual(least);
    expect(share).toBeLessThanOrEqual(most);
  });

  describe("fastest among ten", () => {
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`d${index}`, {}]));
    const all = (standing: TestStanding) => Object.fromEntries(Object.keys(ten).map((id) => [id, standing]));

    test("the only fast one comes first whenever it is drawn; the slow ones share the rest", () => {
      const { d0 = 0, ...others } = firsts("fastest", ten, { ...all(SLOW), d0: FAST }, 20_000);
      expect(Math.abs(d0 / 20_000 - 0.2)).toBeLessThan(0.02); // two of ten are drawn
      for (const share of Object.values(others)) expect(Math.abs(share / 20_000 - 0.8 / 9)).toBeLessThan(0.02);
      expect(Object.keys(others).length).toBe(9);
    });

    test("a newcomer starts slowly", () => {
      const { d0 = 0 } = firsts("fastest", ten, { ...all({ ...FAST, inFlight: 1 }), d0: { pace: { since: 0, answers: 0 } } }, 20_000);
      expect(Math.abs(d0 / 20_000 - 0.02)).toBeLessThan(0.01); // a tenth of the draws, and one learning of a thousand
    });

    test("whoever comes first, and be it to learn, one that was drawn stands behind", () => {
      const ranker = testRanker({ standings: { ...all(SLOW), d0: FAST } });
      const m = modelOf(ten, { strategy: "fastest" });
      const pairs = Array.from({ length: 5000 }, () => ranker.rank(m, CHAT).targets);
      const learning = pairs.filter(([first]) => first?.why.startsWith("to learn"));
      expect(learning.length).toBeGreaterThan(20);
      expect(new Set(learning.map(([, second]) => second?.deployment.id)).size).toBeGreaterThan(4);
    });

    test("where all are newcomers, all are drawn", () => {
      const shares = firsts("fastest", ten, all({ pace: { since: 0, answers: 0 } }), 5000);
      expect(Object.keys(shares).length).toBe(10);
    });
  });

  test("it says when somebody is asked to learn", () => {
    const ranker = testRanker({ standings: { a: SLOW, b: FAST } });
    const m = modelOf({ a: {}, b: {} }, { strategy: "fastest" });
    const whys = new Set(Array.from({ length: 1000 }, () => ranker.rank(m, CHAT).targets[0]?.why));
    expect([...whys].sort()).toEqual(["the faster of two drawn", "to learn: one request in a hundred goes to anyone"]);
  });
});

test("two kinds of request each have turns of their own", () => {
  const ranker = testRanker();
  const m = modelOf({ a: {}, b: {} }, { strategy: "round_robin" });
  const turns = Array.from({ length: 3 }, () => [ranker.rank(m, CHAT), ranker.rank(m, { ...CHAT, operation: "completions" })].map(idsOf).join(" | "));
  expect(turns).toEqual(["a b | a b", "b a | b a", "a b | a b"]);
});
