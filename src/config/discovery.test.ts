import { expect, test } from "bun:test";
import { PROVIDERS, profileFor, serviceFor } from "../providers/index.ts";
import { candidates, type Probe } from "./discovery.ts";
import { environmentOf } from "./environment/environment.ts";
import { loadConfig } from "./file/load.ts";
import { initialSnapshot, resolveConfig } from "./snapshot/snapshot.ts";

const BOOK = { kinds: PROVIDERS, serviceFor, profileFor };
type Answers = Readonly<Record<string, { readonly status: number; readonly text: string }>>;

/** A neighbourhood that answers as told and notes who was asked with what. */
function neighbourhood(answers: Answers) {
  const asked: { url: string; headers: Readonly<Record<string, string>>; deadline: number }[] = [];
  const probe: Probe = async (url, headers, deadline) => {
    asked.push({ url, headers, deadline });
    const answer = answers[url];
    if (answer === undefined) throw new Error("connection refused");
    return answer;
  };
  return { probe, asked };
}

async function resolve(variables: Readonly<Record<string, string>>, answers: Answers, config?: string) {
  const { probe, asked } = neighbourhood(answers);
  const loaded = loadConfig({
    variables,
    kinds: PROVIDERS.map((provider) => provider.kind),
    readFile: () => config ?? "",
    exists: (path) => config !== undefined && path === "signalbox.yaml",
  });
  return { ...(await resolveConfig(loaded, { book: BOOK, probe })), asked };
}

const ids = (...names: string[]) => ({ status: 200, text: JSON.stringify({ data: names.map((id) => ({ id })) }) });
const OPENAI = "https://api.openai.com/v1/models";
const OLLAMA = "http://127.0.0.1:11434/api/tags";

