import type { DialectName } from "../../vocabulary/dialect.ts";
import type { RelayOperation } from "../../vocabulary/service.ts";

/** An operation whose requests and answers have one shape everywhere, and pass as they are. */
export interface Relay {
  readonly operation: RelayOperation;
  readonly dialect: DialectName;
  /** Requests are forms with files, or else JSON; where this is `false`, JSON alone. */
  readonly forms: boolean;
  /** May an answer be something other than JSON: audio, subtitles? */
  readonly bytes: boolean;
}

/** Jina's, Cohere's and vLLM's common shape: `{model, query, documents, top_n}` to `{results: [{index, relevance_score}]}`. */
export const RERANK: Relay = { operation: "rerank", dialect: "openai-rerank", forms: false, bytes: false };
export const MODERATIONS: Relay = { operation: "moderations", dialect: "openai-moderations", forms: false, bytes: false };
export const IMAGES: Relay = { operation: "images", dialect: "openai-images", forms: false, bytes: false };
export const IMAGE_EDITS: Relay = { operation: "image-edits", dialect: "openai-images", forms: true, bytes: false };
export const TRANSCRIPTIONS: Relay = { operation: "transcriptions", dialect: "openai-audio", forms: true, bytes: true };
export const TRANSLATIONS: Relay = { operation: "translations", dialect: "openai-audio", forms: true, bytes: true };
export const SPEECH: Relay = { operation: "speech", dialect: "openai-audio", forms: false, bytes: true };
