import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Mishap, Ranking } from "../../routing/routing.ts";
import type { Deployment, Target } from "../../vocabulary/deployment.ts";
import { FAILURES, Failure, type FailureFacts, type FailureKind } from "../../vocabulary/failure.ts";
import { testDeployment, testService } from "../../vocabulary/model.fixture.ts";
import { Itinerary } from "./itinerary.ts";

const ROUTE = { dialect: "openai-chat", path: "/chat/completions" } as const;
const targetOf = (deployment: Deployment): Target => ({ deployment, key: deployment.service.keys[0], route: ROUTE, why: "" });
const targets = (...ids: string[]): Target[] => ids.map((id) => targetOf(testDeployment(id)));
const windowed = (id: string, contextWindow: number): Target => targetOf(testDeployment(id, { contextWindow }));
const keyed = (id: string, ...names: [string, ...string[]]): Target => {
  const [first, ...rest] = names.map((name) => ({ name, headers: {} }));
  return targetOf(testDeployment(id, { service: testService(id, { keys: [first ?? { name: "", headers: {} }, ...rest] }) }));
};
const rankingOf = (own: readonly Target[], instead: Partial<Record<Mishap, readonly Target[]>> = {}, resting: readonly Target[] = []): Ranking => ({
  targets: own,
  priority: 0,
  candidates: [],
  lower: () => [],
  lastResort: () => resting,
  instead: (of) => instead[of] ?? [],
});
const nameOf = ({ deployment, key }: Target) => (key.name === "" ? deployment.id : `${deployment.id}:${key.name}`);

type Mishaps = readonly (FailureKind | readonly [FailureKind, FailureFacts])[];

/** Goes where the itinerary leads while each try fails in its turn; what was asked, waits in parentheses, and why it ended. */
function travel(ranking: Ranking, failures: Mishaps, attempts = 3): string {
  const way = new Itinerary(ranking, { attempts, backoff: [200, 2000] }, () => 1);
  const said: string[] = [];
  let now = 0;
  for (const mishap of failures) {
    const [kind, facts] = typeof mishap === "string" ? [mishap, {}] : mishap;
    const { targets: open, wait } = way.next(now);
    const target = open[0];
    if (target === undefined) return [...said, "nobody"].join(" ");
    if (wait > 0) said.push(`(${wait})`);
    now += wait;
    way.asked(target);
    said.push(nameOf(target));
    const why = way.failed(target, new Failure(kind, "", facts), now);
    if (why !== undefined) return [...said, `- ${why}`].join(" ");
  }
  return said.join(" ");
}

