import type { Destination, EmbeddingsCall, EmbeddingsOutbound, Outgoing } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest, Vector } from "../../vocabulary/embeddings.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { fitBody } from "../shared/json/fit-body.ts";
import { expressOpenai } from "../shared/openai/express.ts";
import { readOpenaiErrorObject, readOpenaiFailure } from "../shared/openai/failure.ts";
import { usageFromOpenai } from "../shared/openai/usage.ts";
import { untakenEmbeddingKnobs } from "../shared/tuning/knobs.ts";

/** Upstreams that speak `POST /embeddings`. */
export const openaiEmbeddingsOutbound: EmbeddingsOutbound = {
  name: "openai-embeddings",
  express: expressEmbeddings,
  write: writeEmbeddingsRequest,
  readAnswer: readEmbeddingsAnswer,
  readFailure: (reply) => readOpenaiFailure(reply, "openai-embeddings"),
};

function expressEmbeddings(call: EmbeddingsCall, destination: Destination): Outgoing {
  const outgoing = expressOpenai(call, destination);
  // A dropped `encoding_format` costs the client nothing: the answer is put into the form it asked for.
  return { ...outgoing, warnings: outgoing.warnings.filter((warning) => !warning.startsWith("encoding_format ")) };
}

/** Of what is left of another dialect's words nothing is understood here. */
const TAKEN: ReadonlySet<string> = new Set(["user"]);

function writeEmbeddingsRequest(request: EmbeddingsRequest, destination: Destination): Outgoing {
  const body: JsonObject = { model: destination.model, input: request.inputs as Json[], dimensions: request.dimensions, user: request.user };
  const warnings = untakenEmbeddingKnobs(request, TAKEN, destination.model);
  fitBody(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
}

/** Throws `upstream-error` when the answer holds no vectors. */
function readEmbeddingsAnswer(json: Json): EmbeddingsAnswer {
  if (!isObject(json)) throw new Failure("upstream-error", "The upstream answered 200 with something that is not a list of embeddings.");
  if (json["error"]) throw readOpenaiErrorObject(json["error"]);
  const data = json["data"];
  if (!Array.isArray(data)) throw new Failure("upstream-error", "The upstream answered 200 without embeddings.");
  const entries = data.map((value, index) => ({ index: numberOf(objectOf(value)["index"]) ?? index, vector: readVector(objectOf(value)["embedding"]) }));
  entries.sort((one, other) => one.index - other.index);
  return { model: stringOf(json["model"]), vectors: entries.map((entry) => entry.vector), usage: readUsage(json["usage"]) };
}

function readVector(value: Json | undefined): Vector {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((number) => typeof number === "number")) return value as number[];
  throw new Failure("upstream-error", "The upstream answered 200 with an embedding that is neither numbers nor base64.");
}

/** Some report only `total_tokens`, which for embeddings is the prompt; an upstream that reports nothing leaves the count to be estimated. */
function readUsage(json: Json | undefined): Usage {
  const usage = usageFromOpenai(json);
  if (usage === undefined) return usageOf({ evidence: "estimated" });
  return objectOf(json)["prompt_tokens"] === undefined ? usageOf({ input: numberOf(objectOf(json)["total_tokens"]) }) : usage;
}
