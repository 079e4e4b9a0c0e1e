import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS, RERANK_ROUTE } from "./relay-routes.ts";

export const openrouter: Provider = {
  kind: "openrouter",
  title: "OpenRouter",
  baseUrl: "https://openrouter.ai/api/v1",
  keyVariables: ["OPENROUTER_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  // Pictures have an address of their own, and are edited there too (image API); transcriptions take forms (recorded) and JSON.
  routes: {
    ...OPENAI_ROUTES,
    ...RERANK_ROUTE,
    images: [{ dialect: "openai-images", path: "/images" }],
    transcriptions: OPENAI_RELAYS.transcriptions,
    speech: OPENAI_RELAYS.speech,
  },
  listing: { path: "/models", read: readModelIds },
  priceList: "openrouter",
  litellm: { names: ["openrouter"] },
  profile: {
    // It drops what a model does not take by itself, and keeps a queue alive with comments (parameters, streaming pages).
    family: "openrouter",
    deadlines: { firstToken: 180_000 },
  },
  families: [],
  knownModels: ["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5"],
};
