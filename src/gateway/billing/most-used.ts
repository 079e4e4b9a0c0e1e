import { charactersToSpeak } from "../../dialects/openai-relay/read-request.ts";
import type { AtMost } from "../../ledger/pricing/bound.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";
import { type JsonObject, listOf } from "../../vocabulary/json.ts";
import { tokensOfBytes } from "../../vocabulary/usage.ts";
import { answerBounds, countIn } from "../answer-bounds.ts";
import type { RelayCall } from "../asking/relay-call.ts";
import { mostPromptTokens, mostTokens } from "./most-tokens.ts";

/** The most a request can use. `certain`: its client has bounded the answer, and no upstream goes past that. */
export interface MostUsed {
  readonly most: AtMost;
  readonly certain: boolean;
}

/** Of a chat; `assumed` tokens of answer where the client gives no bound. */
export function mostOfChat(call: ChatCall, assumed: number): MostUsed {
  const { tokens, answers = 1 } = answerBounds(call);
  const outputTokens = (tokens ?? assumed) * answers * promptsIn(call.json);
  return { most: { inputTokens: mostPromptTokens(call), outputTokens }, certain: tokens !== undefined };
}

/** Completions take several prompts, and answer each; token ids are one. */
function promptsIn(json: JsonObject): number {
  return Math.max(1, listOf(json["prompt"]).filter((prompt) => typeof prompt !== "number").length);
}

/** Of an embedding: its texts, or its tokens, which are numbers of one digit at least. */
export function mostOfEmbeddings({ text }: { readonly text: string }): MostUsed {
  return { most: { inputTokens: mostTokens(text), outputTokens: 0 }, certain: true };
}

/** A picture made by a model that counts it in tokens. */
const TOKENS_PER_PICTURE = 7_000;
/** Nobody speaks, or is heard, in fewer bytes than this for a millisecond: 16 kbit/s. */
const BYTES_PER_MILLISECOND = 2;
/** Tokens of speech made for a character, and heard in a second. */
const TOKENS_PER_CHARACTER = 3;
const TOKENS_PER_SECOND = 32;
/** Documents that rerankers bill as one search. */
const DOCUMENTS_PER_SEARCH = 100;

/** Of what is passed on as it is. */
export function mostOfRelay({ relay, request, size }: RelayCall): MostUsed {
  const json = request?.json ?? {};
  const inputTokens = request === undefined ? 0 : mostTokens(request.text);
  switch (relay.operation) {
    case "moderations":
      return { most: { inputTokens, outputTokens: 0 }, certain: true };
    case "rerank": {
      const documents = listOf(json["documents"]).length;
      // A reranker reads the query with every document.
      const query = mostTokens(JSON.stringify(json["query"] ?? "")) * documents;
      return { most: { inputTokens: inputTokens + query, outputTokens: 0, searches: Math.max(1, Math.ceil(documents / DOCUMENTS_PER_SEARCH)) }, certain: true };
    }
    case "images":
    case "image-edits": {
      const images = countIn(json["n"]) ?? 1;
      return {
        most: { inputTokens: inputTokens + (size === undefined ? 0 : TOKENS_PER_PICTURE), outputTokens: images * TOKENS_PER_PICTURE, images },
        certain: true,
      };
    }
    case "speech": {
      const characters = request === undefined ? 0 : charactersToSpeak(request);
      return { most: { inputTokens, outputTokens: characters * TOKENS_PER_CHARACTER, characters }, certain: true };
    }
    case "transcriptions":
    case "translations": {
      const milliseconds = Math.ceil((size ?? 0) / BYTES_PER_MILLISECOND);
      const tokens = Math.ceil((milliseconds / 1000) * TOKENS_PER_SECOND);
      return { most: { inputTokens: tokens, outputTokens: tokens, milliseconds }, certain: false };
    }
  }
}

/** About how many tokens its prompt has; of a form, which nobody has read, none. */
export function promptTokensOf({ request }: RelayCall): number {
  return request === undefined ? 0 : tokensOfBytes(Buffer.byteLength(request.text));
}
