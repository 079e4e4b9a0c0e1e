import type { JsonObject } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";

/** A recording made by hand: that of a whole answer, or of a stream when the body is text. */
export function made(
  fields: Partial<Recording> & Pick<Recording, "id" | "api">,
  request: JsonObject | string,
  body: Recording["response"]["body"],
  status = 200,
): Recording {
  const of = HOW[fields.api] ?? { provider: "openai", path: "", asked: {} };
  return {
    core: true,
    provider: of.provider,
    model: "m",
    fidelity: "wire",
    stream: typeof body === "string" ? (fields.api.startsWith("ollama") ? "ndjson" : "sse") : false,
    features: [],
    finish: [],
    usage: null,
    ...fields,
    request: {
      method: "POST",
      path: of.path,
      headers: {},
      body: typeof request === "string" ? request : { model: "m", ...of.asked, ...request },
      ...fields.request,
    },
    response: { status, headers: {}, body },
  };
}

const MESSAGES = { messages: [{ role: "user", content: "hi" }] };

const HOW: Readonly<Record<string, { readonly provider: string; readonly path: string; readonly asked: JsonObject }>> = {
  chat_completions: { provider: "openai", path: "/v1/chat/completions", asked: MESSAGES },
  completions: { provider: "openai", path: "/v1/completions", asked: {} },
  responses: { provider: "openai", path: "/v1/responses", asked: { input: "hi" } },
  anthropic_messages: { provider: "anthropic", path: "/v1/messages", asked: { max_tokens: 9, ...MESSAGES } },
  anthropic_count_tokens: { provider: "anthropic", path: "/v1/messages/count_tokens", asked: MESSAGES },
  gemini_generate: { provider: "gemini", path: "/v1beta/models/m:generateContent", asked: { contents: [{ role: "user", parts: [{ text: "hi" }] }] } },
  gemini_count_tokens: { provider: "gemini", path: "/v1beta/models/m:countTokens", asked: {} },
  gemini_embed: { provider: "gemini", path: "/v1beta/models/m:batchEmbedContents", asked: {} },
  ollama_chat: { provider: "ollama", path: "/api/chat", asked: MESSAGES },
  ollama_generate: { provider: "ollama", path: "/api/generate", asked: { prompt: "hi" } },
  ollama_embed: { provider: "ollama", path: "/api/embed", asked: {} },
  embeddings: { provider: "openai", path: "/v1/embeddings", asked: { input: "a" } },
  rerank: { provider: "cohere", path: "/v2/rerank", asked: {} },
  moderations: { provider: "openai", path: "/v1/moderations", asked: {} },
  images: { provider: "openai", path: "/v1/images/generations", asked: { prompt: "a" } },
  audio: { provider: "openai", path: "/v1/audio/transcriptions", asked: {} },
};
