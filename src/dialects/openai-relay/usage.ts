import { isObject, type Json, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { millisecondsOf, type Units, type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";

/**
 * What an answer, or an event of a streamed one, says that it used; `undefined` when it says nothing. Knows OpenAI's objects for images,
 * speech and transcriptions (tokens or seconds), rerankers' totals and search units, and Mistral's seconds.
 */
export function relayUsage(json: Json): Usage | undefined {
  const answer = objectOf(json);
  const meta = objectOf(answer["meta"]);
  const units = { ...secondsIn(answer), ...searchesIn(meta) };
  const usage = isObject(answer["usage"]) ? answer["usage"] : objectOf(meta["tokens"]);
  const input = numberOf(usage["input_tokens"]) ?? numberOf(usage["prompt_tokens"]);
  const output = numberOf(usage["output_tokens"]) ?? numberOf(usage["completion_tokens"]);
  const total = numberOf(usage["total_tokens"]);
  if (input === undefined && output === undefined && total === undefined) return Object.keys(units).length === 0 ? undefined : withUnits(usageOf({}), units);
  const details = objectOf(usage["input_tokens_details"] ?? usage["input_token_details"] ?? usage["prompt_tokens_details"]);
  // Rerankers say no more than a total, and Mistral leaves the audio out of its prompt: what was not written was read.
  const read = Math.max(input ?? 0, (total ?? 0) - (output ?? 0));
  const cached = Math.min(numberOf(details["cached_tokens"]) ?? 0, read);
  const tokens = usageOf({
    input: read - cached,
    cacheRead: cached,
    output,
    audioInput: numberOf(details["audio_tokens"]),
    imageInput: numberOf(details["image_tokens"]),
  });
  return withUnits(tokens, { ...units, imageOutput: numberOf(objectOf(usage["output_tokens_details"])["image_tokens"]) });
}

/** Audio that was heard: reported for billing, or measured on the way (`verbose_json`, where some write it as text). */
function secondsIn(answer: Readonly<Record<string, Json | undefined>>): Units {
  const usage = objectOf(answer["usage"]);
  const said = numberOf(usage["seconds"]) ?? numberOf(usage["prompt_audio_seconds"]) ?? numberOf(answer["duration"]);
  const seconds = said ?? Number.parseFloat(stringOf(answer["duration"]) ?? "");
  return Number.isFinite(seconds) ? { milliseconds: millisecondsOf(seconds) } : {};
}

/** Cohere bills by searches. */
function searchesIn(meta: Readonly<Record<string, Json | undefined>>): Units {
  const searches = numberOf(objectOf(meta["billed_units"])["search_units"]);
  return searches === undefined ? {} : { searches };
}