const ROWS: readonly [
  what: string,
  variables: Record<string, string>,
  answers: Answers,
  row: { provider: string; found: boolean; why: string; models: string[] },
][] = [
  ["no key", {}, {}, { provider: "openai", found: false, why: "OPENAI_API_KEY is not set", models: [] }],
  ["no key by either name", {}, {}, { provider: "gemini", found: false, why: "GEMINI_API_KEY is not set (nor GOOGLE_GEMINI_API_KEY)", models: [] }],
  ["a placeholder", { OPENAI_API_KEY: "your_key_here" }, {}, { provider: "openai", found: false, why: "OPENAI_API_KEY holds a placeholder", models: [] }],
  ["a key", { OPENAI_API_KEY: "k" }, { [OPENAI]: ids("gpt-4o") }, { provider: "openai", found: true, why: "OPENAI_API_KEY", models: ["gpt-4o"] }],
  [
    "a key and a base URL",
    { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://mock:9/v1/" },
    { "http://mock:9/v1/models": ids("m") },
    { provider: "openai", found: true, why: "OPENAI_API_KEY, OPENAI_BASE_URL", models: ["m"] },
  ],
  [
    "a key that is refused",
    { OPENAI_API_KEY: "k" },
    { [OPENAI]: { status: 401, text: "{}" } },
    { provider: "openai", found: false, why: "OPENAI_API_KEY: api.openai.com refused the key", models: [] },
  ],
  [
    "a service that does not list",
    { OPENAI_API_KEY: "k" },
    { [OPENAI]: { status: 404, text: "<html>" } },
    {
      provider: "openai",
      found: true,
      why: "OPENAI_API_KEY; api.openai.com answered 404 when asked for its models; offering its well-known models",
      models: ["gpt-4o-mini", "gpt-4o", "gpt-5-mini", "gpt-5", "text-embedding-3-small"],
    },
  ],
  [
    "no way out to the internet",
    { ANTHROPIC_API_KEY: "k" },
    {},
    {
      provider: "anthropic",
      found: true,
      why: "ANTHROPIC_API_KEY; nothing answers at api.anthropic.com; offering its well-known models",
      models: ["claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"],
    },
  ],
  [
    "a service that never lists",
    { PERPLEXITY_API_KEY: "k" },
    {},
    {
      provider: "perplexity",
      found: true,
      why: "PERPLEXITY_API_KEY; lists no models; offering its well-known ones",
      models: ["sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"],
    },
  ],
  ["no Ollama about", {}, {}, { provider: "ollama", found: false, why: "nothing answers at 127.0.0.1:11434", models: [] }],
  [
    "Ollama about",
    {},
    { [OLLAMA]: { status: 200, text: '{"models":[{"name":"llama3.2:latest"}]}' } },
    { provider: "ollama", found: true, why: "tried at http://127.0.0.1:11434", models: ["llama3.2:latest"] },
  ],
  [
    "Ollama without models",
    {},
    { [OLLAMA]: { status: 200, text: '{"models":[]}' } },
    { provider: "ollama", found: true, why: "tried at http://127.0.0.1:11434; 127.0.0.1:11434 lists no models", models: [] },
  ],
  [
    "a base URL without scheme",
    { OLLAMA_BASE_URL: "box:11434" },
    {},
    { provider: "ollama", found: false, why: "OLLAMA_BASE_URL: the base URL does not begin with http:// or https://", models: [] },
  ],
  ["no vLLM named", {}, {}, { provider: "vllm", found: false, why: "VLLM_API_BASE is not set (nor VLLM_BASE_URL, HOSTED_VLLM_API_BASE)", models: [] }],
  [
    "vLLM named and silent",
    { VLLM_API_BASE: "http://gpu:8000/v1" },
    {},
    { provider: "vllm", found: false, why: "VLLM_API_BASE: nothing answers at gpu:8000", models: [] },
  ],
  [
    "vLLM named and there",
    { VLLM_API_BASE: "http://gpu:8000" },
    { "http://gpu:8000/v1/models": ids("Qwen/Qwen3") },
    { provider: "vllm", found: true, why: "VLLM_API_BASE", models: ["Qwen/Qwen3"] },
  ],
  [
    "Azure, which does not say what is deployed",
    { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: "https://a.openai.azure.com" },
    {},
    {
      provider: "azure",
      found: true,
      why: "AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT; lists no models: name them under models in signalbox.yaml",
      models: [],
    },
  ],
];

test.each(ROWS)("%s", async (_what, variables, answers, expected) => {
  const { rows } = await resolve(variables, answers);
  expect(rows.find((row) => row.provider === expected.provider)).toMatchObject(expected);
});

test("the neighbourhood is asked for nothing but what the environment speaks of, and Ollama, with the key and a deadline", async () => {
  const { asked } = await resolve({ OPENAI_API_KEY: "k" }, {});
  expect(asked).toEqual([
    { url: OPENAI, headers: { authorization: "Bearer k" }, deadline: 3000 },
    { url: OLLAMA, headers: {}, deadline: 3000 },
  ]);
});

test("candidates look at no network and hold no key in their reasons", () => {
  const found = candidates(
    environmentOf({ GROQ_API_KEY: "gsk-secret" }, () => ""),
    PROVIDERS,
  );
  expect(found.filter((one) => "service" in one).map((one) => one.kind.kind)).toEqual(["groq", "ollama"]);
  expect(JSON.stringify(found.map((one) => ("why" in one ? one.why : one.source)))).not.toContain("gsk-secret");
});

const BOTH = { OPENAI_API_KEY: "k", OPENROUTER_API_KEY: "r" };
const BOTH_LIST = { [OPENAI]: ids("gpt-4o", "o4-mini"), "https://openrouter.ai/api/v1/models": ids("gpt-4o", "openai/gpt-4o") };

test("names are as the provider gives them, or provider/name; what two list is served by both in table order", async () => {
  const { snapshot } = await resolve(BOTH, BOTH_LIST);
  const served = [...snapshot.models.values()].map((model) => [model.name, model.listed, model.deployments.map((one) => one.id)]);
  expect(served).toEqual([
    ["gpt-4o", true, ["openai/gpt-4o", "openrouter/gpt-4o"]],
    ["openai/gpt-4o", true, ["openai/gpt-4o", "openrouter/openai/gpt-4o"]],
    ["o4-mini", true, ["openai/o4-mini"]],
    ["openai/o4-mini", false, ["openai/o4-mini"]],
    ["openrouter/gpt-4o", false, ["openrouter/gpt-4o"]],
    ["openrouter/openai/gpt-4o", false, ["openrouter/openai/gpt-4o"]],
  ]);
  expect(snapshot.models.get("o4-mini")?.deployments[0]?.profile.sampling).toBe("fixed");
  expect(snapshot.services.get("openai")).toMatchObject({ baseUrl: "https://api.openai.com/v1", keys: [{ headers: { authorization: "Bearer k" } }] });
});

const DEFAULTS: readonly [provider: string, model: string | undefined, notice: string | undefined][] = [
  ["openrouter", "gpt-4o", undefined],
  ["OpenAI", "gpt-4o", undefined],
  ["You", undefined, "PROVIDER=You names no provider in force (openai, openrouter): requests must name a model."],
];

test.each(DEFAULTS)("PROVIDER=%s: a request without a model gets %p", async (provider, model, notice) => {
  const { snapshot } = await resolve({ ...BOTH, PROVIDER: provider }, BOTH_LIST);
  expect(snapshot.defaultModel).toBe(model);
  expect(snapshot.notices).toEqual(notice === undefined ? [] : [notice]);
});

test("a default model that nobody offers is told, and no reason not to start", async () => {
  const { snapshot } = await resolve({ OPENAI_API_KEY: "k" }, { [OPENAI]: ids("gpt-4o") }, "routing: { default_model: gpt-4 }");
  expect(snapshot.defaultModel).toBeUndefined();
  expect(snapshot.notices).toEqual(["default_model gpt-4 is not offered by any provider found: requests must name a model."]);
});

test("before anybody was asked: errors are known, models are not", () => {
  const load = (text: string) =>
    loadConfig({ variables: {}, kinds: PROVIDERS.map((one) => one.kind), readFile: () => text, exists: (path) => path === "signalbox.yaml" });
  expect(initialSnapshot(load(""), BOOK)).toMatchObject({ complete: false, snapshot: { models: new Map(), notices: [] } });
  const named = "providers: { openai: { api_key: k } }\nmodels: { m: { deployments: [{ provider: openai, model: m }] } }\n";
  expect(initialSnapshot(load(named), BOOK).complete).toBe(true);
  expect(() => initialSnapshot(load("providers: { openai: {} }"), BOOK)).toThrow("OpenAI needs a key.");
});

test("providers in the file and no models: each is asked for its models, and nobody else", async () => {
  const config = "providers:\n  gpu-box: { kind: vllm, base_url: 'http://gpu:8000' }\n  other: { kind: vllm, base_url: 'http://off:8000' }\n";
  const { snapshot, rows, asked } = await resolve({ OPENAI_API_KEY: "k" }, { "http://gpu:8000/v1/models": ids("llama") }, config);
  expect(asked.map((one) => one.url)).toEqual(["http://gpu:8000/v1/models", "http://off:8000/v1/models"]);
  expect([...snapshot.models.keys()]).toEqual(["llama", "gpu-box/llama"]);
  expect(rows.map((row) => [row.provider, row.found, row.why])).toEqual([
    ["gpu-box", true, "in the config"],
    ["other", false, "nothing answers at off:8000"],
  ]);
});

test("models in the file: nobody is asked", async () => {
  const config = "providers: { openai: {} }\nmodels: { m: { deployments: [{ provider: openai, model: gpt-4o }] } }\n";
  const { snapshot, rows, asked } = await resolve({ OPENAI_API_KEY: "k" }, {}, config);
  expect(asked).toEqual([]);
  expect(rows).toEqual([]);
  expect([...snapshot.models.keys()]).toEqual(["m"]);
});

test("a deployment takes as many inputs in one call as its max_batch says, or any number", async () => {
  const config = `providers: { gpu: { kind: vllm, base_url: "http://gpu:8000" } }
models:
  bge-m3: { deployments: [{ provider: gpu, model: BAAI/bge-m3, max_batch: 32 }, { provider: gpu, model: other }] }
`;
  const { snapshot } = await resolve({}, {}, config);
  expect(snapshot.models.get("bge-m3")?.deployments.map(({ maxBatch }) => maxBatch)).toEqual([32, undefined]);
});
