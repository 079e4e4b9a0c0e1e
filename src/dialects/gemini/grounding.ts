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

/** OpenAI's `url_citation` annotations of a text as Gemini's `groundingMetadata`; `undefined` when none names an address. */
export function groundingOf(annotations: readonly JsonObject[], text: string): JsonObject | undefined {
  const chunks = new Map<string, { readonly index: number; readonly title: string }>();
  const spans: { readonly start: number; readonly end: number; readonly chunk: number }[] = [];
  for (const annotation of annotations) {
    const citation = objectOf(annotation["url_citation"] ?? annotation);
    const url = stringOf(citation["url"]);
    if (url === undefined) continue;
    const chunk = chunks.get(url) ?? { index: chunks.size, title: stringOf(citation["title"]) ?? "" };
    chunks.set(url, chunk);
    const [start, end] = [numberOf(citation["start_index"]), numberOf(citation["end_index"])];
    if (start !== undefined && end !== undefined && 0 <= start && start < end && end <= text.length) spans.push({ start, end, chunk: chunk.index });
  }
  if (chunks.size === 0) return undefined;
  const bytes = byteOffsets(
    text,
    spans.flatMap(({ start, end }) => [start, end]),
  );
  return {
    groundingChunks: Array.from(chunks, ([uri, { title }]) => ({ web: { uri, title } })),
    groundingSupports: spans.map(({ start, end, chunk }) => ({
      segment: { startIndex: bytes.get(start), endIndex: bytes.get(end), text: text.slice(start, end) },
      groundingChunkIndices: [chunk],
    })),
  };
}

/** Where these characters of the text stand in its UTF-8 bytes: in one walk, however many there are. */
function byteOffsets(text: string, characters: readonly number[]): ReadonlyMap<number, number> {
  const encoder = new TextEncoder();
  const offsets = new Map<number, number>();
  let [at, bytes] = [0, 0];
  for (const character of [...new Set(characters)].sort((one, other) => one - other)) {
    bytes += encoder.encode(text.slice(at, character)).length;
    at = character;
    offsets.set(character, bytes);
  }
  return offsets;
}
