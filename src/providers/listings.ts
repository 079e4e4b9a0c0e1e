import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";

/** Model ids from OpenAI's `{data: [{id}]}` or from a bare list, which Together answers. */
export function readModelIds(json: unknown): readonly string[] {
  const rows = Array.isArray(json) ? listOf(json) : listOf(objectOf(json)["data"]);
  return rows.flatMap((row) => stringOf(objectOf(row)["id"]) ?? []);
}

/**
 * The same without models that none of our operations can call: video, live speech, scanned pages. Those that make pictures, speak,
 * listen or moderate come last: the first of a list serves requests that name no model.
 */
export function readCallableModelIds(json: unknown): readonly string[] {
  const callable = readModelIds(json).filter((id) => !/realtime|sora|ocr/i.test(id));
  const isOther = (id: string) => /dall-e|gpt-image|chatgpt-image|tts|whisper|transcribe|moderation|imagine/i.test(id);
  return [...callable.filter((id) => !isOther(id)), ...callable.filter(isOther)];
}
