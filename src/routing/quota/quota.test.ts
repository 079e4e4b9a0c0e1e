import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Minute } from "./minute.ts";
import { restAfter } from "./rate-headers.ts";

const NOW = Date.parse("2026-07-01T12:00:00Z");

describe("a key rests after", () => {
  test.each<[string, Record<string, string>, number | undefined]>([
    ["nothing told", {}, undefined],
    ["requests used up", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s" }, 1000],
    ["tokens used up", { "x-ratelimit-remaining-requests": "9", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6.5s" }, 6500],
    [
      "both used up: the longer",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "7.66s",
      },
      7660,
    ],
    ["a reset in parts", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "0m59.56s" }, 59_560],
    ["a reset in bare seconds", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12" }, 12_000],
    ["a reset far away: a minute", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "23h59m51s" }, 60_000],
    ["some left", { "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1s" }, 0],
    ["no reset told", { "x-ratelimit-remaining-requests": "0" }, 0],
    ["a reset in no known words", { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon" }, 0],
    ["a remainder in no known words", { "x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s" }, 0],
    [
      "Anthropic's tokens used up",
      {
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-07-01T12:00:30Z",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-07-01T12:00:05.5Z",
      },
      5500,
    ],
    ["a reset that is past", { "anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-07-01T11:59:00Z" }, 0],
  ])("%s", (_name, headers, rest) => {
    expect(restAfter(new Headers(headers), NOW)).toBe(rest);
  });
});

describe("a minute", () => {
  const minute = (...uses: [at: number, amount: number][]) => {
    const counted = new Minute();
    for (const [at, amount] of uses) counted.add(amount, at);
    return counted;
  };
  test.each<[string, [number, number][], number, number]>([
    ["is empty at first", [], 5_000, 0],
    [
      "adds up",
      [
        [0, 1],
        [10, 2],
        [59_000, 4],
      ],
      59_999,
      7,
    ],
    [
      "forgets what is a minute and the second that had begun ago",
      [
        [500, 1],
        [1500, 2],
      ],
      61_000,
      2,
    ],
    [
      "not before",
      [
        [500, 1],
        [1500, 2],
      ],
      60_999,
      3,
    ],
    ["forgets everything after a long silence", [[500, 1]], 1e12, 0],
  ])("%s", (_name, uses, now, used) => {
    expect(minute(...uses).used(now)).toBe(used);
  });

  test.each<[number, number]>([
    [4, 10_000],
    [3, 61_000],
    [2, 62_000],
    [1, 63_000],
  ])("says when less than %d will have been used", (limit, when) => {
    expect(minute([0, 1], [1000, 1], [2000, 1]).below(limit, 10_000)).toBe(when);
  });

  test("whatever is used when: never less than the last minute's, and never more than the last 61 seconds'", () => {
    const use = fc.record({ after: fc.nat(20_000), amount: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(use, { minLength: 5, maxLength: 60 }), (uses) => {
        const counted = new Minute();
        const all: { readonly at: number; readonly amount: number }[] = [];
        const since = (time: number) => all.reduce((sum, { at, amount }) => (at > time ? sum + amount : sum), 0);
        let now = 0;
        for (const { after, amount } of uses) {
          now += after;
          all.push({ at: now, amount });
          counted.add(amount, now);
          expect(counted.used(now)).toBeGreaterThanOrEqual(since(now - 60_000));
          expect(counted.used(now)).toBeLessThanOrEqual(since(now - 61_001));
          const when = counted.below(5, now);
          const later = new Minute();
          for (const each of all) later.add(each.amount, each.at);
          expect(later.used(when)).toBeLessThan(5);
        }
      }),
    );
  });
});
