import { describe, expect, test } from "bun:test";
import { isLocal } from "../vocabulary/deployment.ts";
import { testDeployment } from "../vocabulary/model.fixture.ts";
import type { Profile } from "../vocabulary/profile.ts";
import type { RelayOperation, Route, Service } from "../vocabulary/service.ts";
import { PROVIDERS, profileFor, type ServiceRequest, serviceFor } from "./index.ts";

const PROFILES: readonly [kind: string, model: string, expected: Partial<Profile>][] = [
  ["openai", "gpt-4o-mini", { sampling: "free", thinking: "none", maxOutput: 16_384, drop: ["top_k", "min_p"], rename: {} }],
  ["openai", "o4-mini", { sampling: "fixed", thinking: "effort", thinkingOff: false, rename: { max_tokens: "max_completion_tokens" }, maxOutput: 100_000 }],
  ["openai", "gpt-5-nano", { sampling: "fixed", thinking: "effort", thinkingOff: false, maxOutput: 128_000 }],
  ["openai", "gpt-5-2025-08-07", { sampling: "fixed", thinkingOff: false }],
  ["openai", "gpt-5.6-sol", { sampling: "fixed", thinking: "effort", thinkingOff: true, rename: { max_tokens: "max_completion_tokens" } }],
  ["openai", "gpt-5-nano", { efforts: ["minimal", "low", "medium", "high"] }],
  ["openai", "gpt-5-pro", { efforts: ["high"], thinkingOff: false }],
  ["openai", "gpt-5-pro-2025-10-06", { dialect: "openai-responses" }],
  ["openai", "gpt-5.2-pro", { dialect: "openai-responses", efforts: ["medium", "high", "xhigh"], thinkingOff: false }],
  ["openai", "gpt-5.5-pro-2026-04-23", { dialect: "openai-responses" }],
  ["openai", "o1-pro", { dialect: "openai-responses", thinking: "effort" }],
  ["openai", "o3-pro-2025-06-10", { dialect: "openai-responses", thinking: "effort" }],
  ["openai", "o3-deep-research", { dialect: "openai-responses" }],
  ["openai", "o4-mini-deep-research-2025-06-26", { dialect: "openai-responses" }],
  ["openai", "computer-use-preview", { dialect: "openai-responses", thinking: "none" }],
  ["openai", "codex-mini-latest", { dialect: "openai-responses", thinking: "effort", efforts: ["low", "medium", "high"], thinkingOff: false }],
  ["openai", "gpt-5-codex", { dialect: "openai-responses", efforts: ["low", "medium", "high"], thinkingOff: false }],
  ["openai", "gpt-5.1-codex-mini", { dialect: "openai-responses", thinkingOff: false }],
  ["openai", "gpt-5.1-codex-max", { dialect: "openai-responses", efforts: ["low", "medium", "high", "xhigh"] }],
  ["openai", "gpt-5.3-codex", { dialect: "openai-responses", efforts: ["low", "medium", "high", "xhigh"] }],
  ["openai", "gpt-5.6-cyber", { dialect: "openai-responses" }],
  ["azure", "gpt-5-codex", { dialect: "openai-responses", family: "azure" }],
  ["openai", "gpt-5.1", { efforts: ["low", "medium", "high"], thinkingOff: true }],
  ["openai", "gpt-5.2", { efforts: ["low", "medium", "high", "xhigh"] }],
  ["openai", "gpt-5.6-terra", { efforts: ["low", "medium", "high", "xhigh", "max"] }],
  ["openai", "gpt-5-chat-latest", { sampling: "free", thinking: "none", rename: { max_tokens: "max_completion_tokens" } }],
  ["openai", "gpt-image-1.5", { deadlines: { firstToken: 300_000, idle: 300_000, total: 1_800_000 } }],
  ["openai", "text-embedding-3-small", { sampling: "free", family: "openai" }],
  ["azure", "gpt-5-mini", { sampling: "fixed", rename: { max_tokens: "max_completion_tokens" } }],
  ["anthropic", "claude-3-opus-20240229", { thinking: "none", maxOutput: 4096, maxTemperature: 1, sampling: "free", prefill: true }],
  ["anthropic", "claude-3-5-haiku-20241022", { thinking: "none", maxOutput: 8192, sampling: "free" }],
  ["anthropic", "claude-3-7-sonnet-20250219", { thinking: "budget", maxOutput: 64_000, sampling: "free", prefill: true }],
  ["anthropic", "claude-sonnet-4-20250514", { thinking: "budget", maxOutput: 64_000, sampling: "free", prefill: true, drop: ["output_config", "strict"] }],
  ["anthropic", "claude-opus-4-1-20250805", { thinking: "budget", maxOutput: 32_000, sampling: "free" }],
  [
    "anthropic",
    "claude-haiku-4-5-20251001",
    { thinking: "budget", maxOutput: 64_000, prefill: true, family: "claude", imageUrls: true, toolResultImages: true },
  ],
  ["anthropic", "claude-opus-4-6", { thinking: "adaptive", maxOutput: 128_000, sampling: "free", prefill: false }],
  ["anthropic", "claude-sonnet-4-6", { thinking: "adaptive", sampling: "free", prefill: false }],
  ["anthropic", "claude-opus-4-6", { efforts: ["low", "medium", "high", "max"] }],
  ["anthropic", "claude-opus-5", { efforts: ["low", "medium", "high", "xhigh", "max"] }],
  ["anthropic", "claude-opus-4-7", { thinking: "adaptive", sampling: "fixed", prefill: false, maxOutput: 128_000 }],
  ["anthropic", "claude-opus-4-8-20260501", { thinking: "adaptive", sampling: "fixed", thinkingOff: true, midSystem: true, drop: [] }],
  ["anthropic", "claude-opus-5", { thinking: "adaptive", sampling: "fixed", prefill: false, family: "claude" }],
  ["anthropic", "claude-fable-5", { thinking: "adaptive", sampling: "fixed", thinkingOff: false, midSystem: true }],
  ["anthropic", "claude-opus-4-0", { drop: ["output_config", "strict"], maxOutput: 32_000 }],
  ["gemini", "gemini-2.0-flash", { thinking: "none", maxOutput: 8192, imageUrls: false }],
  ["gemini", "gemini-2.5-flash", { thinking: "budget", thinkingOff: true, maxOutput: 65_536 }],
  ["gemini", "gemini-2.5-pro", { thinking: "budget", thinkingOff: false }],
  ["gemini", "gemini-3-pro-preview", { thinking: "level", thinkingOff: false, toolResultImages: true }],
  ["gemini", "gemini-3-pro-preview", { efforts: ["low", "high"] }],
  ["gemini", "gemini-3.1-pro-preview", { efforts: ["low", "medium", "high"] }],
  ["gemini", "gemini-3-flash-preview", { efforts: ["minimal", "low", "medium", "high"] }],
  ["gemini", "gemini-3.1-flash-lite", { efforts: ["minimal", "low", "medium", "high"] }],
  ["gemini", "gemini-3.7-flash", { efforts: ["low", "medium", "high"] }],
  ["gemini", "gemini-flash-latest", { thinking: "level" }],
  ["mistral", "mistral-large-latest", { streamUsage: "always", thinking: "none", maxTemperature: 1.5, developerRole: false }],
  ["mistral", "magistral-medium-latest", { thinking: "effort" }],
  ["groq", "llama-3.3-70b-versatile", { thinking: "none" }],
  ["groq", "qwen/qwen3-32b", { thinking: "effort", efforts: [] }],
  ["xai", "grok-3-mini", { efforts: ["low", "high"], thinkingOff: false }],
  ["groq", "openai/gpt-oss-120b", { thinking: "effort", efforts: ["low", "medium", "high"], thinkingOff: false }],
  ["xai", "grok-4-fast", { thinking: "none", drop: ["top_k", "min_p", "logit_bias", "presence_penalty", "frequency_penalty", "stop"] }],
  ["xai", "grok-4-1-fast-non-reasoning", { thinking: "none", drop: ["top_k", "min_p", "logit_bias"] }],
  ["xai", "grok-4.3", { thinking: "effort" }],
  ["perplexity", "sonar", { streamUsage: "always", thinking: "none" }],
  ["ollama", "llama3.2:latest", { family: "ollama", streamUsage: "always", imageUrls: false }],
  ["ollama", "gpt-oss:20b", { thinking: "level", thinkingOff: false }],
  ["ollama", "qwen3:8b", { thinking: "adaptive", thinkingOff: true }],
  ["ollama", "qwen3-embedding:0.6b", { thinking: "effort" }],
  ["llama.cpp", "gemma-3", { imageUrls: true, developerRole: false }],
  ["vllm", "Qwen/Qwen3-0.6B", { family: "vllm", developerRole: false, rename: { max_completion_tokens: "max_tokens" } }],
  ["openai-compatible", "anything", { streamUsage: "ask", drop: [], rename: {}, family: "" }],
];

