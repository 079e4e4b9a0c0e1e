import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Caps, type Configured, type Lesson, learn, type Mishap, recovered } from "./caps.ts";

const DAY = 86_400_000;
const CONFIGURED: Configured = { maxModelLen: 32768, maxConcurrent: 8, utilisation: 0.9, mayShorten: true };

/** Goes through the same mishap until something else is to be done, and gives what was cut each time. */
function ladder(mishap: Mishap, configured: Configured): { cuts: Partial<Caps>[]; end: Lesson["next"] } {
  const cuts: Partial<Caps>[] = [];
  let caps: Caps | undefined;
  for (;;) {
    const lesson = learn(mishap, caps, { ...configured, now: 0 });
    if (lesson.next !== "retry") return { cuts, end: lesson.next };
    caps = lesson.caps;
    const { since: _since, ...cut } = caps;
    cuts.push(cut);
  }
}

test.each<[string, Mishap, Partial<Configured>, Partial<Caps>[], Lesson["next"]]>([
  ["too long: once with what it says would fit", { kind: "context-too-long", longest: 20_000 }, {}, [{ maxModelLen: 20_000 }], "exhausted"],
  ["too long, and it may not be shortened", { kind: "context-too-long", longest: 20_000 }, { mayShorten: false }, [], "exhausted"],
  ["too long, and it does not say what would fit", { kind: "context-too-long" }, {}, [], "exhausted"],
  ["it names more than was asked for", { kind: "context-too-long", longest: 40_000 }, {}, [], "exhausted"],
  [
    "out of memory while it loads: half as many, then less of the card",
    { kind: "oom-loading" },
    { maxConcurrent: 5 },
    [
      { maxNumSeqs: 2 },
      { maxNumSeqs: 1 },
      { maxNumSeqs: 1, utilisation: 0.87 },
      { maxNumSeqs: 1, utilisation: 0.84 },
      { maxNumSeqs: 1, utilisation: 0.81 },
      { maxNumSeqs: 1, utilisation: 0.78 },
      { maxNumSeqs: 1, utilisation: 0.75 },
    ],
    "exhausted",
  ],
  ["one that has hardly any of its card", { kind: "oom-loading" }, { maxConcurrent: 1, utilisation: 0.12 }, [], "exhausted"],
  ["one whose card is not known", { kind: "oom-loading" }, { maxConcurrent: 2, utilisation: undefined }, [{ maxNumSeqs: 1 }], "exhausted"],
  ["out of memory while it serves", { kind: "oom-serving" }, {}, [{ maxConcurrent: 4 }, { maxConcurrent: 2 }, { maxConcurrent: 1 }], "exhausted"],
  ["somebody else's memory: nothing is cut", { kind: "foreign-memory" }, {}, [], "wait"],
  ["the machine's memory", { kind: "host-memory" }, {}, [], "wait"],
  ["a crash", { kind: "crash" }, {}, [], "wait"],
  ["a port that was taken", { kind: "port-taken" }, {}, [], "wait"],
  ["no room for any cache", { kind: "no-kv-blocks" }, {}, [], "exhausted"],
  ["no such model", { kind: "model-missing" }, {}, [], "exhausted"],
])("%s", (_case, mishap, different, cuts, end) => {
  expect(ladder(mishap, { ...CONFIGURED, ...different })).toEqual({ cuts, end });
});

test("what was cut is said", () => {
  expect(learn({ kind: "oom-serving" }, undefined, { ...CONFIGURED, now: 7 })).toEqual({
    next: "retry",
    caps: { maxConcurrent: 4, since: 7 },
    says: "It ran out of GPU memory while serving: it gets 4 requests at once, not 8.",
  });
});

describe("a clean day", () => {
  test.each<[string, Caps, number, ReturnType<typeof recovered>]>([
    ["is not over", { maxConcurrent: 2, since: 0 }, DAY - 1, undefined],
    ["brings twice as many", { maxConcurrent: 2, since: 0 }, DAY, { caps: { maxConcurrent: 4, since: DAY } }],
    ["brings them all back", { maxConcurrent: 4, since: 0 }, DAY, {}],
    ["does not touch what it started with", { maxConcurrent: 4, maxNumSeqs: 3, since: 0 }, DAY, { caps: { maxNumSeqs: 3, since: DAY } }],
    ["has nothing to bring back", { maxModelLen: 5, since: 0 }, DAY * 9, undefined],
  ])("%s", (_case, caps, now, expected) => {
    expect(recovered(caps, { maxConcurrent: 8, now })).toEqual(expected as NonNullable<typeof expected>);
  });
});

test("every ladder ends, nothing falls below its floor or rises above what is configured, and it survives JSON", () => {
  const kinds = fc.constantFrom<Mishap["kind"][]>("context-too-long", "oom-loading", "oom-serving", "foreign-memory", "crash", "no-kv-blocks");
  const step = fc.record({ kind: kinds, longest: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }), days: fc.nat(3) });
  const configuredAs = fc.record({
    maxModelLen: fc.option(fc.integer({ min: 16, max: 131_072 }), { nil: undefined }),
    maxConcurrent: fc.option(fc.integer({ min: 1, max: 512 }), { nil: undefined }),
    utilisation: fc.option(
      fc.integer({ min: 1, max: 98 }).map((percent) => percent / 100),
      { nil: undefined },
    ),
    mayShorten: fc.boolean(),
  });
  fc.assert(
    fc.property(configuredAs, fc.array(step, { maxLength: 40 }), kinds, (configured, steps, last) => {
      let caps: Caps | undefined;
      let now = 0;
      for (const { kind, longest, days } of steps) {
        now += days * DAY;
        const back = caps === undefined ? undefined : recovered(caps, { maxConcurrent: configured.maxConcurrent, now });
        if (back !== undefined) caps = back.caps;
        const lesson = learn({ kind, longest }, caps, { ...configured, now });
        if (lesson.next === "retry") caps = lesson.caps;
        if (caps === undefined) continue;
        expect(JSON.parse(JSON.stringify(caps))).toEqual(caps);
        expect(caps.maxConcurrent ?? 1).toBeGreaterThanOrEqual(1);
        expect(caps.maxConcurrent ?? 0).toBeLessThanOrEqual(configured.maxConcurrent ?? 256);
        expect(caps.maxNumSeqs ?? 1).toBeGreaterThanOrEqual(1);
        expect(caps.utilisation ?? 1).toBeGreaterThanOrEqual(0.1);
        expect(caps.utilisation ?? 0).toBeLessThanOrEqual(configured.utilisation ?? 0);
        expect(caps.maxModelLen ?? 0).toBeLessThanOrEqual(configured.maxModelLen ?? Number.POSITIVE_INFINITY);
      }
      let rungs = 0;
      for (let lesson = learn({ kind: last, longest: 10 }, caps, { ...configured, now }); lesson.next === "retry"; rungs++) {
        lesson = learn({ kind: last, longest: 10 }, lesson.caps, { ...configured, now });
      }
      expect(rungs).toBeLessThan(20);
    }),
  );
});
