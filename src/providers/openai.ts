import { readCallableModelIds } from "./listings.ts";
import { OPENAI_FAMILIES, OPENAI_PROFILE } from "./openai-families.ts";
import { bearer, OPENAI_ROUTES, type Provider, RESPONSES_ROUTE } from "./provider.ts";
import { OPENAI_RELAYS } from "./relay-routes.ts";

export const openai: Provider = {
  kind: "openai",
  title: "OpenAI",
  baseUrl: "https://api.openai.com/v1",
  version: { path: "/v1", when: "bare" },
  keyVariables: ["OPENAI_API_KEY"],
  baseUrlVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"],
  keyRequired: true,
  authorize: bearer,
  routes: {
    ...OPENAI_ROUTES,
    ...OPENAI_RELAYS,
    chat: [...OPENAI_ROUTES.chat, RESPONSES_ROUTE],
    "count-tokens": [{ dialect: "openai-responses", path: "/responses/input_tokens" }],
  },
  listing: { path: "/models", read: readCallableModelIds },
  priceList: "openai",
  litellm: {
    names: ["openai", "text-completion-openai"],
    bare: /^(gpt-|chatgpt-|o\d|ft:|text-embedding-|text-moderation-|omni-moderation-|dall-e-|whisper-|tts-|davinci-|babbage-|codex-)/,
  },
  profile: OPENAI_PROFILE,
  families: OPENAI_FAMILIES,
  knownModels: ["gpt-4o-mini", "gpt-4o", "gpt-5-mini", "gpt-5", "text-embedding-3-small"],
};
