import { expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import type { Probe } from "../discovery.ts";
import { loadConfig } from "../file/load.ts";
import { resolveConfig, type Snapshot } from "./snapshot.ts";

const BOOK = { kinds: PROVIDERS, serviceFor, profileFor };
const HEAD = "providers: { openai: { api_key: k }, groq: { api_key: g }, perplexity: { api_key: p } }\nmodels:\n";
const OPENAI = "https://api.openai.com/v1/models";
const GROQ = "https://api.groq.com/openai/v1/models";
type Lists = Readonly<Record<string, readonly string[]>>;

/** The snapshot of these models, and who was asked. Providers without a list do not answer. */
async function resolve(models: string, lists: Lists = {}): Promise<{ snapshot: Snapshot; asked: string[] }> {
  const asked: string[] = [];
  const probe: Probe = async (url) => {
    asked.push(url);
    const list = lists[url];
    if (list === undefined) throw new Error("connection refused");
    return { status: 200, text: JSON.stringify({ data: list.map((id) => ({ id })) }) };
  };
  const kinds = PROVIDERS.map((provider) => provider.kind);
  const loaded = loadConfig({ variables: {}, kinds, readFile: () => HEAD + models, exists: (path) => path === "signalbox.yaml" });
  return { snapshot: (await resolveConfig(loaded, { book: BOOK, probe })).snapshot, asked };
}

test("a wildcard makes the model of the real name, with that name's profile", async () => {
  const { snapshot } = await resolve("  openai/*: { deployments: [{ provider: openai, model: '*' }], fallbacks: [openai/gpt-4o], price: { input: 1 } }\n");
  const [wildcard] = snapshot.wildcards;
  expect(wildcard).toMatchObject({ pattern: "openai/*", template: { name: "openai/*", deployments: [{ id: "openai/*" }] } });
  const made = wildcard?.make("o4-mini");
  expect(made).toMatchObject({ name: "openai/o4-mini", listed: false, ownedBy: "openai", fallbacks: ["openai/gpt-4o"], price: { prices: [{ input: 1e9 }] } });
  expect(made?.deployments.map(({ id, model, profile }) => [id, model, profile.sampling])).toEqual([["openai/o4-mini", "o4-mini", "fixed"]]);
  expect(wildcard?.make("gpt-4o").fallbacks).toEqual([]);
  expect(wildcard?.make("$&").deployments[0]?.model).toBe("$&");
});

test("a rule that chooses a wildcard's deployment chooses the one it makes", async () => {
  const { snapshot } = await resolve(
    "  o/*: { deployments: [{ provider: openai, model: '*' }, { provider: groq, model: '*', tags: [t] }], rules: [{ when: { tag: a }, only: groq/* }, { prefer: t }] }\n",
  );
  expect(snapshot.wildcards[0]?.make("x").rules.map(({ prefer, only }) => [prefer, only])).toEqual([
    [undefined, "groq/x"],
    ["t", undefined],
  ]);
});

test("the wildcard that says most comes first; none is a model itself", async () => {
  const { snapshot } = await resolve(
    "  '*': { deployments: [{ provider: openai, model: '*' }] }\n  claude-*: { deployments: [{ provider: groq, model: llama }] }\n  m: { deployments: [{ provider: openai, model: m }] }\n",
  );
  expect(snapshot.wildcards.map(({ pattern }) => pattern)).toEqual(["claude-*", "*"]);
  expect([...snapshot.models.keys()]).toEqual(["m"]);
  expect(snapshot.wildcards[0]?.make("haiku").deployments[0]?.id).toBe("groq/llama");
});

test("its real names are those its provider lists, when they lead to it", async () => {
  const { snapshot, asked } = await resolve(
    `  openai/*: { deployments: [{ provider: openai, model: "*" }] }
  openai/gpt-*: { deployments: [{ provider: openai, model: "gpt-*" }, { provider: groq, model: "openai/gpt-*" }] }
  mine: { aliases: [openai/o4-mini], deployments: [{ provider: openai, model: o4-mini }] }
`,
    { [OPENAI]: ["gpt-4o", "o4-mini", "o3", "bad\nname"], [GROQ]: ["openai/gpt-oss-120b", "llama-3"] },
  );
  expect(asked.toSorted()).toEqual([GROQ, OPENAI]);
  expect([...snapshot.models.values()].map(({ name, listed, deployments }) => [name, listed, deployments.map(({ id }) => id)])).toEqual([
    ["mine", true, ["openai/o4-mini"]],
    ["openai/gpt-4o", true, ["openai/gpt-4o"]],
    ["openai/gpt-oss-120b", true, ["groq/openai/gpt-oss-120b"]],
    ["openai/o3", true, ["openai/o3"]],
  ]);
});

const PLACES: readonly [what: string, lists: Lists, ids: string[]][] = [
  ["nobody says what it has: all", {}, ["openai/x", "groq/x", "perplexity/x"]],
  ["one says it has it: not who says otherwise", { [OPENAI]: ["x"], [GROQ]: ["y"] }, ["openai/x", "perplexity/x"]],
  ["those say they have it not: who does not say", { [OPENAI]: ["y"], [GROQ]: ["y"] }, ["perplexity/x"]],
];

test.each(PLACES)("where a name goes when %s", async (_what, lists, ids) => {
  const { snapshot } = await resolve(
    "  '*': { deployments: [{ provider: openai, model: '*' }, { provider: groq, model: '*' }, { provider: perplexity, model: '*' }] }\n",
    lists,
  );
  expect(snapshot.wildcards[0]?.make("x").deployments.map(({ id }) => id)).toEqual(ids);
});

test("when all say they have it not, they are asked all the same", async () => {
  const { snapshot } = await resolve("  '*': { deployments: [{ provider: openai, model: '*' }] }\n", { [OPENAI]: ["y"] });
  expect(snapshot.wildcards[0]?.make("x-latest").deployments.map(({ id }) => id)).toEqual(["openai/x-latest"]);
});

test("a model at a provider again, at other hours, is another deployment", async () => {
  const deployments =
    '[{ provider: openai, model: m, hours: { from: "00:00", to: "08:00" } }, { provider: groq, model: m }, { provider: openai, model: m, price: { input: 2 } }]';
  const { snapshot, asked } = await resolve(`  m: { deployments: ${deployments} }\n`);
  expect(snapshot.models.get("m")?.deployments.map(({ id, model }) => [id, model])).toEqual([
    ["openai/m", "m"],
    ["groq/m", "m"],
    ["openai/m#2", "m"],
  ]);
  expect(asked).toEqual([]);
});