test.each(PROFILES)("%s %s", (kind, model, expected) => {
  expect(profileFor(kind, model)).toMatchObject(expected);
});

test("models of OpenAI's chat are asked in any dialect", () => {
  for (const model of ["o3", "o4-mini", "gpt-4o", "gpt-5", "gpt-5.6-sol", "gpt-5-chat-latest"]) expect(profileFor("openai", model).dialect).toBeUndefined();
});

test("an operator's override wins, and what is dropped adds up once", () => {
  const profile = profileFor("openai", "o4-mini", { sampling: "free", drop: ["top_k", "metadata"], deadlines: { total: 1 } });
  expect(profile.sampling).toBe("free");
  expect(profile.drop.filter((name) => name === "top_k")).toEqual(["top_k"]);
  expect(profile.drop).toContain("metadata");
  expect(profile.deadlines).toEqual({ firstToken: 300_000, idle: 300_000, total: 1 });
});

const URLS: readonly [request: Omit<ServiceRequest, "name">, url: string][] = [
  [{ kind: "openai", keys: ["k"] }, "https://api.openai.com/v1/chat/completions"],
  [{ kind: "openai", keys: ["k"], baseUrl: "http://proxy:8080/" }, "http://proxy:8080/v1/chat/completions"],
  [{ kind: "openai", keys: ["k"], baseUrl: "http://proxy:8080/openai" }, "http://proxy:8080/openai/chat/completions"],
  [{ kind: "anthropic", keys: ["k"] }, "https://api.anthropic.com/v1/messages"],
  [{ kind: "anthropic", keys: ["k"], baseUrl: "http://proxy/v1/" }, "http://proxy/v1/messages"],
  [{ kind: "gemini", keys: ["k"], baseUrl: "http://proxy" }, "http://proxy/v1beta/models/{model}:generateContent"],
  [{ kind: "vllm", baseUrl: "http://10.0.0.5:8000" }, "http://10.0.0.5:8000/v1/chat/completions"],
  [{ kind: "vllm", baseUrl: "http://10.0.0.5:8000/v1/" }, "http://10.0.0.5:8000/v1/chat/completions"],
  [{ kind: "vllm", baseUrl: "http://host/llm" }, "http://host/llm/v1/chat/completions"],
  [{ kind: "ollama" }, "http://127.0.0.1:11434/api/chat"],
  [{ kind: "ollama", baseUrl: "http://box:11434/v1" }, "http://box:11434/api/chat"],
  [{ kind: "azure", keys: ["k"], resource: "acme" }, "https://acme.openai.azure.com/openai/v1/chat/completions"],
  [
    { kind: "azure", keys: ["k"], baseUrl: "https://acme.openai.azure.com/openai/v1/", apiVersion: "preview" },
    "https://acme.openai.azure.com/openai/v1/chat/completions?api-version=preview",
  ],
  [
    { kind: "azure", keys: ["k"], resource: "acme", deploymentPaths: true },
    "https://acme.openai.azure.com/openai/deployments/{model}/chat/completions?api-version=2024-10-21",
  ],
  [{ kind: "groq", keys: ["k"] }, "https://api.groq.com/openai/v1/chat/completions"],
  [{ kind: "deepseek", keys: ["k"] }, "https://api.deepseek.com/chat/completions"],
  [{ kind: "openai-compatible", baseUrl: "http://localhost:1234" }, "http://localhost:1234/v1/chat/completions"],
];

