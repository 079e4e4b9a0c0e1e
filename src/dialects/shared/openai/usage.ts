import { isObject, type JsonObject, numberOf, objectOf } from "../../../vocabulary/json.ts";
import { promptTokens, type Usage, usageOf } from "../../../vocabulary/usage.ts";

/**
 * An OpenAI `usage` object as our record; `undefined` when it is none. `prompt_tokens` includes cached ones. Reasoning is part of
 * `completion_tokens`, except where the total shows that it was added on top (xAI).
 */
export function usageFromOpenai(json: unknown): Usage | undefined {
  if (!isObject(json)) return undefined;
  const prompt = numberOf(json["prompt_tokens"]) ?? 0;
  const completion = numberOf(json["completion_tokens"]) ?? 0;
  const total = numberOf(json["total_tokens"]);
  if (json["prompt_tokens"] === undefined && json["completion_tokens"] === undefined && total === undefined) return undefined;
  const promptDetails = objectOf(json["prompt_tokens_details"]);
  const completionDetails = objectOf(json["completion_tokens_details"]);
  const reasoning = numberOf(completionDetails["reasoning_tokens"]) ?? numberOf(json["reasoning_tokens"]) ?? 0;
  // Azure's Grok reports more cached tokens than the prompt has: no more than the prompt can be billed.
  const cached = numberOf(promptDetails["cached_tokens"]) ?? numberOf(json["prompt_cache_hit_tokens"]) ?? numberOf(json["cache_read_input_tokens"]) ?? 0;
  const cacheRead = Math.min(cached, prompt);
  const written = numberOf(promptDetails["cache_write_tokens"]) ?? numberOf(json["cache_creation_input_tokens"]) ?? 0;
  const cacheWrite = Math.min(written, prompt - cacheRead);
  const onTop = reasoning > 0 && total !== undefined && total === prompt + completion + reasoning;
  return usageOf({
    input: prompt - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite5m: cacheWrite,
    output: completion + (onTop ? reasoning : 0),
    reasoning,
    audioInput: numberOf(promptDetails["audio_tokens"]) ?? 0,
    audioOutput: numberOf(completionDetails["audio_tokens"]) ?? 0,
    imageInput: numberOf(promptDetails["image_tokens"]) ?? 0,
  });
}

/**
 * Our record as an OpenAI `usage` object, details included. What a cache took or gave is said once more as Anthropic says it, for clients
 * that look there only (Roo Code, and others who know it from LiteLLM).
 */
export function usageToOpenai(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const written = usage.cacheWrite5m + usage.cacheWrite1h;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, audio_tokens: usage.audioInput, ...(written > 0 ? { cache_write_tokens: written } : {}) },
    completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: usage.audioOutput },
    ...(usage.cacheRead > 0 ? { cache_read_input_tokens: usage.cacheRead } : {}),
    ...(written > 0 ? { cache_creation_input_tokens: written } : {}),
  };
}
