import { z } from "zod";
import { address, amount, duration, flag, oneOf, text, texts, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** Quirks of a model. */
export const profile = section({
  dialect: oneOf(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"])
    .optional()
    .describe("The only one of its provider's dialects it is asked in. Left out: the client's own, else the provider's first."),
  translated_to: oneOf(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"])
    .optional()
    .describe("Which of its provider's dialects it is asked in for clients who speak none of them."),
  stream_usage: oneOf(["ask", "always", "never"]).optional().describe("Usage in streams: ask for it, it always comes, it never does."),
  drop: texts().optional().describe("Top-level fields this upstream rejects; dropped with a warning."),
  rename: z.record(z.string(), text()).optional().describe("Top-level fields it knows by another name."),
  developer_role: flag().optional().describe("Does it know the developer role?"),
  sampling: oneOf(["free", "fixed"]).optional().describe("fixed: temperature, top_p and top_k are not sent."),
  max_temperature: amount().optional().describe("Highest temperature it takes."),
  thinking: oneOf(["none", "effort", "adaptive", "budget", "level"]).optional().describe("How it is told to think."),
  efforts: z
    .array(oneOf(["minimal", "low", "medium", "high", "xhigh", "max"]), { error: "expected a list of efforts, such as [low, medium, high]." })
    .optional()
    .describe("The efforts it knows, the least first; others become the nearest. Empty: it thinks as it sees fit."),
  thinking_off: flag().optional().describe("Can thinking be turned off?"),
  max_output: wholeNumber(1, 10_000_000).optional().describe("Most tokens in one answer; more is clamped."),
  default_max_tokens: wholeNumber(1, 10_000_000).optional().describe("Sent when the client gives no bound and the upstream needs one."),
  prefill: flag().optional().describe("May the last message be the assistant's, to be continued?"),
  mid_system: flag().optional().describe("Does it take system messages after the conversation began?"),
  image_urls: flag().optional().describe("Does it fetch images by URL itself?"),
  tool_result_images: flag().optional().describe("Does it take images in tool results?"),
  max_stops: wholeNumber(0, 10_000).optional().describe("Most stop sequences it takes."),
  prompt_cache: flag()
    .optional()
    .describe("Mark long prompts for Claude's own cache (cache_control) where the client has not: writing to it costs more, reading from it far less."),
  family: text().optional().describe("Deployments of one family accept each other's thinking signatures."),
  deadlines: section({
    first_token: duration().optional().describe("Longest wait for the first content of a stream."),
    idle: duration().optional().describe("Longest silence inside a stream."),
    total: duration().optional().describe("Longest time for a whole answer."),
  })
    .optional()
    .describe("Deadlines of this model, over those of routing."),
});

/** One of `providers`. `kinds` are the kinds of provider that exist. */
export function providerSection(kinds: readonly string[]) {
  return section({
    kind: z
      .enum(kinds as readonly [string, ...string[]], { error: `expected a kind of provider: ${kinds.join(", ")}.` })
      .optional()
      .describe("What it is. May be left out when the provider is named like its kind."),
    api_key: text().optional().describe("Its key; best as ${NAME} or ${file:/run/secrets/name}. Left out: the kind's usual environment variable."),
    api_keys: z
      .array(text(), { error: "expected a list of keys." })
      .min(1, { error: "expected at least one key." })
      .optional()
      .describe("Several keys of it, used in turn; one that is refused or over its limits rests, and another is used."),
    base_url: address().optional().describe("Where it is, when not at the kind's usual address."),
    headers: z.record(z.string(), text()).optional().describe("Sent with every call to it."),
    resource: text().optional().describe("Azure: the resource's name, instead of base_url."),
    api_version: text().optional().describe("Azure: the api-version of every call."),
    deployment_paths: flag().optional().describe("Azure: call /openai/deployments/{model}/…, as older resources want it."),
    local: flag()
      .optional()
      .describe(
        "Does it run on your own machines? Keys with local_only are served by such alone. Left out: vllm, llama.cpp and ollama do, and whatever has a private address.",
      ),
    profile: profile.optional().describe("Quirks of all its models, over the built-in ones."),
  });
}
