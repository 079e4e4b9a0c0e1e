import { readCallableModelIds } from "./listings.ts";
import { bearer, OPENAI_ROUTES, type Provider } from "./provider.ts";
import { OPENAI_RELAYS } from "./relay-routes.ts";

export const groq: Provider = {
  kind: "groq",
  title: "Groq",
  baseUrl: "https://api.groq.com/openai/v1",
  keyVariables: ["GROQ_API_KEY"],
  baseUrlVariables: [],
  keyRequired: true,
  authorize: bearer,
  routes: {
    chat: OPENAI_ROUTES.chat,
    transcriptions: OPENAI_RELAYS.transcriptions,
    translations: OPENAI_RELAYS.translations,
    speech: OPENAI_RELAYS.speech,
  },
  listing: { path: "/models", read: readCallableModelIds },
  priceList: "groq",
  litellm: { names: ["groq"] },
  profile: {
    family: "groq",
    // "currently unsupported … will result in a 400" (OpenAI compatibility page).
    drop: ["logprobs", "top_logprobs", "logit_bias", "top_k", "min_p"],
    developerRole: false,
    thinking: "none",
  },
  families: [
    // The models that take reasoning_effort (reasoning page; recorded).
    { match: /gpt-oss/, profile: { thinking: "effort", efforts: ["low", "medium", "high"], thinkingOff: false } },
    // Its one other word is `default`: on or off is all it can be told.
    { match: /qwen/, profile: { thinking: "effort", efforts: [] } },
  ],
  knownModels: ["llama-3.3-70b-versatile", "openai/gpt-oss-120b"],
};
