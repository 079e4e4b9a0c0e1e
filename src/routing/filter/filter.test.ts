import { describe, expect, test } from "bun:test";
import type { Deployment } from "../../vocabulary/deployment.ts";
import { testService } from "../../vocabulary/model.fixture.ts";
import type { Rule } from "../../vocabulary/model.ts";
import { mergeProfiles } from "../../vocabulary/profile.ts";
import type { Ask } from "../ask.ts";
import { CHAT, idsOf, modelOf, type TestDeployments, testRanker } from "../ranking.fixture.ts";
import { type TestPrompt, type TestStanding, testPrompt } from "../standing.fixture.ts";

/** Who may be asked, who not and why, and what the client is told when nobody may. */
function told(
  deployments: TestDeployments,
  standings: Record<string, TestStanding>,
  prompt: TestPrompt | undefined,
  rules: readonly Rule[] = [],
  more: Partial<Ask> = {},
): string {
  const ask: Ask = { ...CHAT, prompt: prompt && testPrompt(prompt), ...more };
  const ranking = testRanker({ standings }).rank(modelOf(deployments, { rules }), ask);
  const out = ranking.candidates.filter((each) => each.out).map(({ deployment, why }) => ` -${deployment} (${why})`);
  const { nobody } = ranking;
  return `${idsOf(ranking)}${out.join("")}${nobody === undefined ? "" : ` ${nobody.kind}: ${nobody.message}`}`;
}

const NIGHT = { from: 22 * 60, to: 6 * 60, timeZone: "UTC" };