test.each(URLS)("%j chats at %s", (request, url) => {
  const service = serviceFor({ name: "it", ...request });
  if (typeof service === "string") throw new Error(service);
  expect(service.baseUrl + service.routes.chat?.[0]?.path).toBe(url);
});

/** Where the Responses API is spoken, and where its tokens are counted. */
const RESPONSES: readonly [request: Omit<ServiceRequest, "name">, url: string | undefined, counted: string | undefined][] = [
  [{ kind: "openai", keys: ["k"] }, "https://api.openai.com/v1/responses", "https://api.openai.com/v1/responses/input_tokens"],
  [{ kind: "azure", keys: ["k"], resource: "acme" }, "https://acme.openai.azure.com/openai/v1/responses", undefined],
  [{ kind: "azure", keys: ["k"], resource: "acme", apiVersion: "preview" }, "https://acme.openai.azure.com/openai/v1/responses?api-version=preview", undefined],
  [{ kind: "azure", keys: ["k"], resource: "acme", deploymentPaths: true }, undefined, undefined],
  [{ kind: "xai", keys: ["k"] }, "https://api.x.ai/v1/responses", undefined],
  [{ kind: "openai-compatible", baseUrl: "http://box" }, undefined, undefined],
];

test.each(RESPONSES)("%j speaks Responses at %s", (request, url, counted) => {
  const service = serviceFor({ name: "it", ...request });
  if (typeof service === "string") throw new Error(service);
  const at = (routes: readonly Route[] = []) => routes.flatMap(({ dialect, path }) => (dialect === "openai-responses" ? [service.baseUrl + path] : []))[0];
  expect([at(service.routes.chat), at(service.routes["count-tokens"])]).toEqual([url, counted]);
});

