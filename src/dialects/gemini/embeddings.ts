import type { Destination, EmbeddingsOutbound, Outgoing } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest } from "../../vocabulary/embeddings.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, listOf, objectOf } from "../../vocabulary/json.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { untakenEmbeddingKnobs } from "../shared/tuning/knobs.ts";
import { expressEmbeddings, resourceName } from "./outbound/express.ts";
import { errorIn, failureInAnswer, readFailure } from "./outbound/read-failure.ts";
import { usageFromGemini } from "./usage.ts";

/** Gemini's `:batchEmbedContents` as an upstream. */
export const geminiEmbeddingsOutbound: EmbeddingsOutbound = { name: "gemini-embeddings", express: expressEmbeddings, write, readAnswer, readFailure };

/** Every input is a request of its own that names the model again. Throws `invalid-request` for inputs of token numbers. */
function write(request: EmbeddingsRequest, destination: Destination): Outgoing {
  const model = resourceName(destination.model);
  const requests = request.inputs.map((input, index) => {
    if (typeof input !== "string")
      throw invalidRequest(`input[${index}]`, `input[${index}] is a list of token numbers. This model's provider takes text only.`);
    return { model, content: { parts: [{ text: input }] }, ...(request.dimensions === undefined ? {} : { outputDimensionality: request.dimensions }) };
  });
  return { body: JSON.stringify({ requests }), warnings: untakenEmbeddingKnobs(request, new Set(), destination.model) };
}

/** Throws `upstream-error` for a body without vectors. Usage is marked as estimated, and zero, where Gemini counts none. */
function readAnswer(json: Json): EmbeddingsAnswer {
  const error = errorIn(json);
  if (error !== undefined) throw failureInAnswer(error);
  const body = objectOf(json);
  const embeddings = isObject(body["embedding"]) ? [body["embedding"]] : listOf(body["embeddings"]);
  const vectors = embeddings.map((embedding) => listOf(objectOf(embedding)["values"]) as number[]);
  if (vectors.length === 0 || !vectors.every((vector) => vector.length > 0 && vector.every((number) => typeof number === "number")))
    throw new Failure("upstream-error", "The upstream's answer holds no embedding for an input.");
  return { vectors, usage: usageFromGemini(body["usageMetadata"]) ?? uncounted() };
}

function uncounted(): Usage {
  return usageOf({ evidence: "estimated" });
}
