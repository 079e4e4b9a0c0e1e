import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";

/** Model ids from OpenAI's `{data: [{id}]}` or from a bare list, which Together answers. */
export function readModelIds(json: unknown): readonly string[] {
  const rows = Array.isArray(json) ? listOf(json) : listOf(objectOf(json)["data"]);
  return rows.flatMap((row) => stringOf(objectOf(row)["id"]) ?? []);
}

/** The same without models that none of our operations can call: pictures, speech, moderation. */
export function readTextModelIds(json: unknown): readonly string[] {
  return readModelIds(json).filter((id) => !/dall-e|gpt-image|chatgpt-image|tts|whisper|transcribe|moderation|realtime|sora|imagine|ocr/i.test(id));
}
