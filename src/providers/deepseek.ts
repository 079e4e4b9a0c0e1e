import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

export const deepseek: Provider = {
  kind: "deepseek",
  title: "DeepSeek",
  baseUrl: "https://api.deepseek.com",
  keyVariables: ["DEEPSEEK_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: { chat: OPENAI_ROUTES.chat },
  listing: { path: "/models", read: readModelIds },
  priceList: "deepseek",
  litellm: { names: ["deepseek"] },
  profile: {
    family: "deepseek",
    // Its own name for the bound (API reference); sampling of thinking models is accepted and ignored.
    rename: { max_completion_tokens: "max_tokens" },
    developerRole: false,
    maxStops: 16,
  },
  families: [
    // Thinks for minutes, with comments as a sign of life (rate limit page).
    { match: /reasoner|^deepseek-v4/, profile: { deadlines: { firstToken: 300_000, idle: 300_000, total: 1_800_000 } } },
  ],
  knownModels: ["deepseek-chat", "deepseek-reasoner"],
};
