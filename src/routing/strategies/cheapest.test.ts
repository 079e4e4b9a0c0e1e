import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { testTariff } from "../../vocabulary/price.fixture.ts";
import type { RateName } from "../../vocabulary/price.ts";
import { CHAT, everyone, idsOf, modelOf, testRanker } from "../ranking.fixture.ts";
import { type TestStanding, testPrompt } from "../standing.fixture.ts";

const PROMPT = { tokens: 1000 };
/** In US dollars. */
type Price = { readonly [Name in RateName]?: number };

function ranked(prices: Record<string, Price | undefined>, standings: Record<string, TestStanding> = {}, prompt = testPrompt(PROMPT)) {
  const deployments = Object.fromEntries(Object.entries(prices).map(([id, price]) => [id, { price: price && testTariff(price) }]));
  const ranking = testRanker({ standings }).rank(modelOf(deployments, { strategy: "cheapest" }), { ...CHAT, prompt });
  return { ids: idsOf({ targets: everyone(ranking) }), first: ranking.candidates[0], prompt };
}

describe("the prompt is read only where the order depends on it", () => {
  test.each<[string, Record<string, Price>, string, boolean]>([
    ["dearer in all", { a: { input: 3, output: 15 }, b: { input: 1, output: 5 } }, "b a", false],
    ["dearer for each request as well", { a: { input: 3, output: 3, request: 0.1 }, b: { input: 1, output: 1 } }, "b a", false],
    ["dearer in one, cheaper in the other", { a: { input: 3, output: 1 }, b: { input: 1, output: 90 } }, "a b", true],
    ["alike in one only", { a: { input: 1.01, output: 9 }, b: { input: 1, output: 1 } }, "b a", true],
    ["alike in all", { a: { input: 1.01, output: 2 }, b: { input: 1, output: 1.99 } }, "a b", false],
    ["the dearer ones are at odds", { a: { input: 1, output: 1 }, b: { input: 5, output: 3 }, c: { input: 3, output: 5 } }, "a b c", true],
  ])("%s", (_case, prices, ids, isRead) => {
    const { prompt, ...ranking } = ranked(prices, { a: { pace: { answerTokens: 2000 } } });
    expect(ranking.ids).toBe(ids);
    expect(prompt.read).toBe(isRead);
    expect(Object.keys(ranking.first?.score ?? {})).toContain(isRead ? "usd_per_1k" : "usd_per_m_input");
  });

  test("with what a request costs told beside it", () => {
    expect(ranked({ a: { input: 0.123456, request: 0.002 }, b: { input: 1, request: 1 } }).first?.score).toEqual({
      usd_per_m_input: 0.1235,
      usd_per_m_output: 0,
      usd_per_request: 0.002,
    });
  });

  test("whoever comes first where it is not read would not be undercut if it were", () => {
    const part = fc.constantFrom(0, 1, 1.01, 2, 3);
    const each = fc.record({ input: part, output: part, request: fc.constantFrom(0, 0.001, 0.002) });
    const inProportion = part.map((input) => ({ input, output: 4 * input, request: 0 }));
    const several = { minLength: 2, maxLength: 12 };
    const world = fc.record({
      prices: fc.oneof(fc.array<Price>(each, several), fc.array<Price>(inProportion, several)),
      tokens: fc.integer({ min: 1, max: 9999 }),
      answer: fc.nat(999),
    });
    let unread = 0;
    fc.assert(
      fc.property(world, ({ prices, tokens, answer }) => {
        const { prompt, ids } = ranked(Object.fromEntries(prices.map((each, index) => [`${index}`, each])), {}, testPrompt({ tokens, answer }));
        if (!prompt.read) unread++;
        const bills = ids.split(" ").map((id) => {
          const { input = 0, output = 0, request = 0 } = prices[Number(id)] ?? {};
          return (tokens * input + Math.min(300, answer) * output) / 1e6 + request;
        });
        const least = Math.min(...bills);
        for (const [place, bill] of bills.entries()) {
          // Those alike come before all others, and the others as they are billed.
          const before = bills[place - 1] ?? least;
          if (bill <= least * 1.0199) expect(before).toBeLessThanOrEqual(least * 1.0201);
          else expect(before).toBeLessThanOrEqual(bill * 1.0201);
        }
      }),
      { numRuns: 400 },
    );
    expect(unread).toBeGreaterThan(50);
  });
});

test("whose prompts were never counted is taken to count as the others do", () => {
  const prices = { a: { input: 1 }, b: { input: 1.1 } };
  expect(ranked(prices, { a: { tokenFactor: 1.5 } }).ids).toBe("a b");
  expect(ranked(prices, { a: { tokenFactor: 1.5 }, b: { tokenFactor: 1.2 } }).ids).toBe("b a");
});

test("a price counts at its own time", () => {
  const cheapAtNight = testTariff(
    {},
    {
      prices: [
        { version: "day", input: 3e9 },
        { version: "night", input: 1e9, daily: { from: 0, to: 3_600_000 } },
      ],
    },
  );
  const model = modelOf({ a: { price: testTariff({ input: 2 }) }, b: { price: cheapAtNight } }, { strategy: "cheapest" });
  const order = (time: string) => idsOf({ targets: everyone(testRanker({ time }).rank(model, CHAT)) });
  expect([order("2026-11-22T12:00Z"), order("2026-11-22T00:30Z")]).toEqual(["a b", "b a"]);
});
