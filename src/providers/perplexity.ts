import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

/** Its list names other makers' models for its agents, not the sonar models that chat (recorded): so it is not asked. */
export const perplexity: Provider = {
  kind: "perplexity",
  title: "Perplexity",
  baseUrl: "https://api.perplexity.ai",
  keyVariables: ["PERPLEXITY_API_KEY", "PPLX_API_KEY", "PERPLEXITYAI_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: { chat: OPENAI_ROUTES.chat, embeddings: [{ dialect: "openai-embeddings", path: "/v1/embeddings" }] },
  priceList: "perplexity",
  litellm: { names: ["perplexity"] },
  profile: {
    family: "perplexity",
    // Every frame carries usage (API reference).
    streamUsage: "always",
    rename: { max_completion_tokens: "max_tokens" },
    developerRole: false,
    thinking: "none",
  },
  families: [
    {
      match: /^sonar-(reasoning|deep-research)/,
      profile: {
        thinking: "effort",
        efforts: ["low", "medium", "high"],
        thinkingOff: false,
        deadlines: { firstToken: 300_000, idle: 300_000, total: 1_800_000 },
      },
    },
  ],
  knownModels: ["sonar", "sonar-pro", "sonar-reasoning-pro", "sonar-deep-research"],
};