const DOES: readonly [request: Omit<ServiceRequest, "name">, operations: readonly RelayOperation[]][] = [
  [{ kind: "openai", keys: ["k"] }, ["moderations", "images", "image-edits", "transcriptions", "translations", "speech"]],
  [{ kind: "azure", keys: ["k"], resource: "acme" }, ["images", "image-edits", "transcriptions", "translations", "speech"]],
  [{ kind: "vllm", baseUrl: "http://gpu" }, ["rerank", "transcriptions", "translations"]],
  [{ kind: "llama.cpp", baseUrl: "http://gpu" }, ["rerank"]],
  [{ kind: "groq", keys: ["k"] }, ["transcriptions", "translations", "speech"]],
  [{ kind: "mistral", keys: ["k"] }, ["moderations", "transcriptions"]],
  [{ kind: "together", keys: ["k"] }, ["rerank", "images", "transcriptions", "translations", "speech"]],
  [{ kind: "xai", keys: ["k"] }, ["images", "image-edits"]],
  [{ kind: "openrouter", keys: ["k"] }, ["rerank", "images", "transcriptions", "speech"]],
  [{ kind: "openai-compatible", baseUrl: "http://it" }, ["rerank", "moderations", "images", "image-edits", "transcriptions", "translations", "speech"]],
  [{ kind: "anthropic", keys: ["k"] }, []],
  [{ kind: "ollama" }, []],
];

test.each(DOES)("%j passes on %j", (request, operations) => {
  const service = serviceFor({ name: "it", ...request });
  if (typeof service === "string") throw new Error(service);
  const chats = ["chat", "completions", "embeddings", "count-tokens"];
  expect(
    Object.keys(service.routes)
      .filter((operation) => !chats.includes(operation))
      .toSorted(),
  ).toEqual(operations.toSorted());
});

