import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

export const llamaCpp: Provider = {
  kind: "llama.cpp",
  title: "llama.cpp",
  version: { path: "/v1", when: "unversioned" },
  keyVariables: ["LLAMA_CPP_API_KEY"],
  baseUrlVariables: ["LLAMA_CPP_BASE_URL"],
  keyRequired: false,
  authorize: bearer,
  routes: OPENAI_ROUTES,
  listing: { path: "/models", read: readModelIds },
  // Templates of open models know no developer role. Pictures by URL it fetches itself (server README: "can be a remote URL").
  profile: { family: "llama.cpp", developerRole: false, rename: { max_completion_tokens: "max_tokens" }, maxStops: 64 },
  families: [],
  knownModels: [],
};
