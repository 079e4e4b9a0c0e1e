import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { heardIn, pictureOf, soundOf } from "./pictures-and-sound.ts";
import { embeddingOf, tokensOf } from "./tokens.ts";

/** A request that is neither for a chat nor for vectors: its fields, and its file if it has one. */
export interface OtherRequest {
  readonly body: JsonObject;
  readonly file?: Buffer;
  /** Seconds since 1970. */
  readonly created: number;
}

/** The answer to one: JSON, events, or bytes. */
export type OtherAnswer = { readonly json: JsonObject } | { readonly events: readonly JsonObject[] } | { readonly bytes: Buffer; readonly type: string };

const DIMENSIONS = 256;
const MOST_PICTURES = 10;
/** Words the simulated moderator takes offence at. */
const RUDE = /\b(kill|hate|stupid|idiot)\w*/i;

/** Documents that share more words with the query come first. */
export function rerank({ body }: OtherRequest): OtherAnswer {
  const query = stringOf(body.query) ?? "";
  const wanted = embeddingOf(query, DIMENSIONS);
  const documents = listOf(body.documents).map((each) => stringOf(each) ?? stringOf(objectOf(each).text) ?? "");
  const results = documents.map((text, index) => {
    const near = embeddingOf(text, DIMENSIONS).reduce((sum, value, at) => sum + value * (wanted[at] ?? 0), 0);
    return { index, relevance_score: Math.round(Math.max(0, near) * 1e6) / 1e6, ...(body.return_documents === true ? { document: { text } } : {}) };
  });
  results.sort((one, other) => other.relevance_score - one.relevance_score);
  const tokens = [query, ...documents].reduce((sum, text) => sum + tokensOf(text).length, 0);
  return { json: { model: body.model, results: results.slice(0, numberOf(body.top_n) ?? results.length), usage: { total_tokens: tokens } } };
}

/** A text is flagged for the rude words in it. */
export function moderate({ body, created }: OtherRequest): OtherAnswer {
  const inputs = Array.isArray(body.input) ? body.input : [body.input ?? ""];
  const results = inputs.map((input) => {
    const flagged = RUDE.test(stringOf(input) ?? stringOf(objectOf(input).text) ?? "");
    return { flagged, categories: { harassment: flagged }, category_scores: { harassment: flagged ? 0.98 : 0.01 } };
  });
  return { json: { id: `modr-demo-${created}`, model: body.model, results } };
}

/** Pictures of colours that depend on the prompt. */
export function picture({ body, created }: OtherRequest): OtherAnswer {
  const prompt = stringOf(body.prompt) ?? "";
  const count = Math.min(Math.max(1, Number(body.n ?? 1) || 1), MOST_PICTURES);
  const pictures = Array.from({ length: count }, (_, index) => pictureOf(`${prompt} ${index}`).toString("base64"));
  const read = tokensOf(prompt).length;
  const usage = {
    input_tokens: read,
    input_tokens_details: { text_tokens: read, image_tokens: 0 },
    output_tokens: 272 * count,
    total_tokens: read + 272 * count,
  };
  if (body.stream !== true && body.stream !== "true") return { json: { created, data: pictures.map((b64_json) => ({ b64_json })), usage } };
  const first = pictures[0] ?? "";
  return {
    events: [
      { type: "image_generation.partial_image", partial_image_index: 0, b64_json: first, created_at: created },
      { type: "image_generation.completed", b64_json: first, created_at: created, usage },
    ],
  };
}

/** A tone for each character. */
export function speak({ body }: OtherRequest): OtherAnswer {
  return { bytes: soundOf(stringOf(body.input) ?? ""), type: "audio/wav" };
}

/** The words of what `speak` made; of any other sound only that it was heard. */
export function transcribe({ body, file = Buffer.alloc(0) }: OtherRequest): OtherAnswer {
  const { seconds = 0, words = `This is a simulated transcription of ${file.length} bytes.` } = heardIn(file);
  const usage: Json = { type: "duration", seconds: Math.ceil(seconds) };
  if (body.response_format === "text") return { bytes: Buffer.from(`${words}\n`), type: "text/plain; charset=utf-8" };
  if (body.stream !== true && body.stream !== "true") return { json: { text: words, usage } };
  const deltas = tokensOf(words).map((delta): JsonObject => ({ type: "transcript.text.delta", delta }));
  return { events: [...deltas, { type: "transcript.text.done", text: words, usage }] };
}
