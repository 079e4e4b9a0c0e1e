import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";

export const cerebras: Provider = {
  kind: "cerebras",
  title: "Cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  keyVariables: ["CEREBRAS_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: { chat: OPENAI_ROUTES.chat, completions: OPENAI_ROUTES.completions },
  listing: { path: "/models", read: readModelIds },
  priceList: "cerebras",
  litellm: { names: ["cerebras"] },
  profile: {
    family: "cerebras",
    // "will result in a 400 error" (OpenAI compatibility page).
    drop: ["frequency_penalty", "presence_penalty", "logit_bias", "top_k", "min_p"],
    // The bound's only documented name.
    rename: { max_tokens: "max_completion_tokens" },
    maxTemperature: 1.5,
    developerRole: false,
    thinking: "none",
  },
  families: [
    // The models that take reasoning_effort (recorded).
    { match: /gpt-oss/, profile: { thinking: "effort", efforts: ["low", "medium", "high"], thinkingOff: false } },
    // It knows `none` alone.
    { match: /glm/, profile: { thinking: "effort", efforts: [] } },
  ],
  knownModels: ["gpt-oss-120b", "zai-glm-4.7"],
};
