import { describe, expect, test } from "bun:test";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { Fading } from "./fading.ts";
import { PaceKeeper } from "./pace.ts";

describe("a fading mean", () => {
  const mean = (...values: [at: number, value: number, weight?: number][]) => {
    const fading = new Fading(30);
    for (const [at, value, weight] of values) fading.add(value, at, weight);
    return fading.mean;
  };
  test.each<[string, [number, number, number?][], number | undefined]>([
    ["of nothing is not known", [], undefined],
    ["of one value is that value", [[0, 100]], 100],
    [
      "of values at the same time is their mean",
      [
        [0, 100],
        [0, 200],
        [0, 600],
      ],
      300,
    ],
    [
      "counts a value of a half-life ago half",
      [
        [0, 100],
        [30, 400],
      ],
      300,
    ],
    [
      "and one of two a quarter",
      [
        [0, 100],
        [60, 600],
      ],
      500,
    ],
    [
      "counts heavy values more",
      [
        [0, 100, 1],
        [0, 400, 2],
      ],
      300,
    ],
    [
      "is the newest value after a long silence",
      [
        [0, 100],
        [1e9, 7],
      ],
      7,
    ],
    [
      "takes nothing from a value without weight",
      [
        [0, 100],
        [0, 900, 0],
      ],
      100,
    ],
    [
      "does not count a clock that stands back",
      [
        [10, 100],
        [5, 300],
      ],
      200,
    ],
  ])("%s", (_name, values, expected) => {
    expect(mean(...values)).toEqual(expected);
  });

  test("weighs all that came before no more than it is told to", () => {
    const fading = new Fading(30, 4);
    for (let count = 0; count < 1000; count++) fading.add(100, 0);
    fading.add(600, 0);
    expect([fading.mean, fading.weightAt(0)]).toEqual([200, 5]);
  });

  test("that has faded keeps its value until there is another", () => {
    const fading = new Fading(30);
    for (let time = 0; time < 9; time++) fading.add(100, 0);
    fading.fade();
    expect(fading.mean).toBe(100);
    fading.add(4, 1);
    expect([fading.mean, fading.weightAt(1), fading.weightAt(31)]).toEqual([4, 1, 0.5]);
  });
});

describe("a pace", () => {
  type Told = { began?: number; answered?: number; finished: number; usage?: Partial<Usage>; estimated?: number };
  const pace = (...answers: Told[]) => {
    const keeper = new PaceKeeper(0);
    for (const { began = 0, answered, finished, usage, estimated } of answers) {
      if (answered !== undefined) keeper.answered(began, answered);
      keeper.finished({ began, answered, finished, usage: usage === undefined ? undefined : usageOf(usage) });
      if (usage !== undefined && estimated !== undefined) keeper.counted(usageOf(usage), estimated, finished);
    }
    const { firstToken, perToken, answerTokens, answers: count, hitRate, tokenFactor } = keeper;
    return { firstToken, perToken, answerTokens, answers: count, hitRate, tokenFactor };
  };
  const NOTHING = { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0, hitRate: 0, tokenFactor: 1 };

  test("of one that was quick a thousand times and is slow now, is slow after twenty answers", () => {
    const keeper = new PaceKeeper(0);
    for (let count = 0; count < 1000; count++) keeper.answered(0, 5);
    for (let count = 0; count < 20; count++) keeper.answered(0, 900);
    expect(keeper.firstToken).toBeGreaterThan(500);
  });

  test.each<[string, Told[], Partial<typeof NOTHING> | object]>([
    ["of nothing is not known", [], NOTHING],
    [
      "of a stream: its first token, and each after it",
      [{ answered: 300, finished: 1300, usage: { input: 10, output: 101 } }],
      { ...NOTHING, firstToken: 300, perToken: 10, answerTokens: 101, answers: 1 },
    ],
    ["of one that tells no usage", [{ answered: 300, finished: 1300 }], { ...NOTHING, firstToken: 300, answers: 1 }],
    ["of whole answers alone: their whole time", [{ finished: 1300, usage: { output: 100 } }], { ...NOTHING, firstToken: 1300, answerTokens: 100, answers: 1 }],
    [
      "of a whole answer where streams were seen: without the time its tokens take",
      [
        { answered: 300, finished: 1290, usage: { output: 100 } },
        { began: 1290, finished: 2790, usage: { output: 100 } },
      ],
      { firstToken: expect.closeTo(402.9, 1), perToken: 10, answerTokens: 100, answers: 2 },
    ],
    [
      "long answers say more of it",
      [
        { answered: 0, finished: 100, usage: { output: 11 } },
        { answered: 0, finished: 3600, usage: { output: 91 } },
      ],
      { perToken: expect.closeTo(37, 0) },
    ],
    ["the part of prompts that was cached", [{ finished: 0, usage: { input: 25, cacheRead: 75 } }], { hitRate: 0.75 }],
    [
      "by tokens, not by requests",
      [
        { finished: 0, usage: { input: 100 } },
        { finished: 0, usage: { input: 100, cacheRead: 800 } },
      ],
      { hitRate: 0.8 },
    ],
    ["real tokens for each estimated one", [{ finished: 0, usage: { input: 150 }, estimated: 100 }], { tokenFactor: 1.5 }],
    ["only where somebody counted", [{ finished: 0, usage: { input: 150, evidence: "estimated" }, estimated: 100 }], { tokenFactor: 1, hitRate: 0 }],
    ["within reason", [{ finished: 0, usage: { input: 1_000_000 }, estimated: 1 }], { tokenFactor: 10 }],
  ])("%s", (_name, answers, expected) => {
    expect(pace(...answers)).toMatchObject(expected);
  });
});
