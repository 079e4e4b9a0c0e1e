import { describe, expect, test } from "bun:test";
import { install, KINDS } from "./installation.ts";

const OPENAI = "https://api.openai.com/v1/models";
const WILD = "providers: { openai: { api_key: k } }\nmodels: { 'openai/*': { deployments: [{ provider: openai, model: '*' }] } }\n";

/** An installation over a file and a neighbourhood that tests change as they go. */
function installed(text: string) {
  const world: { text: string; lists: Record<string, readonly string[] | undefined>; asked: number } = { text, lists: {}, asked: 0 };
  const installation = install({ variables: {}, kinds: KINDS, readFile: () => world.text, exists: (path) => path === "signalbox.yaml" }, async (url) => {
    world.asked++;
    const list = world.lists[url];
    if (list === undefined) throw new Error("connection refused");
    return { status: 200, text: JSON.stringify({ data: list.map((id) => ({ id })) }) };
  });
  return { world, installation, names: () => [...installation.current().models.byName.keys()] };
}

describe("lists of models", () => {
  test("are asked for in the background, kept while a provider fails, and swapped in when they change", async () => {
    const { world, installation, names } = installed(WILD);
    expect(names()).toEqual([]);
    await installation.settling();
    expect(names()).toEqual([]);
    world.lists[OPENAI] = ["gpt-4o"];
    expect(await installation.refresh()).toBe(true);
    expect(names()).toEqual(["openai/gpt-4o"]);
    const before = installation.current();
    expect(await installation.refresh()).toBe(false);
    expect(installation.current()).toBe(before);
    world.lists[OPENAI] = undefined;
    expect(await installation.refresh()).toBe(false);
    world.lists[OPENAI] = ["gpt-4o", "gpt-5"];
    expect(await installation.refresh()).toBe(true);
    expect(names()).toEqual(["openai/gpt-4o", "openai/gpt-5"]);
  });

  test("outlive a reload of the same provider, and not one of another key", async () => {
    const { world, installation, names } = installed(WILD);
    world.lists[OPENAI] = ["gpt-4o"];
    await installation.settling();
    await installation.refresh();
    world.lists[OPENAI] = undefined;
    await installation.reload();
    expect(names()).toEqual(["openai/gpt-4o"]);
    world.text = WILD.replace("api_key: k", "api_key: other");
    await installation.reload();
    expect(names()).toEqual([]);
  });

  test("are not asked for when the config names all models", async () => {
    const { world, installation, names } = installed(WILD.replace("openai/*", "mine").replace('"*"', "gpt-4o").replace("'*'", "gpt-4o"));
    expect(installation.settling()).toBeUndefined();
    expect(await installation.refresh()).toBe(false);
    expect([names(), world.asked]).toEqual([["mine"], 0]);
  });
});

test("a reload that is not valid changes nothing, and the next one may be", async () => {
  const { world, installation, names } = installed(WILD);
  await installation.settling();
  const before = installation.current();
  world.text = "modles: {}";
  await expect(installation.reload()).rejects.toThrow("Did you mean models?");
  expect(installation.current()).toBe(before);
  world.text = WILD.replace("openai/*", "o/*");
  world.lists[OPENAI] = ["x"];
  await installation.reload();
  expect(names()).toEqual(["o/x"]);
});
