import { describe, expect, test } from "bun:test";
import type { Deployment } from "../vocabulary/deployment.ts";
import type { DialectName } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import { testDeployment, testModel, testService } from "../vocabulary/model.fixture.ts";
import type { Model } from "../vocabulary/model.ts";
import { mergeProfiles, type Profile } from "../vocabulary/profile.ts";
import type { Operation, Route, Routes } from "../vocabulary/service.ts";
import { everyone, idsOf as ids, testRanker, CHAT as WANTED } from "./ranking.fixture.ts";
import type { TestStanding } from "./standing.fixture.ts";

const CHAT: Route = { dialect: "openai-chat", path: "/chat/completions" };
const deployment = (id: string, weight = 1, routes: Routes = { chat: [CHAT] }): Deployment =>
  testDeployment(id, { weight, service: testService(id, { routes }) });
const model = (name: string, ...deployments: Deployment[]): Model => testModel(name, deployments);
const alone = () => testRanker();

describe("turns", () => {
  test.each<[Record<string, number>, string]>([
    [{ a: 1, b: 1 }, "abab"],
    [{ a: 2, b: 1 }, "abaaba"],
    [{ a: 5, b: 1, c: 1 }, "aabacaa"],
    [{ a: 1, b: 0 }, "aaa"],
  ])("%j are taken smoothly", (weights, turns) => {
    const { rank } = alone();
    const m = model("m", ...Object.entries(weights).map(([id, weight]) => deployment(id, weight)));
    const firsts = [...turns].map(() => rank(m, WANTED).targets[0]?.deployment.id).join("");
    expect(firsts).toBe(turns);
  });

  test("over many turns each gets its share, and every deployment is always a target", () => {
    const { rank } = alone();
    const m = model("m", deployment("a", 7), deployment("b", 2), deployment("c", 1));
    const count: Record<string, number> = {};
    for (let turn = 0; turn < 1000; turn++) {
      const { targets } = rank(m, WANTED);
      expect(targets.length).toBe(3);
      const first = targets[0]?.deployment.id ?? "";
      count[first] = (count[first] ?? 0) + 1;
    }
    expect(count).toEqual({ a: 700, b: 200, c: 100 });
  });

  test("models do not share their turns", () => {
    const { rank } = alone();
    const [a, b] = [deployment("a"), deployment("b")];
    const [x, y] = [model("x", a, b), model("y", a, b)];
    expect([ids(rank(x, WANTED)), ids(rank(y, WANTED)), ids(rank(x, WANTED))]).toEqual(["a b", "a b", "b a"]);
  });
});

describe("of fifty", () => {
  const fifty = model("m", ...Array.from({ length: 50 }, (_, index) => deployment(`d${index}`)));

  test("the first few are put in order, the others when somebody asks for them", () => {
    const ranking = alone().rank(fifty, WANTED);
    expect(ids(ranking)).toBe("d0 d1");
    const all = everyone(ranking).map((each) => each.deployment.id);
    expect(all.toSorted()).toEqual(fifty.deployments.map(({ id }) => id).toSorted());
    expect(ranking.lower()).toBe(ranking.lower());
  });

  test("whoever asks for the others takes nobody's turn", () => {
    const { rank } = alone();
    const firsts = Array.from({ length: 100 }, () => {
      const ranking = rank(fifty, WANTED);
      ranking.lower();
      return ranking.targets[0]?.deployment.id;
    });
    expect(firsts).toEqual([...fifty.deployments, ...fifty.deployments].map(({ id }) => id));
  });

  test("who rests by then is not among the others", () => {
    const rows: Record<string, TestStanding> = {};
    const ranking = testRanker({ standings: rows }).rank(fifty, WANTED);
    rows["d7"] = { rests: "down" };
    expect(ranking.lower().map((each) => each.deployment.id)).not.toContain("d7");
    expect(ranking.lower().length).toBe(47);
  });

  test("a fallback is asked of others only", () => {
    const other = model("n", deployment("d40"), deployment("e"));
    expect(
      testRanker({ instead: () => [other] })
        .rank(fifty, WANTED)
        .instead("failure")
        .map((each) => each.deployment.id),
    ).toEqual(["e"]);
  });
});

test("who keeps what a request goes on from comes first, wherever it stands, and if it is there", () => {
  const m = model("m", deployment("a"), deployment("b", 0), deployment("c", 0));
  const ranked = (holder: string) => alone().rank(m, { ...WANTED, holder });
  expect(ids(ranked("c"))).toBe("c a b");
  expect(ranked("c").targets[0]?.why).toBe("it keeps what this goes on from");
  expect(ids(ranked("gone"))).toBe("a b c");
});

describe("operations", () => {
  const COMPLETIONS: Route = { dialect: "openai-completions", path: "/completions" };
  test.each<[string, Operation, Routes, string | undefined]>([
    ["its own route", "completions", { chat: [CHAT], completions: [COMPLETIONS] }, "/completions"],
    ["chat stands in for completions", "completions", { chat: [CHAT] }, "/chat/completions"],
    ["but not for embeddings", "embeddings", { chat: [CHAT] }, undefined],
    ["nor completions for chat", "chat", { completions: [COMPLETIONS] }, undefined],
  ])("%s", (_name, operation, routes, path) => {
    const ranked = () => alone().rank(model("m", deployment("a", 1, routes)), { ...WANTED, operation });
    if (path !== undefined) expect(ranked().targets[0]?.route.path).toBe(path);
    else expect(ranked).toThrow(Failure);
  });

  const MESSAGES: Route = { dialect: "anthropic-messages", path: "/messages" };
  const RESPONSES: Route = { dialect: "openai-responses", path: "/responses" };
  test.each<[string, DialectName, Partial<Profile>, string | undefined]>([
    ["a client is served in its own dialect where that is spoken", "anthropic-messages", {}, "/messages"],
    ["else in the first", "gemini", {}, "/chat/completions"],
    ["or in the one it understands best", "gemini", { translatedTo: "openai-responses" }, "/responses"],
    ["which is not for those whose own is spoken", "openai-chat", { translatedTo: "openai-responses" }, "/chat/completions"],
    ["a model that exists in one dialect only is asked in that", "openai-chat", { dialect: "openai-responses" }, "/responses"],
    ["and nowhere it is not spoken", "openai-chat", { dialect: "ollama" }, undefined],
  ])("%s", (_name, dialect, profile, path) => {
    const plain = deployment("a", 1, { chat: [CHAT, MESSAGES, RESPONSES] });
    const ranked = () => alone().rank(model("m", { ...plain, profile: mergeProfiles(plain.profile, profile) }), { operation: "chat", dialect });
    if (path !== undefined) expect(ranked().targets[0]?.route.path).toBe(path);
    else expect(ranked).toThrow(Failure);
  });

  const EMBEDDINGS: Route = { dialect: "openai-embeddings", path: "/embeddings" };
  test.each<[Operation, string]>([
    ["completions", "/responses"],
    ["embeddings", "/embeddings"],
  ])("the one dialect of a model leaves %s to %s", (operation, path) => {
    const plain = deployment("a", 1, { chat: [CHAT, RESPONSES], completions: [COMPLETIONS], embeddings: [EMBEDDINGS] });
    const only = { ...plain, profile: mergeProfiles({ dialect: "openai-responses" }) };
    expect(alone().rank(model("m", only), { operation, dialect: "openai-completions" }).targets[0]?.route.path).toBe(path);
  });

  test("deployments that cannot do it are passed over", () => {
    expect(ids(alone().rank(model("m", deployment("a", 1, {}), deployment("b")), WANTED))).toBe("b");
  });
});