describe("where a request goes", () => {
  const three = rankingOf(targets("a", "b", "c"));
  const withFallback = rankingOf(targets("a", "b", "c"), { failure: targets("f", "g") });
  test.each<[string, Ranking, Mishaps, string]>([
    ["down the list, one budget for all", three, ["upstream-error", "upstream-timeout", "upstream-unreachable"], "a b c - all 3 tries are used up"],
    ["nowhere for its own fault", three, ["invalid-request"], "a - no other deployment would do better"],
    ["nowhere when the client left", three, ["upstream-error", "client-left"], "a b - no other deployment would do better"],
    ["back to the same when there is no other, later each time", rankingOf(targets("a")), ["upstream-error", "overloaded"], "a (200) a"],
    ["not back to one that was silent", rankingOf(targets("a")), ["upstream-timeout"], "a - nothing left to try"],
    [
      "to the others first, then back",
      rankingOf(targets("a", "b")),
      ["upstream-error", "upstream-error", "overloaded"],
      "a b (200) a - all 3 tries are used up",
    ],
    ["the last try is the fallback's", withFallback, ["upstream-error", "upstream-error", "upstream-error"], "a b f - all 3 tries are used up"],
    [
      "fallbacks when nobody else is left",
      rankingOf(targets("a"), { failure: targets("f") }),
      ["upstream-timeout", "upstream-timeout"],
      "a f - nothing left to try",
    ],
    ["fallbacks at once when the model has nobody", rankingOf([], { failure: targets("f") }), ["upstream-timeout"], "f - nothing left to try"],
    [
      "those who rest when nobody else is left, before one that has just failed",
      rankingOf(targets("a", "b"), {}, targets("sick")),
      ["upstream-error", "upstream-error", "upstream-error"],
      "a b sick - all 3 tries are used up",
    ],
    [
      "fallbacks before those who rest",
      rankingOf(targets("a"), { failure: targets("f") }, targets("sick")),
      ["upstream-timeout", "upstream-timeout", "upstream-timeout"],
      "a f sick - all 3 tries are used up",
    ],
    [
      "not to those who rest with a prompt that is too long",
      rankingOf([windowed("a", 8)], {}, targets("sick")),
      ["context-overflow"],
      "a - nothing left to try",
    ],
    ["nobody at all", rankingOf([]), ["upstream-error"], "nobody"],
    [
      "outside its hours only to those who answer then",
      { ...rankingOf([], { failure: targets("f"), closed: targets("c") }), nobody: new Failure("not-scheduled", "") },
      ["upstream-error", "upstream-error"],
      "c (200) c",
    ],
    [
      "an account out of credit: another key, then elsewhere",
      rankingOf([keyed("a", "1", "2"), ...targets("b")]),
      ["quota-exhausted", "upstream-credentials", "upstream-error"],
      "a:1 a:2 b - all 3 tries are used up",
    ],
    ["a key over its limits: another", rankingOf([keyed("a", "1", "2")]), ["rate-limited", "rate-limited"], "a:1 a:2 - nothing left to try"],
    [
      "the same key once it may be asked again, if that is soon",
      rankingOf(targets("a")),
      [["rate-limited", { retryAfter: 1 }], "upstream-error"],
      "a (1000) a",
    ],
    ["not when that is far", rankingOf(targets("a")), [["rate-limited", { retryAfter: 30 }]], "a - nothing left to try"],
    ["an overloaded one is given the time it asks for", rankingOf(targets("a")), [["overloaded", { retryAfter: 2 }], "overloaded"], "a (2000) a"],
    [
      "a prompt too long: larger windows, then the list for that",
      rankingOf([windowed("small", 8), windowed("tiny", 4), windowed("large", 32)], { overflow: targets("huge"), failure: targets("f") }),
      ["context-overflow", "context-overflow", "upstream-error"],
      "small large huge - all 3 tries are used up",
    ],
    [
      "a prompt too long for anybody",
      rankingOf([windowed("a", 8), windowed("b", 8)], { failure: targets("f") }),
      ["context-overflow"],
      "a - nothing left to try",
    ],
    [
      "windows that are not known: other models only",
      rankingOf([targetOf(testDeployment("a", { model: "m" })), targetOf(testDeployment("b", { model: "m" })), targetOf(testDeployment("c", { model: "n" }))]),
      ["context-overflow", "upstream-timeout"],
      "a c - nothing left to try",
    ],
    [
      "what is refused: the list for that, and no other",
      rankingOf(targets("a", "b"), { refusal: targets("r", "s"), failure: targets("f") }),
      ["content-refused", "content-refused", "content-refused"],
      "a r s - all 3 tries are used up",
    ],
    ["what is refused, and no list", three, ["content-refused"], "a - nothing left to try"],
    ["a proof refused: where it was made", three, ["proof-refused", "invalid-request"], "a b - no other deployment would do better"],
  ])("%s", (_name, ranking, failures, expected) => {
    expect(travel(ranking, failures)).toBe(expected);
  });

  test("one try is one try", () => {
    expect(travel(three, ["upstream-error"], 1)).toBe("a - there is one try only");
  });

  test("fallbacks come before those that are only asked when nobody else is left", () => {
    const resting = targets("x", "y").map((target) => ({ ...target, evenResting: true }));
    const failing = Array.from({ length: 9 }, () => "upstream-timeout" as const);
    expect(travel(rankingOf(resting, { failure: targets("f") }), failing, 9)).toBe("f x y - nothing left to try");
    expect(travel(rankingOf([...targets("a"), ...resting], { failure: targets("f") }), failing, 9)).toBe("a f x y - nothing left to try");
    expect(travel(rankingOf(resting), failing, 9)).toBe("x y - nothing left to try");
  });

  test("no key is asked twice, however many are refused", () => {
    const refused = Array.from({ length: 5 }, () => "upstream-credentials" as const);
    expect(travel(rankingOf([keyed("a", "1", "2", "3"), ...targets("b")]), refused, 6)).toBe("a:1 a:2 a:3 b - nothing left to try");
  });

  test("a call made once more over another connection is a try", () => {
    const way = new Itinerary(rankingOf(targets("a", "b")), { attempts: 3, backoff: [200, 2000] });
    const [a, b] = targets("a", "b");
    if (a === undefined || b === undefined) throw new Error("There are two.");
    way.asked(a);
    expect([way.again(), way.failed(a, new Failure("upstream-unreachable", ""), 0)]).toEqual([true, undefined]);
    way.asked(b);
    expect([way.again(), way.failed(b, new Failure("upstream-unreachable", ""), 0)]).toEqual([false, "all 3 tries are used up"]);
  });

  test("when none is free, fallbacks are asked, once", () => {
    const way = new Itinerary(withFallback, { attempts: 3, backoff: [1, 1] });
    expect([way.spill().map(nameOf), way.spill().map(nameOf), way.next(0).targets.map(nameOf)]).toEqual([["f", "g"], [], ["a", "b", "c", "f", "g"]]);
  });

  describe("down to those that stand lower", () => {
    const LOTS = { attempts: 9, backoff: [1, 1] } as const;
    const resting = (...ids: string[]): Target[] => targets(...ids).map((target) => ({ ...target, evenResting: true }));

    test("after a failure, before any fallback", () => {
      const ranking = { ...rankingOf(targets("a", "b"), { failure: targets("f") }), lower: () => targets("c", "d") };
      expect(travel(ranking, ["upstream-timeout", "upstream-timeout", "upstream-timeout", "upstream-timeout", "upstream-timeout"], 9)).toBe(
        "a b c d f - nothing left to try",
      );
    });

    test("when none is free, once, and then to the fallbacks", () => {
      const way = new Itinerary({ ...rankingOf(targets("a", "b"), { failure: targets("f") }), lower: () => targets("c") }, LOTS);
      expect([way.next(0).targets, way.spill(), way.spill(), way.spill()].map((some) => some.map(nameOf))).toEqual([["a", "b"], ["c"], ["f"], []]);
      expect(way.next(0).targets.map(nameOf)).toEqual(["a", "b", "c", "f"]);
    });

    test("but not to one that rests while one that does not is only full", () => {
      const way = new Itinerary({ ...rankingOf(targets("a")), lower: () => [...targets("b"), ...resting("x")] }, LOTS);
      expect([way.next(0).targets, way.spill(), way.spill()].map((some) => some.map(nameOf))).toEqual([["a"], ["b"], []]);
      const panic = new Itinerary({ ...rankingOf(resting("x")), lower: () => resting("y") }, LOTS);
      expect([panic.next(0).targets, panic.spill()].map((some) => some.map(nameOf))).toEqual([["x"], ["y"]]);
    });

    test("nobody looks down while all goes well", () => {
      const way = new Itinerary({ ...rankingOf(targets("a")), lower: () => expect.unreachable() }, LOTS);
      const [first] = way.next(0).targets;
      if (first !== undefined) way.asked(first);
    });
  });

  test("a refusal goes elsewhere as long as somebody is left to ask", () => {
    const way = new Itinerary(rankingOf(targets("a"), { refusal: targets("r") }), { attempts: 3, backoff: [1, 1] });
    const seen: boolean[] = [];
    for (const expected of ["a", "r"]) {
      const target = way.next(0).targets[0] as Target;
      expect(nameOf(target)).toBe(expected);
      way.asked(target);
      seen.push(way.refusalsGoElsewhere);
      way.failed(target, new Failure("content-refused", ""), 0);
    }
    expect(seen).toEqual([true, false]);
  });
});