describe("who may be asked", () => {
  test.each<[string, TestDeployments, Record<string, TestStanding>, TestPrompt | undefined, string]>([
    ["all, when nothing is known", { a: {}, b: {} }, {}, { tokens: 1e6, needs: ["images"] }, "a b"],
    ["not outside its hours", { a: { hours: NIGHT }, b: {} }, {}, undefined, "b -a (it is outside its hours)"],
    ["inside them", { a: { hours: { ...NIGHT, from: 11 * 60 } }, b: {} }, {}, undefined, "a b"],
    ["not who rests", { a: {}, b: {} }, { a: { rests: "5 failures in a row" } }, undefined, "b -a (5 failures in a row)"],
    ["nor half of them", { a: {}, b: {}, c: {}, d: {} }, { a: { rests: "down" }, c: { rests: "down" } }, undefined, "b d -a (down) -c (down)"],
    ["but when more than half rest, they come last", { a: {}, b: {}, c: {} }, { a: { rests: "down" }, b: { rests: "down" } }, undefined, "c a b"],
    [
      "those with nothing left never, and their rest says nothing of others' health",
      { a: {}, b: {}, c: {}, d: {} },
      { a: { rests: "quota", usedUpUntil: 9 }, b: { rests: "quota", usedUpUntil: 9 }, c: { rests: "down" } },
      undefined,
      "d -a (quota) -b (quota) -c (down)",
    ],
    ["even if all others rest", { a: {}, b: {} }, { a: { rests: "quota", usedUpUntil: 9 }, b: { rests: "down" } }, undefined, "b -a (quota)"],
    ["a short prompt fits", { a: { contextWindow: 41 } }, {}, { tokens: 10 }, "a"],
    [
      "a long one where there is room",
      { a: { contextWindow: 4000 }, b: { contextWindow: 8000 } },
      {},
      { tokens: 5000 },
      "b -a (its context window is too small)",
    ],
    ["and for its answer", { a: { contextWindow: 8000 }, b: {} }, {}, { tokens: 5000, answer: 4000 }, "b -a (its context window is too small)"],
    [
      "an answer is no longer than it writes any",
      { a: { contextWindow: 8000, profile: mergeProfiles({ maxOutput: 1000 }) }, b: {} },
      {},
      { tokens: 5000, answer: 4000 },
      "a b",
    ],
    [
      "as its prompts turned out to be",
      { a: { contextWindow: 8000 }, b: {} },
      { a: { tokenFactor: 1.7 } },
      { tokens: 5000 },
      "b -a (its context window is too small)",
    ],
    ["which may be less", { a: { contextWindow: 4000 }, b: {} }, { a: { tokenFactor: 0.7 } }, { tokens: 5000 }, "a b"],
    [
      "who can do what it needs",
      { a: { abilities: ["tools"] }, b: { abilities: ["images", "tools"] } },
      {},
      { needs: ["images"] },
      "b -a (it cannot do what this needs)",
    ],
    ["or might", { a: { abilities: [] }, b: {} }, {}, { needs: ["images"] }, "b -a (it cannot do what this needs)"],
    ["what nobody has read goes anywhere", { a: { abilities: [], contextWindow: 1 } }, {}, undefined, "a"],
    [
      "those that could not do it anyway are not counted among the well",
      { a: { contextWindow: 100 }, b: { contextWindow: 100 }, c: {} },
      { c: { rests: "down" } },
      { tokens: 5000 },
      "c -a (its context window is too small) -b (its context window is too small)",
    ],
  ])("%s", (_name, deployments, standings, prompt, expected) => {
    expect(told(deployments, standings, prompt)).toBe(expected);
  });

  test("a caller who never uses a cloud service: our own machines, even where all others are well", () => {
    const own = (more: Partial<Deployment> = {}) => ({ service: testService("own", { local: true }), ...more });
    const rows: readonly [deployments: TestDeployments, standings: Record<string, TestStanding>, expected: string][] = [
      [{ a: {}, b: own() }, {}, "b -a (it is a cloud service, and this key never uses one)"],
      [{ a: {}, b: own() }, { b: { rests: "down" } }, "b -a (it is a cloud service, and this key never uses one)"],
      [{ a: own({ profile: mergeProfiles({ remote: true }) }), b: own() }, {}, "b -a (it is a cloud service, and this key never uses one)"],
      [
        { a: {}, b: own({ hours: NIGHT }) },
        {},
        ' -a (it is a cloud service, and this key never uses one) -b (it is outside its hours) not-scheduled: "m" is not scheduled now. It can be asked from 2026-11-20T22:00:00.000Z on.',
      ],
      [
        { a: {} },
        {},
        ' -a (it is a cloud service, and this key never uses one) model-not-found: "m" is served by cloud services only, and this API key never uses one (local_only). Choose a model that runs on your own machines: GET /v1/models lists them.',
      ],
    ];
    const caller = { keyId: "k", keyName: "k", role: "member", localOnly: true } as const;
    for (const [deployments, standings, expected] of rows) expect(told(deployments, standings, undefined, [], { caller })).toBe(expected);
  });

  test("a last resort says so, and why it rests", () => {
    const { targets } = testRanker({ standings: { a: { rests: "down" }, b: { rests: "quota used up" } } }).rank(modelOf({ a: {}, b: {}, c: {} }), CHAT);
    expect(targets.map(({ why }) => why)).toEqual([
      "the only one",
      "a last resort, as more than half rest: its turn (down)",
      "a last resort, as more than half rest: next in turn (quota used up)",
    ]);
  });

  test.each<[string, boolean, TestDeployments, TestPrompt]>([
    ["no window, no abilities", false, { a: {}, b: {} }, { tokens: 1e6 }],
    ["a prompt of fewer bytes than the smallest window has tokens", false, { a: { contextWindow: 4001 }, b: {} }, { tokens: 1000 }],
    ["a longer one", true, { a: { contextWindow: 4000 }, b: {} }, { tokens: 1000 }],
    ["abilities are told", true, { a: { abilities: [] }, b: {} }, {}],
  ])("is the prompt read? %s: %p", (_name, expected, deployments, wanted) => {
    const prompt = testPrompt(wanted);
    testRanker().rank(modelOf(deployments), { ...CHAT, prompt });
    expect(prompt.read).toBe(expected);
  });
});

