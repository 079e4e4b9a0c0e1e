import type { Profile } from "../vocabulary/profile.ts";
import type { Family } from "./provider.ts";

/** They think before the first token, for minutes at high effort. */
const LONGER = { firstToken: 300_000, idle: 300_000, total: 1_800_000 } as const;

/** Sampling is the model's own: each of these is a 400 `unsupported_parameter` (API reference, reasoning guide). */
const SAMPLING = ["temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"] as const;

const REASONING: Partial<Profile> = {
  thinking: "effort",
  sampling: "fixed",
  drop: SAMPLING,
  // "Function tools with reasoning_effort are not supported … in /v1/chat/completions" (GPT-5.4 and later), and only Responses give reasoning back.
  translatedTo: "openai-responses",
  // "Unsupported parameter: 'max_tokens' … Use 'max_completion_tokens' instead" (recorded).
  rename: { max_tokens: "max_completion_tokens" },
  deadlines: LONGER,
};

/** OpenAI's own models, wherever they are served by their own names: OpenAI, Azure. */
export const OPENAI_FAMILIES: readonly Family[] = [
  // Older models cap their answer far below the context (model pages).
  { match: /^gpt-3\.5/, profile: { maxOutput: 4096 } },
  { match: /^gpt-4-(turbo|vision|1106|0125)/, profile: { maxOutput: 4096 } },
  { match: /^gpt-4o/, profile: { maxOutput: 16_384 } },
  { match: /^gpt-4\.1/, profile: { maxOutput: 32_768 } },
  // o-series: effort low to high, never off (reasoning guide).
  { match: /^o\d/, profile: { ...REASONING, efforts: ["low", "medium", "high"], thinkingOff: false, maxOutput: 100_000 } },
  // o3 and later refuse stop sequences (API reference, `stop`).
  { match: /^o([3-9]|\d\d)/, profile: { drop: ["stop"] } },
  // gpt-5 goes down to `minimal`; gpt-5.1 and later know `none` in its place, 5.2 adds `xhigh`, 5.6 `max` (reasoning guide; recorded).
  // The chat variants do not reason.
  {
    match: /^gpt-[5-9](?!.*chat)/,
    profile: { ...REASONING, efforts: ["low", "medium", "high", "xhigh", "max"], drop: [...SAMPLING, "stop"], maxOutput: 128_000 },
  },
  { match: /^gpt-5(-(mini|nano))?(-\d{4}.*)?$/, profile: { efforts: ["minimal", "low", "medium", "high"], thinkingOff: false } },
  { match: /^gpt-5-pro/, profile: { efforts: ["high"], thinkingOff: false } },
  { match: /^gpt-5-codex/, profile: { efforts: ["low", "medium", "high"], thinkingOff: false } },
  { match: /^gpt-5\.1(?!.*chat)/, profile: { efforts: ["low", "medium", "high"] } },
  { match: /^gpt-5\.[2-5](?!.*chat)/, profile: { efforts: ["low", "medium", "high", "xhigh"] } },
  { match: /^gpt-[5-9].*chat/, profile: { rename: { max_tokens: "max_completion_tokens" }, maxOutput: 16_384 } },
  { match: /^gpt-5\.[2-9]-pro/, profile: { efforts: ["medium", "high", "xhigh"], thinkingOff: false } },
  // Codex models always think, and have one verbosity; the first of them is an o4-mini (model pages).
  { match: /^codex-mini/, profile: { ...REASONING, efforts: ["low", "medium", "high"], maxOutput: 100_000 } },
  { match: /^(codex-mini|gpt-5(\.\d+)?-codex)/, profile: { thinkingOff: false, drop: ["verbosity"] } },
  { match: /^gpt-5\.1-codex-max/, profile: { efforts: ["low", "medium", "high", "xhigh"] } },
  // "This model is only supported in v1/responses and not in v1/chat/completions" (API reference, `ResponsesOnlyModel`; model pages).
  {
    match: /^(o\d+-pro|o\d+(-mini)?-deep-research|computer-use-preview|codex-mini|gpt-5(\.\d+)?-(pro|codex|cyber)|gpt-daybreak)/,
    profile: { dialect: "openai-responses" },
  },
  // "Complex prompts may take up to 2 minutes" before there is any picture (image generation guide).
  { match: /^(chatgpt-|gpt-)image|^dall-e/, profile: { deadlines: LONGER } },
  // Search models fix their sampling too (API reference).
  { match: /search-preview/, profile: { sampling: "fixed", drop: ["temperature", "top_p", "n"] } },
];

/** OpenAI's own endpoints refuse argument names they do not know; other dialects' tuning knobs would be a 400. */
export const OPENAI_PROFILE: Partial<Profile> = { family: "openai", thinking: "none", midSystem: true, cacheKey: true, drop: ["top_k", "min_p"] };
