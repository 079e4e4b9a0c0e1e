import { describe, expect, test } from "bun:test";
import { Failure } from "../vocabulary/failure.ts";
import { testService } from "../vocabulary/model.fixture.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Ask } from "./ask.ts";
import type { Instead } from "./rank.ts";
import { CHAT, idsOf, modelOf, type TestDeployments, testRanker } from "./ranking.fixture.ts";
import type { Mishap } from "./routing.ts";
import { testPrompt } from "./standing.fixture.ts";

const named = (name: string, deployments: TestDeployments, more: Partial<Model> = {}) => modelOf(deployments, { ...more, name });
/** What is tried instead of `m`, and nothing instead of others. */
const insteadOf =
  (lists: Partial<Record<Mishap, readonly Model[]>>): Instead =>
  (model, of) =>
    model.name === "m" ? (lists[of] ?? []) : [];
const told = (targets: readonly { readonly deployment: { readonly id: string }; readonly why: string }[]) =>
  targets.map(({ deployment, why }) => `${deployment.id}: ${why}`);

describe("instead of a model", () => {
  test("others come in their order, and say so", () => {
    const instead = insteadOf({ failure: [named("n", { b: {} }), named("o", { c: {}, d: {} })] });
    const ranking = testRanker({ instead }).rank(modelOf({ a: {} }), CHAT);
    expect(told([...ranking.targets, ...ranking.instead("failure")])).toEqual([
      "a: the only deployment",
      "b: fallback n: the only deployment",
      "c: fallback o: its turn",
      "d: fallback o: next in turn",
    ]);
  });

  test("each mishap has its own list, and no other", () => {
    const instead = insteadOf({ failure: [named("n", { b: {} })], overflow: [named("o", { c: {} })] });
    const ranking = testRanker({ instead }).rank(modelOf({ a: {} }), CHAT);
    const those = (["failure", "overflow", "refusal"] as const).map((of) => idsOf({ targets: ranking.instead(of) }));
    expect(those).toEqual(["b", "c", ""]);
  });

  test("nobody is asked twice", () => {
    const instead = insteadOf({ failure: [named("n", { b: {}, a: {} }), named("o", { b: {}, c: {} })] });
    expect(
      idsOf({
        targets: testRanker({ instead })
          .rank(modelOf({ a: {} }), CHAT)
          .instead("failure"),
      }),
    ).toBe("b c");
  });

  test("whom they were asked for is told in the end, each once", () => {
    const others = named("n", { b: {}, a: {}, c: {}, d: {} });
    const ranking = testRanker({ instead: insteadOf({ failure: [others], refusal: [others] }), standings: { d: { rests: "down" } } }).rank(
      modelOf({ a: {} }),
      CHAT,
    );
    const candidates = () => ranking.candidates.map(({ deployment, why }) => `${deployment}: ${why}`);
    expect(candidates()).toEqual(["a: the only deployment"]);
    ranking.instead("failure");
    expect(candidates()).toEqual(["a: the only deployment", "b: fallback n: its turn", "c: fallback n: next in turn", "d: fallback n: down"]);
    expect(idsOf({ targets: ranking.instead("refusal") })).toBe("c b");
  });

  test("their own filters, rules and strategies hold", () => {
    const long = { ...CHAT, prompt: testPrompt({ tokens: 5000 }) };
    const other = named(
      "n",
      { small: { contextWindow: 4000 }, busy: {}, idle: {}, tagged: { tags: ["x"] }, resting: {} },
      { strategy: "least_busy", rules: [{ when: { promptTokensOver: 4000 }, prefer: "x" }] },
    );
    const ranker = testRanker({ instead: insteadOf({ overflow: [other] }), standings: { busy: { inFlight: 2 }, resting: { rests: "down" } } });
    const ranking = ranker.rank(modelOf({ a: { contextWindow: 4000 } }), long);
    expect([idsOf(ranking), ranking.nobody?.kind, idsOf({ targets: ranking.instead("overflow") })]).toEqual(["", "context-overflow", "tagged idle busy"]);
  });

  test("they are ranked when first asked for, and once", () => {
    const asked: string[] = [];
    const instead: Instead = (model, of) => {
      asked.push(`${model.name} ${of}`);
      return [];
    };
    const ranking = testRanker({ instead }).rank(modelOf({ a: {} }), CHAT);
    expect(asked).toEqual([]);
    ranking.instead("refusal");
    ranking.instead("refusal");
    expect(asked).toEqual(["m refusal"]);
  });
});

describe("a model that cannot do it at all", () => {
  const EMBEDDINGS: Ask = { operation: "embeddings", dialect: "openai-embeddings" };
  const embeds = { service: testService("e", { routes: { embeddings: [{ dialect: "openai-embeddings", path: "/embeddings" }] } }) };

  test("is refused", () => {
    const ranked = () => testRanker().rank(modelOf({ a: {} }), EMBEDDINGS);
    expect(ranked).toThrow(new Failure("model-not-found", 'The model "m" cannot do embeddings. Choose one that can.'));
  });

  test("unless what is tried instead can", () => {
    const ranking = testRanker({ instead: insteadOf({ failure: [named("n", { b: embeds })] }) }).rank(modelOf({ a: {} }), EMBEDDINGS);
    expect([idsOf(ranking), ranking.nobody?.kind, idsOf({ targets: ranking.instead("failure") })]).toEqual(["", "model-not-found", "b"]);
  });
});
