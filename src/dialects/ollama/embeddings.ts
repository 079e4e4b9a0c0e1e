import type { Destination, EmbeddingsOutbound, Outgoing } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest } from "../../vocabulary/embeddings.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { untakenEmbeddingKnobs } from "../shared/tuning/knobs.ts";
import { readOllamaError, readOllamaFailure } from "./outbound/failure.ts";

/** Upstreams that speak Ollama's own `POST /api/embed`. */
export const ollamaEmbeddingsOutbound: EmbeddingsOutbound = {
  name: "ollama-embeddings",
  write: writeEmbedRequest,
  readAnswer: readEmbedAnswer,
  readFailure: readOllamaFailure,
};

const OWN_FIELDS = ["keep_alive", "truncate", "options"];

function writeEmbedRequest(request: EmbeddingsRequest, destination: Destination): Outgoing {
  request.inputs.forEach((entry) => {
    if (typeof entry !== "string") throw invalidRequest("input", "input must be text: this model's provider does not take tokens.");
  });
  const body: JsonObject = { model: destination.model, input: [...request.inputs] as string[], dimensions: request.dimensions };
  for (const name of OWN_FIELDS) if (request.extras[name] !== null) body[name] = request.extras[name];
  const warnings = untakenEmbeddingKnobs(request, new Set(OWN_FIELDS), destination.model);
  for (const name of destination.profile.drop) {
    if (body[name] !== undefined) warnings.push(`${name} was dropped: ${destination.model} does not know it.`);
    delete body[name];
  }
  return { body: JSON.stringify(body), warnings };
}

/** Throws `upstream-error` when the answer holds no vectors. */
function readEmbedAnswer(json: Json): EmbeddingsAnswer {
  const answer = objectOf(json);
  if (answer["error"]) throw readOllamaError(answer["error"]);
  const vectors = answer["embeddings"];
  if (!isObject(json) || !Array.isArray(vectors) || !vectors.every(isVector))
    throw new Failure("upstream-error", "The upstream answered 200 without embeddings.");
  const count = numberOf(answer["prompt_eval_count"]);
  return {
    model: stringOf(answer["model"]),
    vectors: vectors as number[][],
    usage: usageOf(count === undefined ? { evidence: "estimated" } : { input: count }),
  };
}

function isVector(value: Json): boolean {
  return Array.isArray(value) && value.every((number) => typeof number === "number");
}
