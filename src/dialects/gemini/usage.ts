import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf } from "../../vocabulary/json.ts";
import { promptTokens, type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";

/**
 * Gemini's `usageMetadata` as our record; `undefined` when it counts nothing (Vertex sends such on early frames). The prompt includes
 * cached tokens but not those of tools Gemini ran itself; the candidates do not include thoughts.
 */
export function usageFromGemini(json: Json | undefined): Usage | undefined {
  if (!isObject(json)) return undefined;
  const prompt = numberOf(json["promptTokenCount"]);
  const candidates = numberOf(json["candidatesTokenCount"]);
  if (prompt === undefined && candidates === undefined) return undefined;
  const cached = numberOf(json["cachedContentTokenCount"]) ?? 0;
  const thoughts = numberOf(json["thoughtsTokenCount"]) ?? 0;
  // Embeddings spell it without the s.
  const promptDetails = json["promptTokensDetails"] ?? json["promptTokenDetails"];
  // Of a cached recording only the part that was not read from the cache belongs to `input`.
  const uncached = (modalities: Modalities) =>
    tokensOf(promptDetails, modalities) + tokensOf(json["toolUsePromptTokensDetails"], modalities) - tokensOf(json["cacheTokensDetails"], modalities);
  const tokens = usageOf({
    input: (prompt ?? 0) + (numberOf(json["toolUsePromptTokenCount"]) ?? 0) - cached,
    cacheRead: cached,
    output: (candidates ?? 0) + thoughts,
    reasoning: thoughts,
    audioInput: uncached(AUDIO),
    audioOutput: tokensOf(json["candidatesTokensDetails"], AUDIO),
    imageInput: uncached(IMAGES),
  });
  return withUnits(tokens, {
    imageOutput: tokensOf(json["candidatesTokensDetails"], IMAGES),
    cacheAudioRead: tokensOf(json["cacheTokensDetails"], AUDIO),
    cacheImageRead: tokensOf(json["cacheTokensDetails"], IMAGES),
  });
}

type Modalities = readonly string[];
const AUDIO: Modalities = ["AUDIO"];
/** The pages of a document are read, and billed, as images. */
const IMAGES: Modalities = ["IMAGE", "DOCUMENT"];

function tokensOf(details: Json | undefined, modalities: Modalities): number {
  let sum = 0;
  for (const entry of listOf(details)) {
    const { modality, tokenCount } = objectOf(entry);
    if (typeof modality === "string" && modalities.includes(modality)) sum += numberOf(tokenCount) ?? 0;
  }
  return sum;
}

/** Our record as Gemini's `usageMetadata`. */
export function usageToGemini(usage: Usage): JsonObject {
  const prompt = promptTokens(usage);
  const answer = Math.max(0, usage.output - usage.reasoning);
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: answer,
    totalTokenCount: prompt + usage.output,
    ...(usage.cacheRead === 0 ? {} : { cachedContentTokenCount: usage.cacheRead }),
    ...(usage.reasoning === 0 ? {} : { thoughtsTokenCount: usage.reasoning }),
    ...detailsOf("promptTokensDetails", prompt, { AUDIO: usage.audioInput, IMAGE: usage.imageInput }),
    ...detailsOf("candidatesTokensDetails", answer, { AUDIO: usage.audioOutput, IMAGE: usage.imageOutput ?? 0 }),
  };
}

/** The tokens of each modality, where there are others than text. */
function detailsOf(name: string, all: number, others: Readonly<Record<string, number>>): JsonObject {
  const rows = Object.entries(others).filter(([, tokenCount]) => tokenCount > 0);
  if (rows.length === 0) return {};
  const text = all - rows.reduce((sum, [, tokenCount]) => sum + tokenCount, 0);
  return { [name]: [...(text > 0 ? [["TEXT", text] as const] : []), ...rows].map(([modality, tokenCount]) => ({ modality, tokenCount })) };
}
