import { isObject, type JsonObject, numberOf, objectOf } from "../../../vocabulary/json.ts";
import { promptTokens, type Usage, usageOf, withUnits } from "../../../vocabulary/usage.ts";

/**
 * An OpenAI `usage` object as our record; `undefined` when it is none. `prompt_tokens` includes cached ones, `completion_tokens` reasoning;
 * where the total shows that something was left out of either it is added: xAI's and Perplexity's reasoning, Mistral's audio, Gemini's thoughts.
 */
export function usageFromOpenai(json: unknown): Usage | undefined {
  if (!isObject(json)) return undefined;
  const total = numberOf(json["total_tokens"]);
  if (json["prompt_tokens"] === undefined && json["completion_tokens"] === undefined && total === undefined) return undefined;
  const promptDetails = objectOf(json["prompt_tokens_details"]);
  const completionDetails = objectOf(json["completion_tokens_details"]);
  const audio = numberOf(promptDetails["audio_tokens"]) ?? 0;
  const thought = numberOf(completionDetails["reasoning_tokens"]) ?? numberOf(json["reasoning_tokens"]) ?? 0;
  const { prompt, output, reasoning } = whole(numberOf(json["prompt_tokens"]), numberOf(json["completion_tokens"]), { total, audio, thought });
  // Azure's Grok reports more cached tokens than the prompt has: no more than the prompt can be billed.
  const cached = numberOf(promptDetails["cached_tokens"]) ?? numberOf(json["prompt_cache_hit_tokens"]) ?? numberOf(json["cache_read_input_tokens"]) ?? 0;
  const cacheRead = Math.min(cached, prompt);
  const written = numberOf(promptDetails["cache_write_tokens"]) ?? numberOf(json["cache_creation_input_tokens"]) ?? 0;
  const cacheWrite = Math.min(written, prompt - cacheRead);
  const input = prompt - cacheRead - cacheWrite;
  // Of audio and images nobody says how much was cached.
  const audioInput = Math.min(audio, input);
  const tokens = usageOf({
    input,
    cacheRead,
    cacheWrite5m: cacheWrite,
    output,
    reasoning,
    audioInput,
    audioOutput: numberOf(completionDetails["audio_tokens"]) ?? 0,
    imageInput: Math.min(numberOf(promptDetails["image_tokens"]) ?? 0, input - audioInput),
  });
  // Perplexity's.
  return withUnits(tokens, { citations: numberOf(json["citation_tokens"]), webSearches: numberOf(json["num_search_queries"]) });
}

interface Told {
  readonly total: number | undefined;
  /** Heard. */
  readonly audio: number;
  readonly thought: number;
}

/** Prompt and answer with what was left out of them. */
function whole(prompt: number | undefined, completion: number | undefined, { total, audio, thought }: Told) {
  const [asked, answered] = [prompt ?? 0, completion ?? 0];
  const missing = prompt === undefined || completion === undefined || total === undefined ? 0 : total - asked - answered;
  if (audio > asked && missing === audio) return { prompt: asked + audio, output: answered, reasoning: thought };
  if (thought > 0 && (missing === thought || thought > answered)) return { prompt: asked, output: answered + thought, reasoning: thought };
  // Tokens in no count but the total are generated ones that are not shown.
  if (thought === 0 && missing > 0) return { prompt: asked, output: answered + missing, reasoning: missing };
  return { prompt: asked, output: answered, reasoning: thought };
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
