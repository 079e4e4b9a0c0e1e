import { readModelIds } from "./listings.ts";
import type { Provider } from "./provider.ts";

export const anthropic: Provider = {
  kind: "anthropic",
  title: "Anthropic",
  baseUrl: "https://api.anthropic.com",
  // Its own SDKs leave /v1 out of the base URL, others put it in.
  strip: ["/v1"],
  keyVariables: ["ANTHROPIC_API_KEY"],
  baseUrlVariables: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"],
  keyRequired: true,
  authorize: (key) => ({ "x-api-key": key }),
  headers: { "anthropic-version": "2023-06-01" },
  routes: {
    chat: [{ dialect: "anthropic-messages", path: "/v1/messages" }],
    "count-tokens": [{ dialect: "anthropic-messages", path: "/v1/messages/count_tokens" }],
  },
  listing: { path: "/v1/models?limit=1000", read: readModelIds },
  priceList: "anthropic",
  litellm: { names: ["anthropic", "anthropic_text"], bare: /^claude-/ },
  profile: {
    family: "claude",
    streamUsage: "always",
    developerRole: false,
    // "temperature: range: 0..1" (API reference).
    maxTemperature: 1,
    thinking: "budget",
    toolResultImages: true,
    // No limit is documented; the schema takes a long list.
    maxStops: 8191,
  },
  families: [
    // Before 3.7 there is no extended thinking (models overview).
    { match: /^claude-(instant|2)/, profile: { thinking: "none", maxOutput: 4096, imageUrls: false } },
    { match: /^claude-3-(opus|sonnet|haiku)/, profile: { thinking: "none", maxOutput: 4096 } },
    { match: /^claude-3-5-/, profile: { thinking: "none", maxOutput: 8192 } },
    // Agents that set no bound mean a long answer; before these, 4,096 is half of all there is.
    { match: /^claude-(3-7-|[a-z]+-([4-9]|\d\d(?!\d)))/, profile: { defaultMaxTokens: 16_000 } },
    { match: /^claude-3-7-/, profile: { maxOutput: 64_000 } },
    { match: /^claude-(sonnet|haiku)-4/, profile: { maxOutput: 64_000 } },
    { match: /^claude-opus-4/, profile: { maxOutput: 32_000 } },
    { match: /^claude-opus-4-5/, profile: { maxOutput: 64_000 } },
    // Structured outputs and strict tools begin with Opus 4.1 and the 4.5 models (structured outputs page).
    { match: /^claude-(instant|[23]|(sonnet|opus)-4(-0|-2025\d{4})?$)/, profile: { drop: ["output_config", "strict"] } },
    // From 4.6 on: adaptive thinking, no continued assistant turn (migration guide), twice the output.
    {
      match: /^claude-[a-z]+-4-([6-9]|\d\d)(?!\d)/,
      profile: { thinking: "adaptive", efforts: ["low", "medium", "high", "max"], prefill: false, maxOutput: 128_000 },
    },
    // From Opus 4.7 on: budgets, temperature, top_p and top_k are a 400 (migration guide). They think unasked.
    {
      match: /^claude-[a-z]+-(4-([7-9]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))/,
      profile: {
        thinking: "adaptive",
        // `xhigh` begins here (effort guide).
        efforts: ["low", "medium", "high", "xhigh", "max"],
        sampling: "fixed",
        prefill: false,
        maxOutput: 128_000,
        deadlines: { firstToken: 300_000, total: 1_800_000 },
      },
    },
    // From Opus 4.8 on: system messages inside the conversation; older ones refuse the role (what's new in 4.8).
    { match: /^claude-[a-z]+-(4-([89]|\d\d)(?!\d)|[5-9]|\d\d(?!\d))/, profile: { midSystem: true } },
    // They always think: "thinking.type.disabled is not supported for this model" (migration guide).
    { match: /^claude-(fable|mythos)-/, profile: { thinkingOff: false } },
  ],
  knownModels: ["claude-opus-4-6", "claude-sonnet-4-6", "claude-haiku-4-5"],
};