const KINDS = Object.keys(FAILURES) as FailureKind[];

test("whatever fails: never more tries than the budget, never after a fault of the request, never a wait beyond the longest", () => {
  const some = (name: string) => fc.integer({ min: 0, max: 4 }).map((count) => targets(...Array.from({ length: count }, (_, index) => `${name}${index}`)));
  const mishaps = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined })), {
    minLength: 30,
    maxLength: 30,
  });
  fc.assert(
    fc.property(some("own"), some("f"), some("o"), some("r"), mishaps, fc.integer({ min: 1, max: 6 }), (own, failure, overflow, refusal, failing, attempts) => {
      const way = new Itinerary(rankingOf(own, { failure, overflow, refusal }), { attempts, backoff: [100, 1000] });
      let tries = 0;
      for (const [kind, retryAfter] of failing) {
        const { targets: open, wait } = way.next(0);
        const target = open[0];
        if (target === undefined) break;
        expect(wait).toBeLessThanOrEqual(1000);
        way.asked(target);
        tries++;
        const why = way.failed(target, new Failure(kind, "", { retryAfter }), 0);
        if (FAILURES[kind].remedy === "none") expect(why).toBe("no other deployment would do better");
        if (why !== undefined) break;
      }
      expect(tries).toBeLessThanOrEqual(attempts);
    }),
  );
});
