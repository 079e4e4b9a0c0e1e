import { readCallableModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider, RESPONSES_ROUTE } from "./provider.ts";
import { OPENAI_RELAYS } from "./relay-routes.ts";

export const xai: Provider = {
  kind: "xai",
  title: "xAI",
  baseUrl: "https://api.x.ai/v1",
  keyVariables: ["XAI_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  // Edits take JSON with the pictures in it, no forms (recorded; image editing guide).
  routes: {
    chat: [...OPENAI_ROUTES.chat, RESPONSES_ROUTE],
    completions: OPENAI_ROUTES.completions,
    images: OPENAI_RELAYS.images,
    "image-edits": OPENAI_RELAYS["image-edits"],
  },
  listing: { path: "/models", read: readCallableModelIds },
  priceList: "x-ai",
  litellm: { names: ["xai"] },
  profile: { family: "xai", thinking: "none", drop: ["top_k", "min_p", "logit_bias"] },
  families: [
    // Reasoning models refuse these three (reasoning guide).
    {
      match: /^grok-(3-mini|[4-9]|code)(?!.*non-reasoning)/,
      profile: { drop: ["presence_penalty", "frequency_penalty", "stop"], deadlines: { firstToken: 300_000, idle: 300_000, total: 1_800_000 } },
    },
    // Effort is for these only; grok-4 refuses it (reasoning guide; recorded).
    { match: /^grok-(3-mini|4\.[3-9]|[5-9])(?!.*non-reasoning)/, profile: { thinking: "effort", efforts: ["low", "medium", "high"] } },
    { match: /^grok-3-mini/, profile: { efforts: ["low", "high"], thinkingOff: false } },
  ],
  knownModels: ["grok-4.3", "grok-3-mini"],
};
