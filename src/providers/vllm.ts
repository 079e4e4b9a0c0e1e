import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS, RERANK_ROUTE } from "./relay-routes.ts";

export const vllm: Provider = {
  kind: "vllm",
  title: "vLLM",
  // Seeds and manuals give its address with and without /v1.
  version: { path: "/v1", when: "unversioned" },
  keyVariables: ["VLLM_API_KEY", "HOSTED_VLLM_API_KEY"],
  baseUrlVariables: ["VLLM_API_BASE", "VLLM_BASE_URL", "HOSTED_VLLM_API_BASE"],
  keyRequired: false,
  authorize: bearer,
  // Rerankers answer at /rerank, /v1/rerank and /v2/rerank alike; speech models hear, they do not speak (OpenAI-compatible server page).
  routes: { ...OPENAI_ROUTES, ...RERANK_ROUTE, transcriptions: OPENAI_RELAYS.transcriptions, translations: OPENAI_RELAYS.translations },
  listing: { path: "/models", read: readModelIds },
  // At the root: 200 while its engine lives (OpenAI-compatible server page).
  health: "../health",
  selfHosted: true,
  isOwnAt: () => true,
  // Most chat templates know no developer role; older releases know max_tokens only, newer ones know both.
  litellm: { names: ["hosted_vllm", "vllm"] },
  profile: { family: "vllm", developerRole: false, rename: { max_completion_tokens: "max_tokens" }, maxStops: 64 },
  families: [],
  knownModels: [],
};