const RELAY_URLS: readonly [request: Omit<ServiceRequest, "name">, operation: RelayOperation, url: string][] = [
  [{ kind: "openai", keys: ["k"] }, "image-edits", "https://api.openai.com/v1/images/edits"],
  [{ kind: "vllm", baseUrl: "http://gpu:8000" }, "rerank", "http://gpu:8000/v1/rerank"],
  [{ kind: "openrouter", keys: ["k"] }, "images", "https://openrouter.ai/api/v1/images"],
  [{ kind: "groq", keys: ["k"] }, "speech", "https://api.groq.com/openai/v1/audio/speech"],
  [{ kind: "azure", keys: ["k"], resource: "acme" }, "transcriptions", "https://acme.openai.azure.com/openai/v1/audio/transcriptions"],
  [
    { kind: "azure", keys: ["k"], resource: "acme", deploymentPaths: true, apiVersion: "2025-04-01-preview" },
    "images",
    "https://acme.openai.azure.com/openai/deployments/{model}/images/generations?api-version=2025-04-01-preview",
  ],
];

test.each(RELAY_URLS)("%j does %s at %s", (request, operation, url) => {
  const service = serviceFor({ name: "it", ...request });
  if (typeof service === "string") throw new Error(service);
  expect(service.baseUrl + service.routes[operation]?.[0]?.path).toBe(url);
});

const HEADERS: readonly [kind: string, expected: Record<string, string>][] = [
  ["openai", { authorization: "Bearer k" }],
  ["anthropic", { "anthropic-version": "2023-06-01", "x-api-key": "k" }],
  ["gemini", { "x-goog-api-key": "k" }],
  ["ollama", { authorization: "Bearer k" }],
];

test.each(HEADERS)("%s is authorised by %j", (kind, expected) => {
  expect(serviceFor({ name: "it", kind, keys: ["k"] })).toMatchObject({ keys: [{ name: "", headers: expected }] });
});

test.each<[string, Omit<ServiceRequest, "name">, Service["check"]]>([
  ["a cloud's list", { kind: "openai", keys: ["k"] }, { url: "https://api.openai.com/v1/models", own: false }],
  ["a copy of it on the own network", { kind: "openai", keys: ["k"], baseUrl: "http://10.0.0.7:8080" }, { url: "http://10.0.0.7:8080/v1/models", own: true }],
  ["what its name tells as the own network's", { kind: "mistral", keys: ["k"], baseUrl: "http://mock:80/v1" }, { url: "http://mock:80/v1/models", own: true }],
  ["not what only begins like it", { kind: "openai", keys: ["k"], baseUrl: "https://10.example.com" }, { url: "https://10.example.com/v1/models", own: false }],
  ["vLLM's health, at the root", { kind: "vllm", baseUrl: "http://gpu.example.com:8000" }, { url: "http://gpu.example.com:8000/health", own: true }],
  ["below a proxy's path", { kind: "vllm", baseUrl: "https://example.com/llama/v1" }, { url: "https://example.com/llama/health", own: true }],
  ["llama.cpp's", { kind: "llama.cpp", baseUrl: "http://localhost:8080" }, { url: "http://localhost:8080/health", own: true }],
  ["Ollama's version", { kind: "ollama" }, { url: "http://127.0.0.1:11434/api/version", own: true }],
  ["whatever is compatible", { kind: "openai-compatible", baseUrl: "https://llm.example.com" }, { url: "https://llm.example.com/v1/models", own: true }],
  ["nothing, where nothing is listed", { kind: "azure", keys: ["k"], resource: "r" }, undefined],
])("whether it lives is seen by %s", (_name, request, check) => {
  const service = serviceFor({ name: "it", ...request });
  expect(typeof service === "string" ? service : service.check).toEqual(check);
});

