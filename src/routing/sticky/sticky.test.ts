import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Caller } from "../../vocabulary/caller.ts";
import type { Sticky } from "../../vocabulary/model.ts";
import type { Ask } from "../ask.ts";
import { CHAT, idsOf, modelOf, sharesOf, type TestDeployments, testRanker } from "../ranking.fixture.ts";
import { testPrompt } from "../standing.fixture.ts";
import { stickyKey } from "./sticky-key.ts";

const caller: Caller = { keyId: "k", keyName: "k", role: "member", userId: "ann" };
const behalf = { endUser: "bob", session: "s-9" };
const prompt = testPrompt({ text: "You are kind. ".repeat(100) });
const headers = (fields: Record<string, string>) => new Headers(fields);

describe("what makes requests belong together", () => {
  test.each<[string, Sticky, Partial<Ask>, string | undefined]>([
    ["a header", { header: "X-Tenant" }, { headers: headers({ "x-tenant": "t1" }) }, "its X-Tenant: t1"],
    ["which is not there", { header: "x-tenant" }, { headers: headers({}) }, undefined],
    ["whom a key vouches for", "user", { caller, behalf }, "its user: bob"],
    ["a key's user", "user", { caller }, "its user: ann"],
    ["nobody", "user", {}, undefined],
    ["Open WebUI's chat", "chat", { headers: headers({ "x-openwebui-chat-id": "c1" }) }, "its chat: c1"],
    ["a session its client is believed", "chat", { behalf }, "its chat: s-9"],
    ["Claude Code's session", "session", { headers: headers({ "x-claude-code-session-id": "s1" }) }, "its session: s1"],
    ["Codex'", "session", { headers: headers({ session_id: "s1" }) }, "its session: s1"],
    ["opencode's", "session", { headers: headers({ "x-session-affinity": "s1" }) }, "its session: s1"],
    ["no session", "session", { caller, prompt }, undefined],
    ["the prompt's beginning", "prefix", { prompt }, `its beginning: ${prompt.text().slice(0, 512)}`],
    ["no prompt", "prefix", { caller }, undefined],
    ["any: a session before all", "auto", { caller, behalf, prompt, headers: headers({ "session-id": "s1", "x-openwebui-chat-id": "c1" }) }, "its session: s1"],
    ["then a chat", "auto", { caller, behalf: { endUser: "bob" }, prompt, headers: headers({ "x-openwebui-chat-id": "c1" }) }, "its chat: c1"],
    ["then an end user", "auto", { caller, behalf: { endUser: "bob" }, prompt }, "its user: bob"],
    ["then the beginning", "auto", { caller, prompt }, `its beginning: ${prompt.text().slice(0, 512)}`],
    ["then the key's user", "auto", { caller, prompt: testPrompt() }, "its user: ann"],
    ["or nothing", "auto", {}, undefined],
  ])("%s", (_name, sticky, ask, expected) => {
    const key = stickyKey(sticky, { ...CHAT, ...ask });
    expect(key && `${key.of}: ${key.words}`).toBe(expected);
  });
});

describe("where they go", () => {
  const model = (deployments: TestDeployments) => modelOf(deployments, { rules: [{ when: {}, sticky: { header: "x-tenant" } }] });
  const ofTenant = (tenant: string): Ask => ({ ...CHAT, headers: headers({ "x-tenant": tenant }) });
  const five = { a: {}, b: {}, c: {}, d: {}, e: {} };
  const rankedFor = (tenant: string, deployments: TestDeployments, rests: readonly string[] = []) =>
    idsOf(testRanker({ standings: Object.fromEntries(rests.map((id) => [id, { rests: "down" }])) }).rank(model(deployments), ofTenant(tenant)));

  test("the same order each time, from every replica", () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9-]{1,36}$/), (tenant) => expect(rankedFor(tenant, five)).toBe(rankedFor(tenant, five))));
  });

  test("when one goes only what it had moves, to who was next", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,36}$/), fc.constantFrom("a", "b", "c", "d", "e"), (tenant, gone) => {
        const before = rankedFor(tenant, five);
        expect(rankedFor(tenant, five, [gone])).toBe(
          before
            .split(" ")
            .filter((id) => id !== gone)
            .join(" "),
        );
      }),
    );
  });

  test("shares are as weights are", () => {
    const ranker = testRanker();
    const m = model({ a: { weight: 3 }, b: {}, c: { weight: 0 } });
    const shares = sharesOf(4000, (time) => ranker.rank(m, ofTenant(`tenant-${time}`)).targets[0]?.deployment.id ?? "");
    expect(Object.keys(shares).sort()).toEqual(["a", "b"]);
    expect(shares["a"]).toBeGreaterThan(2880);
    expect(shares["a"]).toBeLessThan(3120);
  });

  test("only the first tier is theirs; who has no such mark takes turns", () => {
    const ranker = testRanker();
    const m = model({ a: {}, b: {}, c: { tier: 1 } });
    const { targets } = ranker.rank(m, ofTenant("t1"));
    expect(targets.map(({ why }) => why)).toEqual(["sticky by its x-tenant", "next by its x-tenant", "tier 1: the only one"]);
    expect([idsOf(ranker.rank(m, CHAT)), idsOf(ranker.rank(m, CHAT))]).toEqual(["a b c", "b a c"]);
  });

  test("who keeps what a request goes on from comes before all", () => {
    const ranked = (holder: string) => testRanker().rank(model(five), { ...ofTenant("t1"), holder });
    for (const holder of ["a", "b", "c", "d", "e"]) expect(ranked(holder).targets[0]?.deployment.id).toBe(holder);
  });
});
