import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import { loadConfig } from "../file/load.ts";
import { ConfigError, problemText } from "../file/problem.ts";
import { readTree } from "../file/tree.ts";
import { resolveConfig } from "../snapshot/snapshot.ts";
import { fromLiteLLM } from "./convert.ts";
import { configText } from "./write.ts";

const FOLDER = join(import.meta.dir, "fixtures");
const NAMES = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".yaml") && !file.endsWith(".signalbox.yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));
const theirs = (name: string) => readFileSync(join(FOLDER, `${name}.yaml`), "utf8");

/** Everything the fixtures refer to. */
const VARIABLES = Object.fromEntries(
  "OPENAI_API_KEY ANTHROPIC_API_KEY GEMINI_API_KEY GROQ_API_KEY AZURE_EU_KEY AZURE_US_KEY REDIS_HOST REDIS_PASSWORD LITELLM_MASTER_KEY TOGETHER_SECRET"
    .split(" ")
    .map((name) => [name, `value-of-${name.toLowerCase().replaceAll("_", "-")}`]),
);

const kinds = PROVIDERS.map((provider) => provider.kind);
const load = (text: string, variables: Readonly<Record<string, string>> = VARIABLES) =>
  loadConfig({ file: "config.yaml", variables, kinds, facts: PROVIDERS, readFile: () => text, exists: () => false });

async function snapshotOf(text: string) {
  const probe = () => Promise.reject(new Error("no network in this test"));
  const loaded = load(text);
  return { loaded, snapshot: (await resolveConfig(loaded, { book: { kinds: PROVIDERS, serviceFor, profileFor }, probe })).snapshot };
}

/** What is written of a LiteLLM config, and what is told about the rest. */
function imported(text: string): { text: string; remarks: string[] } {
  const { tree, notices } = fromLiteLLM(readTree({ file: "config.yaml", text }), PROVIDERS);
  return { text: configText(tree.value, "Written by signalbox import litellm from config.yaml."), remarks: notices.map(problemText) };
}

describe.each(NAMES)("%s", (name) => {
  test("becomes the file beside it", () => {
    expect(imported(theirs(name)).text).toBe(readFileSync(join(FOLDER, `${name}.signalbox.yaml`), "utf8"));
  });

  test("read as it is makes the same as what is written of it, without a problem", async () => {
    const direct = await snapshotOf(theirs(name));
    const written = await snapshotOf(imported(theirs(name)).text);
    expect(direct.loaded.settings).toEqual(written.loaded.settings);
    expect([...direct.snapshot.models.values()]).toEqual([...written.snapshot.models.values()]);
    expect([...direct.snapshot.services.values()]).toEqual([...written.snapshot.services.values()]);
    expect(direct.snapshot.wildcards.map(({ pattern }) => pattern)).toEqual(written.snapshot.wildcards.map(({ pattern }) => pattern));
    expect(written.loaded.notices).toEqual([]);
    expect(direct.loaded.notices).toEqual(imported(theirs(name)).remarks);
  });
});

/** `a: b` below `litellm_params` of the one model, or a whole section, and what becomes of it. */
const entry = (params: string, info = "") =>
  `model_list:\n  - model_name: m\n    litellm_params: { model: gpt-4o, ${params} }\n${info === "" ? "" : `    model_info: { ${info} }\n`}`;
const PARAMETERS: readonly [params: string, info: string, deployment: Record<string, unknown>][] = [
  ["rpm: 5, tpm: '600'", "", { requests_per_minute: 5, tokens_per_minute: 600 }],
  ["max_parallel_requests: 3, weight: 0.5, order: 2", "", { max_concurrent: 3, weight: 0.5, priority: 2 }],
  ["tags: [a, b]", "", { tags: ["a", "b"] }],
  ["timeout: 0.5, stream_timeout: 90", "", { profile: { deadlines: { total: 500, first_token: 90_000 } } }],
  ["timeout: os.environ/SECONDS", "", { profile: { deadlines: { total: 7000 } } }],
  ["input_cost_per_token: 1.5e-07, output_cost_per_token: 0", "", { price: { input: 0.15, output: 0 } }],
  ["", "input_cost_per_token: 3e-06, cache_creation_input_token_cost: 0.00000375", { price: { input: 3, cache_write: 3.75 } }],
  ["", "input_cost_per_request: 0.01", { price: { per_request: 0.01 } }],
  ["", "cache_read_input_token_cost: 0.00000375", {}],
  ["", "max_input_tokens: 8192, max_output_tokens: 1024", { context_window: 8192, profile: { max_output: 1024 } }],
  ["", "supports_vision: true", {}],
  ["", "supports_vision: False, supports_reasoning: 'false'", { abilities: ["tools", "audio", "files", "json_schema"] }],
];

test.each(PARAMETERS)("of { %s } and { %s } becomes %j", (params, info, deployment) => {
  const { settings } = load(entry(params, info), { ...VARIABLES, SECONDS: "7" });
  const defaults = { provider: "openai", model: "gpt-4o", weight: 1, priority: 0, tags: [], max_queue: 100 };
  expect(settings.models["m"]?.deployments[0]).toEqual({ ...defaults, ...deployment } as typeof defaults);
});

const PLACES: readonly [params: string, provider: Record<string, unknown>, model: string][] = [
  ["model: gpt-4o", { openai: {} }, "gpt-4o"],
  ["model: claude-sonnet-4-5", { anthropic: {} }, "claude-sonnet-4-5"],
  ["model: openrouter/anthropic/claude-haiku-4.5", { openrouter: {} }, "anthropic/claude-haiku-4.5"],
  ["model: openai/gpt-4o, api_base: https://api.openai.com/v1", { openai: { base_url: "https://api.openai.com/v1" } }, "gpt-4o"],
  ["model: openai/meta/opt, api_base: 'http://box/v1'", { "openai-compatible": { base_url: "http://box/v1" } }, "meta/opt"],
  ["model: meta/opt, api_base: 'http://box/v1'", { "openai-compatible": { base_url: "http://box/v1" } }, "meta/opt"],
  ["model: meta/opt, custom_llm_provider: hosted_vllm, api_base: 'http://box'", { vllm: { base_url: "http://box" } }, "meta/opt"],
  ["model: fireworks_ai/x, base_url: 'http://f/v1'", { fireworks_ai: { kind: "openai-compatible", base_url: "http://f/v1" } }, "x"],
  ["model: azure/d, api_base: 'https://a.openai.azure.com/openai/v1/'", { azure: { base_url: "https://a.openai.azure.com" } }, "d"],
  [
    "model: azure/d, api_base: 'https://a.openai.azure.com/openai/deployments/d?x', api_version: 2024-06-01",
    { azure: { base_url: "https://a.openai.azure.com", api_version: "2024-06-01", deployment_paths: true } },
    "d",
  ],
  ["model: ollama/mistral, api_base: os.environ/BOX", { ollama: { base_url: "http://box:11434" } }, "mistral"],
];

test.each(PLACES)("{ %s } is at %j", (params, providers, model) => {
  const { settings } = load(`model_list: [{ model_name: m, litellm_params: { ${params} } }]`, { ...VARIABLES, BOX: "http://box:11434" });
  expect(settings.providers).toEqual(providers as typeof settings.providers);
  expect(settings.models["m"]?.deployments[0]?.model).toBe(model);
});

const SECTIONS: readonly [section: string, path: string, value: unknown][] = [
  ["router_settings: { routing_strategy: latency-based-routing }", "routing.strategy", "fastest"],
  ["router_settings: { routing_strategy: cost-based-routing }", "routing.strategy", "cheapest"],
  ["router_settings: { num_retries: 0 }", "routing.attempts", 1],
  ["litellm_settings: { num_retries: 99 }", "routing.attempts", 20],
  ["router_settings: { retry_after: 5 }", "routing.backoff_ms", [5000, 5000]],
  ["router_settings: { allowed_fails: 0, cooldown_time: 45 }", "routing.breaker", { enabled: true, failures: 1, window: 60_000, open: 45_000 }],
  ["litellm_settings: { request_timeout: 90 }", "routing.deadlines.total", 90_000],
  ["router_settings: { redis_url: 'redis://u' }", "redis.url", "redis://u"],
  ["router_settings: { redis_host: h, redis_password: 'p@' }", "redis.url", "redis://:p%40@h:6379/0"],
  ["litellm_settings: { cache: true, cache_params: { type: redis, host: h, port: 1, ssl: true } }", "redis.url", "rediss://h:1/0"],
  ["litellm_settings: { cache: true }\nenvironment_variables: { REDIS_HOST: h }", "redis.url", "redis://h:6379/0"],
  ["litellm_settings: { cache: true, cache_params: { type: local, ttl: 60.5 } }", "cache.ttl", 60_500],
  ["litellm_settings: { cache: false, cache_params: { type: redis } }", "cache.enabled", false],
  ["litellm_settings: { cache: true, cache_params: { type: local, mode: default_off } }", "cache.enabled", false],
  ["general_settings: { master_key: sk-1 }", "auth.admin_key", "sk-1"],
];

test.each(SECTIONS)("%s sets %s to %j", (section, path, value) => {
  const { settings } = load(`${entry("rpm: 1")}${section}\n`, { OPENAI_API_KEY: "k" });
  expect(path.split(".").reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], settings)).toEqual(value);
});

test("what could not be carried over is told with its place and, where there is one, a way", () => {
  expect(imported(theirs("odds-and-ends")).remarks).toEqual(readFileSync(join(FOLDER, "odds-and-ends.txt"), "utf8").trimEnd().split("\n"));
});

test("an error of ours names the place in their file", () => {
  const told = (text: string) => {
    try {
      load(text, {});
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems.map(problemText);
      throw error;
    }
  };
  expect(told("model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/m\n      api_key: os.environ/NO_KEY\n      api_base: box\n")).toEqual([
    "config.yaml:5:16 providers.openai-compatible.api_key: the environment variable NO_KEY is not set. Set NO_KEY, or write ${NO_KEY:-} to go on without it.",
    "config.yaml:6:17 providers.openai-compatible.base_url: expected a URL that begins with http:// or https://.",
  ]);
});
