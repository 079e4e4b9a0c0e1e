import { isObject, type JsonObject, numberOf, objectOf } from "../../vocabulary/json.ts";
import { type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";

/** The counts of one `usage` object; those left out are absent. */
const PROMPT_COUNTS = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation"] as const;

/**
 * Adds a later, cumulative `usage` object to an earlier one: later counts replace earlier ones. Some servers know the prompt only in
 * `message_start` and repeat it as zeros in `message_delta`; such zeros replace nothing.
 */
export function laterUsage(earlier: JsonObject, later: unknown): JsonObject {
  if (!isObject(later)) return earlier;
  const merged: JsonObject = { ...earlier };
  const knowsPrompt = PROMPT_COUNTS.some((name) => (numberOf(later[name]) ?? 0) > 0);
  for (const [name, value] of Object.entries(later)) {
    if (value === null || value === undefined) continue;
    const aboutPrompt = (PROMPT_COUNTS as readonly string[]).includes(name);
    if (aboutPrompt && !knowsPrompt && merged[name] !== undefined) continue;
    merged[name] = value;
  }
  return merged;
}

/**
 * Anthropic's counts as our record. They are disjoint already: `input_tokens` excludes what was read from or written to a cache, and
 * `output_tokens` includes thinking. `undefined` when nothing was counted.
 */
export function usageFromAnthropic(json: JsonObject): Usage | undefined {
  if (numberOf(json["input_tokens"]) === undefined && numberOf(json["output_tokens"]) === undefined) return undefined;
  const byAge = objectOf(json["cache_creation"]);
  const hour = numberOf(byAge["ephemeral_1h_input_tokens"]) ?? 0;
  const minutes = numberOf(byAge["ephemeral_5m_input_tokens"]) ?? 0;
  const written = numberOf(json["cache_creation_input_tokens"]) ?? hour + minutes;
  // The total may have grown since the split was told; the rest is of the usual five minutes.
  const cacheWrite1h = Math.min(hour, written);
  const tokens = usageOf({
    input: numberOf(json["input_tokens"]) ?? 0,
    cacheRead: numberOf(json["cache_read_input_tokens"]) ?? 0,
    cacheWrite5m: written - cacheWrite1h,
    cacheWrite1h,
    output: numberOf(json["output_tokens"]) ?? 0,
    reasoning: numberOf(objectOf(json["output_tokens_details"])["thinking_tokens"]) ?? 0,
  });
  return withUnits(tokens, { webSearches: numberOf(objectOf(json["server_tool_use"])["web_search_requests"]) });
}

/** Our record as Anthropic's counts. */
export function usageToAnthropic(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite5m, ephemeral_1h_input_tokens: usage.cacheWrite1h },
    output_tokens: usage.output,
    ...(usage.reasoning > 0 ? { output_tokens_details: { thinking_tokens: usage.reasoning } } : {}),
  };
}
