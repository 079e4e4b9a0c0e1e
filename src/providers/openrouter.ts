import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

export const openrouter: Provider = {
  kind: "openrouter",
  title: "OpenRouter",
  baseUrl: "https://openrouter.ai/api/v1",
  keyVariables: ["OPENROUTER_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: OPENAI_ROUTES,
  listing: { path: "/models", read: readModelIds },
  profile: {
    // It drops what a model does not take by itself, and keeps a queue alive with comments (parameters, streaming pages).
    family: "openrouter",
    deadlines: { firstToken: 180_000 },
  },
  families: [],
  knownModels: ["openai/gpt-4o-mini", "anthropic/claude-haiku-4.5"],
};
