import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

export const vllm: Provider = {
  kind: "vllm",
  title: "vLLM",
  // Seeds and manuals give its address with and without /v1.
  version: { path: "/v1", when: "unversioned" },
  keyVariables: ["VLLM_API_KEY"],
  baseUrlVariables: ["VLLM_API_BASE", "VLLM_BASE_URL"],
  keyRequired: false,
  authorize: bearer,
  routes: OPENAI_ROUTES,
  listing: { path: "/models", read: readModelIds },
  // Most chat templates know no developer role; older releases know max_tokens only, newer ones know both.
  profile: { family: "vllm", developerRole: false, rename: { max_completion_tokens: "max_tokens" }, maxStops: 64 },
  families: [],
  knownModels: [],
};