describe("nobody", () => {
  test.each<[string, TestDeployments, TestPrompt, string]>([
    [
      "too long for all: the largest window",
      { a: { contextWindow: 4000 }, b: { contextWindow: 8000 } },
      { tokens: 9000 },
      "context-overflow: This model's maximum context length is 8000 tokens. However, you requested 9000 tokens, as estimated. Shorten the prompt, or choose a model with a larger window.",
    ],
    [
      "with its answer",
      { a: { contextWindow: 8000 } },
      { tokens: 5000, answer: 4000 },
      "context-overflow: This model's maximum context length is 8000 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion), as estimated. Shorten the prompt, or choose a model with a larger window.",
    ],
    [
      "no eyes",
      { a: { abilities: [] }, b: { abilities: ["tools"] } },
      { needs: ["images", "tools"] },
      'invalid-request: No deployment of "m" that may be asked can do all this request needs: images, tools. Choose a model that can.',
    ],
    [
      "too long for those with eyes",
      { a: { abilities: [] }, b: { contextWindow: 4000 } },
      { needs: ["images"], tokens: 5000 },
      "context-overflow: This model's maximum context length is 4000 tokens. However, you requested 5000 tokens, as estimated. Shorten the prompt, or choose a model with a larger window.",
    ],
    [
      "asleep, all that could",
      { a: { contextWindow: 4000 }, b: { hours: NIGHT } },
      { tokens: 5000 },
      'not-scheduled: "m" is not scheduled now. It can be asked from 2026-11-20T22:00:00.000Z on.',
    ],
    ["asleep for ever", { a: { hours: { ...NIGHT, days: [] } } }, {}, 'not-scheduled: "m" is not scheduled on any day.'],
  ])("%s", (_name, deployments, prompt, expected) => {
    expect(told(deployments, {}, prompt).split(") ").at(-1)).toBe(expected);
  });

  test("has anything left: what is used up, and when there is some again", () => {
    const standings = { a: { rests: "its 2 requests a minute are used up", usedUpUntil: 41_000 }, b: { rests: "its key: rate-limited", usedUpUntil: 40_001 } };
    const { nobody } = testRanker({ standings }).rank(modelOf({ a: {}, b: {}, c: { hours: NIGHT } }), CHAT);
    expect([nobody?.kind, nobody?.facts.retryAfter, nobody?.message]).toEqual([
      "rate-limited",
      41,
      '"m" has nothing left for now (a: its 2 requests a minute are used up; b: its key: rate-limited). Ask again in 41 s.',
    ]);
  });

  test("has anything left of many: a few are named", () => {
    const standings = Object.fromEntries(["a", "b", "c", "d", "e"].map((id) => [id, { rests: "quota", usedUpUntil: 1000 }]));
    const { nobody } = testRanker({ standings }).rank(modelOf({ a: {}, b: {}, c: {}, d: {}, e: {} }), CHAT);
    expect(nobody?.message).toBe('"m" has nothing left for now (a: quota; b: quota; c: quota; and 2 more). Ask again in 1 s.');
  });

  test("says when it opens", () => {
    const { nobody } = testRanker().rank(modelOf({ a: { hours: NIGHT }, b: { hours: { ...NIGHT, from: 21 * 60 } } }), CHAT);
    expect(nobody?.facts.retryAfter).toBe(9 * 3600);
  });

  test("a rule that allows only what is not there", () => {
    expect(told({ a: {} }, {}, undefined, [{ when: {}, only: "gone" }])).toBe(
      ' -a (the rule wants others only) no-healthy-deployment: rule 1 of "m" allows only gone, and that can do nothing here.',
    );
  });

  test("somebody may be asked: there is nothing to say", () => {
    expect(testRanker().rank(modelOf({ a: {} }), CHAT).nobody).toBeUndefined();
  });
});
