import { describe, expect, test } from "bun:test";
import type { Rule } from "../vocabulary/model.ts";
import type { Engines, Readiness } from "./engines.ts";
import { CHAT, everyone, idsOf, modelOf, type TestDeployments, testRanker } from "./ranking.fixture.ts";

/** Engines by name: those that are not named are up. */
function enginesOf(states: Readonly<Record<string, Readiness["type"]>>, opens?: number): Engines & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    readiness(engine) {
      const type = states[engine] ?? "ready";
      return type === "out" ? { type, why: "it crashed" } : { type };
    },
    opensFor: () => opens,
    limitOf: () => undefined,
    missed: (engine) => void told.push(engine),
  };
}

/** A deployment for each, which is an engine of that name; those in capitals are others'. */
function deploymentsOf(ids: string, more: TestDeployments = {}): TestDeployments {
  return Object.fromEntries(ids.split(" ").map((id) => [id, { ...(id === id.toUpperCase() ? {} : { engine: id }), ...more[id] }]));
}

function ranked(
  ids: string,
  states: Readonly<Record<string, Readiness["type"]>>,
  { rules = [], more = {} }: { rules?: readonly Rule[]; more?: TestDeployments } = {},
) {
  const engines = enginesOf(states);
  const ranking = testRanker({ engines }).rank(modelOf(deploymentsOf(ids, more), { rules, strategy: "round_robin" }), CHAT);
  const order = everyone(ranking).map(({ deployment }) => deployment.id);
  return { ranking, order: order.join(" "), missed: engines.told.join(" ") };
}

describe("engines of our own", () => {
  test.each<[string, string, Readonly<Record<string, Readiness["type"]>>, string, TestDeployments]>([
    ["that are up stand where any deployment does", "a b c", {}, "a b c", {}],
    ["that are not up stand behind those that are", "a b c", { a: "cold" }, "b c a", {}],
    ["that are all down keep their order", "a b", { a: "cold", b: "cold" }, "a b", {}],
    ["stand before others' of a later tier, even when they have to be waited for", "a B", { a: "cold" }, "a B", { B: { tier: 1 } }],
    ["stand behind others' of their own tier then", "a B", { a: "cold" }, "B a", {}],
    ["that may not run now are not asked", "a b", { a: "closed" }, "b", {}],
    ["that have failed are not asked while others can be", "a b c", { a: "out" }, "b c", {}],
    ["that have all failed are, for they say best when they can be asked again", "a b", { a: "out", b: "out" }, "a b", {}],
  ])("%s", (_what, ids, states, expected, more) => {
    expect(ranked(ids, states, { more }).order).toBe(expected);
  });

  test("one the rule prefers is passed over for one that is up, and told so, to come up where it can", () => {
    const rules: readonly Rule[] = [{ when: {}, prefer: "b" }];
    expect(ranked("a b c", {}, { rules })).toMatchObject({ order: "b a c", missed: "" });
    expect(ranked("a b c", { b: "cold" }, { rules })).toMatchObject({ order: "a c b", missed: "b" });
    expect(ranked("a b", { a: "cold", b: "cold" }, { rules })).toMatchObject({ order: "b a", missed: "" });
  });

  test("one that alone is allowed is waited for", () => {
    expect(ranked("a b", { b: "cold" }, { rules: [{ when: {}, only: "b" }] })).toMatchObject({ order: "b", missed: "" });
  });

  test("say in the trace that they had to be waited for", () => {
    expect(ranked("a b", { a: "cold" }).ranking.targets.map(({ why }) => why)).toEqual(["the only one", "not up yet: the only one"]);
  });

  test("that may all not run now say when one may", () => {
    const opens = Date.parse("2026-11-20T23:00:00Z");
    const ranking = testRanker({ engines: enginesOf({ a: "closed" }, opens) }).rank(modelOf(deploymentsOf("a")), CHAT);
    expect(idsOf(ranking)).toBe("");
    expect(ranking.nobody?.kind).toBe("not-scheduled");
    expect(ranking.nobody?.message).toBe('"m" is not scheduled now. It can be asked from 2026-11-20T23:00:00.000Z on.');
    expect(ranking.nobody?.facts.retryAfter).toBe(11 * 3600);
  });
});