test("what a service lacks is said", () => {
  expect(serviceFor({ name: "it", kind: "openai" })).toBe("OpenAI needs a key.");
  expect(serviceFor({ name: "it", kind: "vllm" })).toBe("vLLM needs a base URL.");
  expect(serviceFor({ name: "it", kind: "azure", keys: ["k"] })).toBe("Azure OpenAI needs a base URL.");
});

const LISTS: readonly [kind: string, answer: unknown, ids: string[]][] = [
  [
    "openai",
    { data: [{ id: "tts-1" }, { id: "gpt-4o" }, { id: "whisper-1" }, { id: "gpt-realtime" }, { id: "sora-2" }, { id: "text-embedding-3-small" }] },
    ["gpt-4o", "text-embedding-3-small", "tts-1", "whisper-1"],
  ],
  ["anthropic", { data: [{ id: "claude-opus-5", type: "model" }], has_more: false }, ["claude-opus-5"]],
  [
    "gemini",
    {
      models: [
        { name: "models/gemini-2.5-flash", supportedGenerationMethods: ["generateContent"] },
        { name: "models/veo", supportedGenerationMethods: ["predict"] },
      ],
    },
    ["gemini-2.5-flash"],
  ],
  ["ollama", { models: [{ name: "llama3.2:latest" }] }, ["llama3.2:latest"]],
  ["together", [{ id: "meta-llama/Llama-3.3-70B-Instruct-Turbo" }], ["meta-llama/Llama-3.3-70B-Instruct-Turbo"]],
  ["vllm", "<html>", []],
  ["vllm", { data: [{ id: 7 }, null] }, []],
];

test.each(LISTS)("%s lists %j as %j", (kind, answer, ids) => {
  expect(PROVIDERS.find((provider) => provider.kind === kind)?.listing?.read(answer)).toEqual(ids);
});

describe("every provider", () => {
  test.each(PROVIDERS.map((provider) => [provider.kind, provider] as const))("%s is one of a kind, tidy and callable", (kind, provider) => {
    expect(PROVIDERS.filter((other) => other.kind === kind)).toHaveLength(1);
    expect(provider.baseUrl ?? "").not.toEndWith("/");
    expect(provider.routes.chat?.[0]?.path).toStartWith("/");
    for (const family of provider.families) expect(family.match.flags).not.toContain("g");
  });
});

test.each<[kind: string, baseUrl: string | undefined, model: string, said: boolean | undefined, expected: boolean]>([
  ["openai", undefined, "gpt-4o", undefined, false],
  ["openai", "http://10.0.0.5:8000/v1", "gpt-4o", undefined, true],
  ["openai-compatible", "https://api.example.com/v1", "m", undefined, false],
  ["openai-compatible", "http://127.0.0.1:8000/v1", "m", undefined, true],
  ["openai-compatible", "http://192.168.1.7/v1", "m", undefined, true],
  ["openai-compatible", "http://engine:8000/v1", "m", undefined, true],
  ["openai-compatible", "http://gpu.lan/v1", "m", undefined, true],
  ["openai-compatible", "http://[::1]:8000/v1", "m", undefined, true],
  ["openai-compatible", "https://gpu.example.com/v1", "m", true, true],
  ["openai-compatible", "http://127.0.0.1:8000/v1", "m", false, false],
  ["vllm", "https://gpu.example.com/v1", "llama", undefined, true],
  ["llama.cpp", "https://gpu.example.com", "llama", undefined, true],
  ["ollama", undefined, "llama3", undefined, true],
  ["ollama", "https://ollama.com", "gpt-oss:120b", undefined, false],
  ["ollama", undefined, "gpt-oss:120b-cloud", undefined, false],
  ["ollama", undefined, "glm-4.6:cloud", true, false],
])("%s at %s, asked for %s, said to be ours: %p: is it? %p", (kind, baseUrl, model, local, expected) => {
  const service = serviceFor({ name: "s", kind, baseUrl, keys: ["k".repeat(20)], local });
  if (typeof service === "string") throw new Error(service);
  expect(isLocal(testDeployment("d", { service, model, profile: profileFor(kind, model) }))).toBe(expected);
});
