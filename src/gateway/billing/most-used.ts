import { charactersToSpeak } from "../../dialects/openai-relay/read-request.ts";
import type { AtMost } from "../../ledger/pricing/bound.ts";
import type { ChatCall, DialectName } from "../../vocabulary/dialect.ts";
import { type JsonObject, listOf, numberOf, objectOf } from "../../vocabulary/json.ts";
import { tokensOfBytes } from "../../vocabulary/usage.ts";
import type { RelayCall } from "../asking/relay-call.ts";
import { mostPromptTokens, mostTokens } from "./most-tokens.ts";

/** The most a request can use. `certain`: its client has bounded the answer, and no upstream goes past that. */
export interface MostUsed {
  readonly most: AtMost;
  readonly certain: boolean;
}

/**
 * Where clients of a dialect bound their answers, and how many they ask for. Only what the dialect itself knows: a bound in another's words
 * would lower what is set aside, and no upstream would keep it.
 */
interface Bounds {
  readonly tokens: (json: JsonObject) => readonly unknown[];
  readonly answers: (json: JsonObject) => readonly unknown[];
}

const generation = (json: JsonObject) => objectOf(json["generationConfig"] ?? json["generation_config"]);
const OLLAMA: Bounds = { tokens: (json) => [objectOf(json["options"])["num_predict"]], answers: () => [] };
const CHAT: Bounds = { tokens: (json) => [json["max_completion_tokens"], json["max_tokens"]], answers: (json) => [json["n"]] };
const RESPONSES: Bounds = { tokens: (json) => [json["max_output_tokens"]], answers: () => [] };

const BOUNDS: Readonly<Partial<Record<DialectName, Bounds>>> = {
  "openai-chat": CHAT,
  "openai-completions": { tokens: (json) => [json["max_tokens"]], answers: (json) => [json["n"], json["best_of"]] },
  "openai-responses": RESPONSES,
  "anthropic-messages": { tokens: (json) => [json["max_tokens"]], answers: () => [] },
  gemini: {
    tokens: (json) => [generation(json)["maxOutputTokens"], generation(json)["max_output_tokens"]],
    answers: (json) => [generation(json)["candidateCount"], generation(json)["candidate_count"]],
  },
  ollama: OLLAMA,
  "ollama-generate": OLLAMA,
};

/** Of a chat; `assumed` tokens of answer where the client gives no bound. */
export function mostOfChat(call: ChatCall, assumed: number): MostUsed {
  // A response on the chat's route is read as what it is.
  const { tokens, answers } = call.json["messages"] === undefined && call.anew === true ? RESPONSES : (BOUNDS[call.dialect] ?? CHAT);
  const bound = largest(tokens(call.json));
  const outputTokens = (bound ?? assumed) * (largest(answers(call.json)) ?? 1) * promptsIn(call.json);
  return { most: { inputTokens: mostPromptTokens(call), outputTokens }, certain: bound !== undefined };
}

/** Of several that are given, nobody knows which an upstream obeys. */
function largest(values: readonly unknown[]): number | undefined {
  const counts = values.map(countIn).filter((count) => count !== undefined);
  return counts.length === 0 ? undefined : Math.max(...counts);
}

/** Completions take several prompts, and answer each; token ids are one. */
function promptsIn(json: JsonObject): number {
  return Math.max(1, listOf(json["prompt"]).filter((prompt) => typeof prompt !== "number").length);
}

function countIn(value: unknown): number | undefined {
  const count = numberOf(value);
  return count !== undefined && count > 0 ? Math.ceil(count) : undefined;
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
