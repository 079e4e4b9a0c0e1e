import type { ChatCall, DialectName } from "../vocabulary/dialect.ts";
import { type JsonObject, numberOf, objectOf } from "../vocabulary/json.ts";

/** How a client bounds its answer. Whole numbers above zero; absent: it does not say. */
export interface AnswerBounds {
  readonly tokens: number | undefined;
  /** Answers to each prompt. */
  readonly answers: number | undefined;
}

/**
 * Where clients of a dialect bound their answers, and how many they ask for. Only what the dialect itself knows: a bound in another's words
 * would lower what is set aside, and no upstream would keep it.
 */
interface Places {
  readonly tokens: (json: JsonObject) => readonly unknown[];
  readonly answers: (json: JsonObject) => readonly unknown[];
}

const generation = (json: JsonObject) => objectOf(json["generationConfig"] ?? json["generation_config"]);
const OLLAMA: Places = { tokens: (json) => [objectOf(json["options"])["num_predict"]], answers: () => [] };
const CHAT: Places = { tokens: (json) => [json["max_completion_tokens"], json["max_tokens"]], answers: (json) => [json["n"]] };
const RESPONSES: Places = { tokens: (json) => [json["max_output_tokens"]], answers: () => [] };

const PLACES: Readonly<Partial<Record<DialectName, Places>>> = {
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

/** What the client's own words say; read off the body, without reading all of it. */
export function answerBounds({ json, dialect, anew }: Pick<ChatCall, "json" | "dialect" | "anew">): AnswerBounds {
  // A response on the chat's route is read as what it is.
  const { tokens, answers } = json["messages"] === undefined && anew === true ? RESPONSES : (PLACES[dialect] ?? CHAT);
  return { tokens: largest(tokens(json)), answers: largest(answers(json)) };
}

/** Of several that are given, nobody knows which an upstream obeys. */
function largest(values: readonly unknown[]): number | undefined {
  let most: number | undefined;
  for (const value of values) {
    const count = countIn(value);
    if (count !== undefined && (most === undefined || count > most)) most = count;
  }
  return most;
}

/** A number of things, whole and above zero. */
export function countIn(value: unknown): number | undefined {
  const count = numberOf(value);
  return count !== undefined && count > 0 ? Math.ceil(count) : undefined;
}
