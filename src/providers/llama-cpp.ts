import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { RERANK_ROUTE } from "./relay-routes.ts";

export const llamaCpp: Provider = {
  kind: "llama.cpp",
  title: "llama.cpp",
  version: { path: "/v1", when: "unversioned" },
  keyVariables: ["LLAMA_CPP_API_KEY"],
  baseUrlVariables: ["LLAMA_CPP_BASE_URL"],
  keyRequired: false,
  authorize: bearer,
  // With --reranking (server README).
  routes: { ...OPENAI_ROUTES, ...RERANK_ROUTE },
  listing: { path: "/models", read: readModelIds },
  // At the root; 503 while it loads its model (server README).
  health: "../health",
  selfHosted: true,
  isOwnAt: () => true,
  // Templates of open models know no developer role. Pictures by URL it fetches itself (server README: "can be a remote URL").
  profile: { family: "llama.cpp", developerRole: false, rename: { max_completion_tokens: "max_tokens" }, maxStops: 64 },
  families: [],
  knownModels: [],
};
