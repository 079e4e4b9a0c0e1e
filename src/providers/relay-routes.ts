import type { Routes } from "../vocabulary/service.ts";

/** Where OpenAI's own API, and whoever copies it, has what is passed on as it is; below its `/v1`. */
export const OPENAI_RELAYS = {
  moderations: [{ dialect: "openai-moderations", path: "/moderations" }],
  images: [{ dialect: "openai-images", path: "/images/generations" }],
  "image-edits": [{ dialect: "openai-images", path: "/images/edits" }],
  transcriptions: [{ dialect: "openai-audio", path: "/audio/transcriptions" }],
  translations: [{ dialect: "openai-audio", path: "/audio/translations" }],
  speech: [{ dialect: "openai-audio", path: "/audio/speech" }],
} as const satisfies Routes;

/** Where compatible servers rerank, which OpenAI does not. */
export const RERANK_ROUTE = { rerank: [{ dialect: "openai-rerank", path: "/rerank" }] } as const satisfies Routes;
