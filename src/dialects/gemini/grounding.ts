import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";

/** Gemini's `groundingMetadata` as OpenAI's `url_citation` annotations. Its offsets are UTF-8 bytes of `text`; OpenAI's are characters. */
export function annotationsOf(grounding: JsonObject, text: string): JsonObject[] {
  const sources = listOf(grounding["groundingChunks"]).map(sourceOf);
  const bytes = new TextEncoder().encode(text);
  const characters = (offset: number) => new TextDecoder().decode(bytes.subarray(0, offset)).length;
  const annotations: JsonObject[] = [];
  for (const support of listOf(grounding["groundingSupports"]).map(objectOf)) {
    const segment = objectOf(support["segment"]);
    const start = characters(numberOf(segment["startIndex"]) ?? 0);
    const end = characters(numberOf(segment["endIndex"]) ?? 0);
    for (const index of listOf(support["groundingChunkIndices"])) {
      const source = sources[numberOf(index) ?? -1];
      if (source !== undefined) annotations.push({ type: "url_citation", url_citation: { start_index: start, end_index: end, ...source } });
    }
  }
  return annotations;
}

function sourceOf(chunk: Json): { url: string; title: string } | undefined {
  const kinds = objectOf(chunk);
  const source = objectOf(kinds["web"] ?? kinds["retrievedContext"] ?? kinds["maps"]);
  const url = stringOf(source["uri"]);
  return url === undefined ? undefined : { url, title: stringOf(source["title"]) ?? "" };
}
