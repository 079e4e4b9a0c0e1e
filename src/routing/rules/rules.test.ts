import { describe, expect, test } from "bun:test";
import type { Caller } from "../../vocabulary/caller.ts";
import { testService } from "../../vocabulary/model.fixture.ts";
import type { Conditions, Rule } from "../../vocabulary/model.ts";
import type { Ask } from "../ask.ts";
import { CHAT, idsOf, modelOf, testRanker } from "../ranking.fixture.ts";
import { testPrompt } from "../standing.fixture.ts";

const caller: Caller = { keyId: "k", keyName: "k", role: "member", userId: "ann", source: "n8n" };
const headers = (fields: Record<string, string>) => new Headers(fields);
/** Does a request go where a rule with these conditions sends it? */
const isMeant = (when: Conditions, ask: Partial<Ask>) =>
  idsOf(testRanker().rank(modelOf({ a: {}, b: {} }, { rules: [{ when, prefer: "b" }] }), { ...CHAT, ...ask })) === "b a";

describe("a rule is for", () => {
  test.each<[string, Conditions, Partial<Ask>, boolean]>([
    ["all, when it says nothing", {}, {}, true],
    ["long prompts", { promptTokensOver: 4096 }, { prompt: testPrompt({ tokens: 4097 }) }, true],
    ["not for others", { promptTokensOver: 4096 }, { prompt: testPrompt({ tokens: 4096 }) }, false],
    ["short ones", { promptTokensUnder: 100 }, { prompt: testPrompt({ tokens: 99 }) }, true],
    ["not for others", { promptTokensUnder: 100 }, { prompt: testPrompt({ tokens: 100 }) }, false],
    ["those between", { promptTokensOver: 10, promptTokensUnder: 100 }, { prompt: testPrompt({ tokens: 50 }) }, true],
    ["no prompt that nobody has read", { promptTokensUnder: 100 }, {}, false],
    ["a key's source", { source: ["webui", "n8n"] }, { caller }, true],
    ["whatever a header says then", { source: ["webui"] }, { caller, headers: headers({ "x-signalbox-source": "webui" }) }, false],
    ["a header's, of a key without", { source: ["webui"] }, { headers: headers({ "x-signalbox-source": "webui" }) }, true],
    ["no source at all", { source: ["webui"] }, { headers: headers({}) }, false],
    ["a key's user", { user: ["ann"] }, { caller }, true],
    ["whom it vouches for", { user: ["bob"] }, { caller, behalf: { endUser: "bob" } }, true],
    ["and nobody else", { user: ["eve"] }, { caller, behalf: { endUser: "bob" } }, false],
    ["a tag", { tag: ["batch"] }, { headers: headers({ "x-signalbox-tags": "nightly, batch" }) }, true],
    ["a whole one", { tag: ["batch"] }, { headers: headers({ "x-signalbox-tags": "batches" }) }, false],
    ["an ability", { ability: ["images", "audio"] }, { prompt: testPrompt({ needs: ["audio"] }) }, true],
    ["no other", { ability: ["images"] }, { prompt: testPrompt({ needs: ["tools"] }) }, false],
    ["a time", { hours: { from: 11 * 60, to: 13 * 60, timeZone: "UTC" } }, {}, true],
    ["no other", { hours: { from: 13 * 60, to: 14 * 60, timeZone: "UTC" } }, {}, false],
    ["all of it together", { source: ["n8n"], user: ["eve"] }, { caller }, false],
  ])("%s", (_name, when, ask, expected) => {
    expect(isMeant(when, ask)).toBe(expected);
  });

  test("prompts as long as such prompts turned out to be", () => {
    const ranker = testRanker({ standings: { a: { tokenFactor: 1.5 }, b: { tokenFactor: 1 } } });
    const m = modelOf({ a: {}, b: {} }, { rules: [{ when: { promptTokensOver: 140 }, only: "b" }] });
    expect(idsOf(ranker.rank(m, { ...CHAT, prompt: testPrompt({ tokens: 100 }) }))).toBe("b");
  });

  test.each<[string, boolean, Conditions]>([
    ["short by its bytes", false, { promptTokensOver: 400 }],
    ["short by its bytes, as wanted", false, { promptTokensUnder: 401 }],
    ["perhaps long", true, { promptTokensOver: 399 }],
    ["of no matter", false, { source: ["n8n"], promptTokensOver: 1 }],
  ])("is a prompt read that is %s: %p", (_name, expected, when) => {
    const prompt = testPrompt({ tokens: 100 });
    isMeant(when, { prompt });
    expect(prompt.read).toBe(expected);
  });
});

describe("what it wants", () => {
  const deployments = {
    small: { tags: ["batch"], service: testService("gpu") },
    large: { service: testService("gpu") },
    cloud: { tier: 1, tags: ["batch"], service: testService("openai") },
    spare: { weight: 0, service: testService("spare") },
  };
  const ranked = (rules: readonly Rule[], rests: readonly string[] = []) =>
    testRanker({ standings: Object.fromEntries(rests.map((id) => [id, { rests: "down" }])) }).rank(modelOf(deployments, { rules }), CHAT);

  test.each<[string, readonly Rule[], string]>([
    ["nothing", [], "small large cloud spare"],
    ["a tag first, across tiers", [{ when: {}, prefer: "batch" }], "small cloud large spare"],
    ["a provider first", [{ when: {}, prefer: "openai" }], "cloud small large spare"],
    ["an id first, even one without weight", [{ when: {}, prefer: "spare" }], "spare small large cloud"],
    ["a tag and nothing else", [{ when: {}, only: "batch" }], "small cloud"],
    ["one among them first", [{ when: {}, only: "gpu", prefer: "large" }], "large small"],
    [
      "the first that matches counts",
      [
        { when: { source: ["x"] }, only: "spare" },
        { when: {}, prefer: "large" },
        { when: {}, only: "spare" },
      ],
      "large small cloud spare",
    ],
    ["what is not there is not preferred", [{ when: {}, prefer: "gone" }], "small large cloud spare"],
  ])("%s", (_name, rules, expected) => {
    expect(idsOf(ranked(rules))).toBe(expected);
  });

  test("says so", () => {
    expect(ranked([{ when: {}, prefer: "batch" }]).targets.map(({ why }) => why)).toEqual([
      "rule 1 prefers batch: the only one",
      "rule 1 prefers batch: tier 1: the only one",
      "the only one",
      "a last resort, having no weight: the only one",
    ]);
  });

  test("the rule that counts tells who is served first where all are full", () => {
    const priorities = [
      [],
      [{ when: {} }],
      [{ when: {}, priority: 10 }],
      [
        { when: { source: ["x"] }, priority: 10 },
        { when: {}, priority: -5 },
      ],
    ].map((rules) => ranked(rules).priority);
    expect(priorities).toEqual([0, 0, 10, -5]);
  });

  test("prefer goes elsewhere when those rest, only does not", () => {
    expect(idsOf(ranked([{ when: {}, prefer: "batch" }], ["small", "cloud"]))).toBe("large spare");
    expect(idsOf(ranked([{ when: {}, only: "batch" }], ["small"]))).toBe("cloud");
    expect(idsOf(ranked([{ when: {}, only: "batch" }], ["small", "cloud"]))).toBe("small cloud"); // the last resort
  });
});
