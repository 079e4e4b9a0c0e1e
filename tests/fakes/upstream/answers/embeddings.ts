import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Asked, lastUserText, numberIn, type WholeAnswer } from "./answer.ts";
import { openaiUsage } from "./openai-chat.ts";

const DIMENSIONS = 8;

/** A unit-length vector that depends on the text alone: equal texts are equal, different ones differ. */
export function vectorOf(text: string, dimensions: number): number[] {
  let state = 2_166_136_261;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  const raw = Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
  const length = Math.hypot(...raw) || 1;
  return raw.map((value) => Math.fround(value / length));
}

/** `/v1/embeddings`: floats or base64, with `dimensions`; token lists count as one input each. */
export function openaiEmbeddings(asked: Asked, answer: WholeAnswer): Json {
  const input = asked.json.input;
  const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input ?? ""];
  const dimensions = numberIn(asked.json, "dimensions", DIMENSIONS);
  const data = inputs.map((one, index) => {
    const vector = vectorOf(typeof one === "string" ? one : JSON.stringify(one), dimensions);
    return { object: "embedding", index, embedding: asked.json.encoding_format === "base64" ? base64Of(vector) : vector };
  });
  const usage = answer.usage ? openaiUsage(answer.usage) : {};
  return { object: "list", data, model: asked.model, usage: { prompt_tokens: usage.prompt_tokens, total_tokens: usage.prompt_tokens } };
}

/** Ollama's `/api/embed`. */
export function ollamaEmbeddings(asked: Asked, answer: WholeAnswer): Json {
  const input = asked.json.input;
  const inputs = Array.isArray(input) ? input : [input ?? ""];
  const embeddings = inputs.map((one) => vectorOf(stringOf(one) ?? "", numberIn(asked.json, "dimensions", DIMENSIONS)));
  return { model: asked.model, embeddings, total_duration: 1_000_000, load_duration: 0, prompt_eval_count: answer.usage?.input };
}

/** Gemini's `:embedContent` and `:batchEmbedContents`. */
export function geminiEmbeddings(asked: Asked): Json {
  const embed = (request: JsonObject) => ({
    values: vectorOf(lastUserText({ contents: [request.content ?? {}] }), numberOf(request.outputDimensionality) ?? DIMENSIONS),
  });
  if (!asked.path.includes(":batchEmbedContents")) return { embedding: embed(asked.json) };
  return { embeddings: listOf(asked.json.requests).map((request) => embed(objectOf(request))) };
}

function base64Of(vector: readonly number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString("base64");
}
