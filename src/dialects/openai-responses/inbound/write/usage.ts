import type { JsonObject } from "../../../../vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../vocabulary/usage.ts";

/** Our record as a Response's `usage`, details included. */
export function usageToResponses(usage: Usage): JsonObject {
  const input = promptTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  };
}
