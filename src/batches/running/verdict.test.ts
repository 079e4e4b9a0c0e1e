import { describe, expect, test } from "bun:test";
import { Failure, type FailureFacts, type FailureKind } from "../../vocabulary/failure.ts";
import { verdictOn } from "./verdict.ts";

const after = (kind: FailureKind, facts: FailureFacts = {}, standing = { tries: 0, troubles: 0 }) =>
  verdictOn({ failure: new Failure(kind, "", facts) }, standing);

describe("after an answer", () => {
  test("it is over", () => {
    expect(verdictOn({}, { tries: 0, troubles: 3 })).toBe("over");
  });

  test.each<[FailureKind, FailureFacts]>([
    ["invalid-request", {}],
    ["invalid-key", {}],
    ["quota-exhausted", {}],
    ["context-overflow", {}],
    ["model-not-found", {}],
    ["rate-limited", { hopeless: true }],
  ])("that no waiting mends (%s) it is over", (kind, facts) => {
    expect(after(kind, facts)).toBe("over");
  });

  test.each<[FailureKind, FailureFacts, number]>([
    ["rate-limited", { retryAfter: 7 }, 7_000],
    ["full", { retryAfter: 1 }, 1_000],
    ["no-healthy-deployment", {}, 1_000],
    ["upstream-unreachable", {}, 1_000],
    ["not-scheduled", { retryAfter: 36_000 }, 900_000],
  ])("%s: it waits for as long as it takes, and is not to blame", (kind, facts, rest) => {
    expect(after(kind, facts)).toEqual({ tries: 0, rest });
    expect(after(kind, facts, { tries: 24, troubles: 0 })).toEqual({ tries: 24, rest });
  });

  test("without a word how long to wait, longer each time", () => {
    const rests = [0, 1, 2, 5, 9, 10, 500].map((troubles) => (after("upstream-unreachable", {}, { tries: 0, troubles }) as { rest: number }).rest);
    expect(rests).toEqual([1_000, 2_000, 4_000, 32_000, 512_000, 900_000, 900_000]);
  });
});

/** How often a line is tried whose provider fails each time; `troubles` are those of its model before each try. */
function tried(troubles: (times: number) => number): { times: number; waited: number } {
  let [tries, waited] = [0, 0];
  for (let times = 1; ; times++) {
    const verdict = after("upstream-error", {}, { tries, troubles: troubles(times) });
    if (verdict === "over") return { times, waited };
    tries = verdict.tries;
    waited += verdict.rest;
  }
}

test("a line that fails while others are answered is tried five times", () => {
  expect(tried(() => 0).times).toBe(5);
});

test("while nobody is answered it waits for some three hours", () => {
  const { times, waited } = tried((time) => time - 1);
  expect([times, Math.round(waited / 360_000) / 10]).toEqual([21, 2.8]);
});
