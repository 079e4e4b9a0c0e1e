import type { Json } from "../../../../src/vocabulary/json.ts";
import { CREATED } from "./answer.ts";

const CREATED_ISO = "2023-11-14T22:13:20Z";

/** OpenAI's `GET /v1/models`. */
export function openaiModels(names: readonly string[]): Json {
  return { object: "list", data: names.map((id) => ({ id, object: "model", created: CREATED, owned_by: "fake" })) };
}

/** Anthropic's `GET /v1/models`. */
export function anthropicModels(names: readonly string[]): Json {
  const data = names.map((id) => ({ type: "model", id, display_name: id, created_at: CREATED_ISO }));
  return { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
}

/** Gemini's `GET /v1beta/models`. */
export function geminiModels(names: readonly string[]): Json {
  const methods = ["generateContent", "countTokens"];
  return { models: names.map((name) => ({ name: `models/${name}`, displayName: name, inputTokenLimit: 1_048_576, supportedGenerationMethods: methods })) };
}

/** Ollama's `GET /api/tags`. */
export function ollamaTags(names: readonly string[]): Json {
  const details = { format: "gguf", family: "fake", families: ["fake"], parameter_size: "1B", quantization_level: "Q4_0" };
  return { models: names.map((name) => ({ name, model: name, modified_at: CREATED_ISO, size: 1_000_000, digest: "0".repeat(64), details })) };
}
