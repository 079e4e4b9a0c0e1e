import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS, RERANK_ROUTE } from "./relay-routes.ts";

/** Anything that speaks OpenAI's chat at an address the operator gives. Quirks go into `profile` in the config. */
export const openaiCompatible: Provider = {
  kind: "openai-compatible",
  title: "OpenAI-compatible",
  version: { path: "/v1", when: "bare" },
  keyVariables: [],
  baseUrlVariables: [],
  keyRequired: false,
  authorize: bearer,
  routes: { ...OPENAI_ROUTES, ...OPENAI_RELAYS, ...RERANK_ROUTE },
  listing: { path: "/models", read: readModelIds },
  selfHosted: true,
  profile: {},
  families: [],
  knownModels: [],
};
