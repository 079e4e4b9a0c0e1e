import { describe, expect, test } from "bun:test";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { testDeployment, testModel } from "../vocabulary/model.fixture.ts";
import type { Model } from "../vocabulary/model.ts";
import { filled, type Wildcard } from "../vocabulary/wildcard.ts";
import { catalog } from "./catalog.ts";
import { type Models, modelsOf } from "./models.ts";

const model = (name: string, more: Partial<Model> = {}): Model => testModel(name, [], { ownedBy: "openai", ...more });
const caller = (models?: readonly string[]): Caller => ({ keyId: "k", keyName: "k", role: "member", models });
const CLOCK = { now: () => 1_700_000_000_999 };
const over = (models: Models, settling: () => Promise<void> | undefined = () => undefined) => catalog(() => models, settling, CLOCK);
const MODELS = modelsOf([model("gpt-4o-mini", { aliases: ["mini", "gpt-4"] }), model("gpt-4o", { fallbacks: ["mini", "gone"] }), model("llama/3:8b")]);

async function failing(of: () => unknown): Promise<Failure> {
  try {
    await of();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

describe("finding a model", () => {
  test.each<[string, string, string]>([
    ["by its name", "gpt-4o", "gpt-4o"],
    ["by an alias", "mini", "gpt-4o-mini"],
    ["with any characters in its name", "llama/3:8b", "llama/3:8b"],
  ])("%s", async (_name, asked, found) => {
    expect((await over(MODELS).find(asked, caller())).name).toBe(found);
  });

  test("none named: the default, if there is one", async () => {
    expect((await over({ ...MODELS, defaultModel: "mini" }).find("", caller())).name).toBe("gpt-4o-mini");
    expect(await failing(() => over(MODELS).find("", caller()))).toMatchObject({ kind: "invalid-request", facts: { param: "model" } });
  });

  test.each<[string, string, readonly string[] | undefined, string]>([
    ["names the nearest", "gpt-4o-mimi", undefined, 'Did you mean "gpt-4o-mini"?'],
    ["but no far one", "claude-opus", undefined, "GET /v1/models lists"],
    ["and none the key may not use", "gpt-4o-mimi", ["llama/3:8b"], "GET /v1/models lists"],
    ["is the same for a model of somebody else's", "gpt-4o", ["llama/3:8b"], 'The model "gpt-4o" does not exist, or this key may not use it.'],
  ])("an unknown one %s", async (_name, asked, allowed, says) => {
    const failure = await failing(() => over(MODELS).find(asked, caller(allowed)));
    expect(failure).toMatchObject({ kind: "model-not-found", facts: { param: "model" } });
    expect(failure.message).toContain(says);
  });

  test("a long name is not said back whole", async () => {
    expect((await failing(() => over(MODELS).find("x".repeat(1e6), caller()))).message.length).toBeLessThan(400);
  });

  test("a key that may use a model may use its aliases, and the other way round only the alias", async () => {
    expect((await over(MODELS).find("mini", caller(["gpt-4o-mini"]))).name).toBe("gpt-4o-mini");
    expect((await over(MODELS).find("mini", caller(["mini"]))).name).toBe("gpt-4o-mini");
    expect((await failing(() => over(MODELS).find("gpt-4o-mini", caller(["mini"])))).kind).toBe("model-not-found");
  });

  test("a name not known yet waits for discovery", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let models = modelsOf([]);
    const found = catalog(
      () => models,
      () => promise,
      CLOCK,
    ).find("late", caller());
    models = modelsOf([model("late")]);
    resolve();
    expect((await found).name).toBe("late");
  });
});

/** A wildcard of one deployment at the provider it is named after. */
function wildcard(pattern: string, more: Partial<Model> = {}): Wildcard {
  const id = `at-${pattern}`;
  return {
    pattern,
    template: testModel(pattern, [testDeployment(id)]),
    make: (star) => testModel(filled(pattern, star), [testDeployment(filled(id, star))], { listed: false, ...more }),
  };
}

describe("wildcards", () => {
  const WILD = modelsOf([model("gpt-4o", { aliases: ["claude-4"] }), model("openai/o3")], {
    wildcards: [wildcard("openai/*"), wildcard("claude-*"), wildcard("*")],
  });
  const names = over(WILD);

  test.each<[string, string, string | undefined]>([
    ["an exact name wins", "openai/o3", undefined],
    ["an alias wins", "claude-4", undefined],
    ["the first that fits", "openai/gpt-4o", "at-openai/gpt-4o"],
    ["another", "claude-5", "at-claude-5"],
    ["the widest at last", "llama", "at-llama"],
  ])("%s: %s", async (_what, name, id) => {
    expect((await names.find(name, caller())).deployments[0]?.id).toBe(id);
  });

  test("a name asked for twice is one model", async () => {
    expect(await names.find("openai/x", caller())).toBe(await names.find("openai/x", caller()));
  });

  test.each<[string, readonly string[], boolean]>([
    ["openai/x", ["openai/*"], true],
    ["openai/x", ["openai/x"], true],
    ["openai/x", ["*"], true],
    ["llama", ["openai/*"], false],
    ["claude-4", ["gpt-*"], true],
    ["gpt-4o", ["claude-*"], false],
  ])("%s for a key that may use %j: %p", async (name, allowed, may) => {
    if (may) expect((await names.find(name, caller(allowed))).name).toBe(name === "claude-4" ? "gpt-4o" : name);
    else expect((await failing(() => names.find(name, caller(allowed)))).kind).toBe("model-not-found");
  });

  test.each(["x".repeat(257), "a\nb", "\u0000"])("%j is nobody's name", async (name) => {
    expect((await failing(() => names.find(name, caller()))).kind).toBe("model-not-found");
  });

  test("what strangers make up is not known, and not listed", async () => {
    await names.find("made-up", caller());
    expect(["gpt-4o", "claude-4", "made-up", "openai/*", "*"].map(names.known)).toEqual([true, true, false, false, false]);
    expect((await names.list(caller())).map(({ id }) => id)).toEqual(["gpt-4o", "openai/o3", "claude-4"]);
    expect(await names.describe("made-up", caller())).toEqual({ id: "made-up", ownedBy: "test", created: 1_700_000_000 });
  });

  test("a deployment is found again by its id, whoever asked for it first", () => {
    expect(over(WILD).deployment("at-openai/never-seen")?.id).toBe("at-openai/never-seen");
    expect(over(WILD).deployment("elsewhere/x")).toBeUndefined();
  });

  test("fallbacks may be made too", () => {
    expect(names.instead(model("x", { fallbacks: ["openai/y"] }), "failure").map((each) => each.name)).toEqual(["openai/y"]);
  });
});

describe("hours", () => {
  const noon = { from: 720, to: 780, timeZone: "UTC" };
  const at = (time: string) => Date.parse(`2026-11-21T${time}Z`);
  const MIXED = modelsOf([
    testModel("noon", [testDeployment("a", { hours: noon })], { aliases: ["midday"] }),
    testModel("always", [testDeployment("b", { hours: noon }), testDeployment("c")]),
    testModel("never", [testDeployment("d", { hours: { ...noon, days: [] } })]),
  ]);
  const clock = { now: () => at("11:59:59.000") };
  const names = catalog(
    () => MIXED,
    () => undefined,
    clock,
  );
  const ids = async (all?: boolean) => (await names.list(caller(), all)).map(({ id, availableFrom }) => [id, availableFrom]);

  test("a model that cannot be called at this hour is listed only among all, with the time from which it can", async () => {
    clock.now = () => at("11:59:59.000");
    expect(await ids()).toEqual([["always", undefined]]);
    expect(await ids(true)).toEqual([
      ["noon", at("12:00:00")],
      ["always", undefined],
      ["never", Date.parse("9999-12-31T23:59:59Z")],
      ["midday", at("12:00:00")],
    ]);
    clock.now = () => at("12:00:00");
    expect(await ids()).toEqual([
      ["noon", undefined],
      ["always", undefined],
      ["midday", undefined],
    ]);
  });
});

describe("with engines of ours", () => {
  const MINUTE = 60_000;
  const now = CLOCK.now();
  const engineAt = (name: string, more = {}) => testDeployment(name, { engine: name, ...more });
  const MIXED = modelsOf([
    testModel("one", [engineAt("a")]),
    testModel("two", [engineAt("a"), engineAt("b")]),
    testModel("by-another", [engineAt("a")], { outsideSchedule: { alias: "two" } }),
    testModel("cloud-too", [engineAt("a"), testDeployment("c")]),
  ]);
  const opens = new Map<string, number | undefined>();
  const names = catalog(
    () => MIXED,
    () => undefined,
    { ...CLOCK, engineOpens: (engine) => opens.get(engine) },
  );
  const ids = async (all?: boolean) => (await names.list(caller(), all)).map(({ id, availableFrom }) => [id, availableFrom]);
  const HOUSES: readonly [what: string, a: number | undefined, b: number | undefined, listed: string[], from: (number | undefined)[]][] = [
    ["all may run", 0, 0, ["one", "two", "by-another", "cloud-too"], [undefined, undefined, undefined, undefined]],
    ["one may not", now + MINUTE, 0, ["two", "by-another", "cloud-too"], [now + MINUTE, undefined, undefined, undefined]],
    ["none may", now + MINUTE, now + 2 * MINUTE, ["by-another", "cloud-too"], [now + MINUTE, now + MINUTE, undefined, undefined]],
    ["one never may again", undefined, now + MINUTE, ["by-another", "cloud-too"], [253_402_300_799_000, now + MINUTE, undefined, undefined]],
    ["all may once more", now, now, ["one", "two", "by-another", "cloud-too"], [undefined, undefined, undefined, undefined]],
  ];
  test.each(HOUSES)("%s", async (_what, a, b, listed, from) => {
    opens.set("a", a).set("b", b);
    expect((await ids()).map(([id]) => id)).toEqual(listed);
    expect((await ids(true)).map(([, availableFrom]) => availableFrom)).toEqual(from);
    expect(await names.list(caller())).toBe(await names.list(caller()));
  });
});

test("a list is made once for the same models and the same rights", async () => {
  const names = over(MODELS);
  const first = await names.list(caller());
  expect(await names.list(caller())).toBe(first);
  const few = await names.list(caller(["mini"]));
  expect(few).not.toBe(first);
  expect(await names.list(caller(["mini"]))).toBe(few);
  expect(await names.list(caller(), true)).not.toBe(first);
});

test("new models make a new list", async () => {
  let models = MODELS;
  const names = catalog(
    () => models,
    () => undefined,
    CLOCK,
  );
  await names.list(caller());
  models = modelsOf([model("new")]);
  expect((await names.list(caller())).map(({ id }) => id)).toEqual(["new"]);
});

test("the list holds names and aliases, each once, in seconds since 1970", async () => {
  expect(await over(MODELS).list(caller())).toEqual([
    { id: "gpt-4o-mini", ownedBy: "openai", created: 1_700_000_000 },
    { id: "gpt-4o", ownedBy: "openai", created: 1_700_000_000 },
    { id: "llama/3:8b", ownedBy: "openai", created: 1_700_000_000 },
    { id: "mini", ownedBy: "openai", created: 1_700_000_000, aliasOf: "gpt-4o-mini" },
    { id: "gpt-4", ownedBy: "openai", created: 1_700_000_000, aliasOf: "gpt-4o-mini" },
  ]);
  expect((await over(MODELS).list(caller(["mini"]))).map((row) => row.id)).toEqual(["mini"]);
});

test("of two models with one name the first counts, and a name wins over an alias", () => {
  const first = model("a");
  const models = modelsOf([first, model("a"), model("b", { aliases: ["a", "c"] }), model("d", { aliases: ["c"] })]);
  expect(models.byName.get("a")).toBe(first);
  expect([...models.byAlias].map(([alias, of]) => `${alias}=${of.name}`)).toEqual(["c=b"]);
});

test.each<[Model["outsideSchedule"], string]>([
  [undefined, "gpt-4o"],
  ["reject", ""],
  ["queue", ""],
  [{ alias: "mini" }, "gpt-4o-mini gpt-4o"],
])("outside the hours of a model that says %j there is %j instead of it", (outsideSchedule, names) => {
  const asked = model("x", { outsideSchedule, fallbacks: ["gpt-4o"] });
  const instead = (of: "failure" | "closed") =>
    over(MODELS)
      .instead(asked, of)
      .map(({ name }) => name)
      .join(" ");
  expect([instead("closed"), instead("failure")]).toEqual([names, "gpt-4o"]);
});

test("fallbacks that do not exist are left out", () => {
  const names = over(MODELS);
  expect(names.instead(model("x", { fallbacks: ["mini", "gone", "gpt-4o"] }), "failure").map((each) => each.name)).toEqual(["gpt-4o-mini", "gpt-4o"]);
  expect([names.known("mini"), names.known("gone"), names.known("constructor")]).toEqual([true, false, false]);
});
