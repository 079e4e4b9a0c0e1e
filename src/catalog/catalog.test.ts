import { describe, expect, test } from "bun:test";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { catalog, type Models, modelsOf } from "./catalog.ts";

const model = (name: string, more: Partial<Model> = {}): Model => ({
  name,
  aliases: [],
  deployments: [],
  fallbacks: [],
  contextFallbacks: [],
  contentFallbacks: [],
  strategy: "weighted",
  rules: [],
  ownedBy: "openai",
  listed: true,
  ...more,
});
const caller = (models?: readonly string[]): Caller => ({ keyId: "k", keyName: "k", admin: false, models });
const over = (models: Models, settling: () => Promise<void> | undefined = () => undefined) => catalog(() => models, settling, 1_700_000_000_999);
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
      0,
    ).find("late", caller());
    models = modelsOf([model("late")]);
    resolve();
    expect((await found).name).toBe("late");
  });
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

test("fallbacks that do not exist are left out", () => {
  const names = over(MODELS);
  expect(names.instead(model("x", { fallbacks: ["mini", "gone", "gpt-4o"] }), "failure").map((each) => each.name)).toEqual(["gpt-4o-mini", "gpt-4o"]);
  expect([names.known("mini"), names.known("gone"), names.known("constructor")]).toEqual([true, false, false]);
});
