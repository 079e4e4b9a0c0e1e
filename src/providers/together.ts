import { readModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS, RERANK_ROUTE } from "./relay-routes.ts";

export const together: Provider = {
  kind: "together",
  title: "Together",
  baseUrl: "https://api.together.xyz/v1",
  keyVariables: ["TOGETHER_API_KEY", "TOGETHERAI_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: {
    ...OPENAI_ROUTES,
    ...RERANK_ROUTE,
    images: OPENAI_RELAYS.images,
    transcriptions: OPENAI_RELAYS.transcriptions,
    translations: OPENAI_RELAYS.translations,
    speech: OPENAI_RELAYS.speech,
  },
  listing: { path: "/models", read: readModelIds },
  priceList: "together",
  litellm: { names: ["together_ai"] },
  profile: {
    // Its own name for the bound (API reference); usage comes unasked too (recorded).
    family: "together",
    rename: { max_completion_tokens: "max_tokens" },
    developerRole: false,
  },
  families: [],
  knownModels: ["meta-llama/Llama-3.3-70B-Instruct-Turbo"],
};
