import type { AnswerFacts, EmbeddingsCall, EmbeddingsInbound, Incoming } from "../../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../../../vocabulary/embeddings.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { type Json, type JsonObject, stringOf } from "../../../vocabulary/json.ts";
import { promptTokens } from "../../../vocabulary/usage.ts";
import { readWhenAsked } from "../../shared/json/body.ts";
import { floatsOf } from "../../shared/vectors.ts";
import { readOwnBody } from "./call.ts";
import { writeOllamaFailure } from "./write/failure.ts";

/** Clients of `POST /api/embed`. */
export const ollamaEmbedInbound: EmbeddingsInbound = {
  name: "ollama-embeddings",
  readCall: (incoming) => readEmbedCall(incoming, "input"),
  writeAnswer(answer, _call, facts) {
    const { embeddings, ...rest } = answerOf(answer, facts);
    return JSON.stringify({ model: answer.model ?? facts.model, embeddings, ...rest });
  },
  writeFailure: writeOllamaFailure,
};

/** Clients of the older `POST /api/embeddings`, which embeds one prompt. */
export const ollamaOldEmbeddingsInbound: EmbeddingsInbound = {
  ...ollamaEmbedInbound,
  readCall: (incoming) => readEmbedCall(incoming, "prompt"),
  writeAnswer: (answer, _call, facts) => JSON.stringify({ embedding: answerOf(answer, facts).embeddings[0] ?? [] }),
};

function readEmbedCall({ text }: Incoming, field: "input" | "prompt"): EmbeddingsCall {
  const json = readOwnBody(text);
  const inputs = inputsIn(json[field], field);
  const model = stringOf(json["model"]) ?? "";
  const dimensions = json["dimensions"] ?? undefined;
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && (dimensions as number) > 0))
    throw invalidRequest("dimensions", "dimensions must be an integer above 0.");
  const known = new Set(["model", field, "dimensions"]);
  const extras: JsonObject = Object.fromEntries(Object.entries(json).filter(([name]) => !known.has(name)));
  const request = { model, inputs, dimensions: dimensions as number | undefined, extras };
  return { dialect: "ollama-embeddings", model, text, json, encoding: "float", request: readWhenAsked(text, () => request) };
}

function inputsIn(value: Json | undefined, field: string): string[] {
  const inputs = Array.isArray(value) && field === "input" ? value : [value ?? ""];
  if (inputs.length === 0) throw invalidRequest(field, `${field} must hold at least one text.`);
  return inputs.map((entry, index) => {
    const path = Array.isArray(value) && field === "input" ? `${field}[${index}]` : field;
    if (typeof entry !== "string" || entry === "") throw invalidRequest(path, `${path} must be a text that is not empty.`);
    return entry;
  });
}

function answerOf({ vectors, usage }: EmbeddingsAnswer, { clock }: AnswerFacts) {
  const embeddings = vectors.map(floatsOf);
  return { embeddings, total_duration: Math.round((clock?.elapsed() ?? 0) * 1e6), load_duration: 0, prompt_eval_count: promptTokens(usage) };
}
