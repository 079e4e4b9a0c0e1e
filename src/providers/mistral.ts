import { readCallableModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS } from "./relay-routes.ts";

export const mistral: Provider = {
  kind: "mistral",
  title: "Mistral",
  baseUrl: "https://api.mistral.ai/v1",
  keyVariables: ["MISTRAL_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: {
    chat: OPENAI_ROUTES.chat,
    embeddings: OPENAI_ROUTES.embeddings,
    moderations: OPENAI_RELAYS.moderations,
    transcriptions: OPENAI_RELAYS.transcriptions,
  },
  listing: { path: "/models", read: readCallableModelIds },
  priceList: "mistral",
  litellm: { names: ["mistral"] },
  profile: {
    family: "mistral",
    // Usage comes unasked (recorded), and unknown fields are a 422 "extra inputs are not permitted".
    streamUsage: "always",
    drop: ["stream_options", "top_k", "min_p", "logit_bias", "logprobs", "top_logprobs", "user", "service_tier", "verbosity", "store"],
    // Its own names (API reference).
    rename: { max_completion_tokens: "max_tokens", seed: "random_seed" },
    developerRole: false,
    // "temperature … between 0 and 1.5" (API reference).
    maxTemperature: 1.5,
    // Only models that reason take an effort (recorded), and of those only `high` and `none` (reasoning page).
    thinking: "none",
  },
  families: [
    {
      match: /^(magistral|mistral-(small|medium)-latest)/,
      profile: { thinking: "effort", efforts: ["high"], deadlines: { firstToken: 180_000, total: 1_800_000 } },
    },
  ],
  knownModels: ["mistral-small-latest", "mistral-medium-latest", "mistral-embed"],
};
