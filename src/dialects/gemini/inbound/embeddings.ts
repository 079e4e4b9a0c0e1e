import type { AnswerFacts, EmbeddingsCall, EmbeddingsInbound, Incoming } from "../../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest } from "../../../vocabulary/embeddings.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { promptTokens } from "../../../vocabulary/usage.ts";
import { readBody, readWhenAsked } from "../../shared/json/body.ts";
import { floatsOf } from "../../shared/vectors.ts";
import { fieldOf, integerIn, objectIn, objectsIn, refuse, stringIn } from "../fields.ts";
import { readPath } from "./read/path.ts";
import { writeGeminiFailure } from "./write/failure.ts";

/** Clients of Google's `:embedContent` and `:batchEmbedContents`. */
export const geminiEmbeddingsInbound: EmbeddingsInbound = {
  name: "gemini-embeddings",
  readCall,
  writeAnswer,
  writeFailure: writeGeminiFailure,
};

function readCall({ text, rest }: Incoming): EmbeddingsCall {
  const { model, verb } = readPath(rest);
  const json = readBody(text);
  if (verb === "embedContent" && json["requests"] !== undefined) refuse("requests", "belongs to :batchEmbedContents. Send one content here");
  const requests = verb === "embedContent" ? [json] : objectsIn(json, "requests", "requests");
  if (requests.length === 0) refuse("requests", "is missing or empty. Send a list of {content: {parts: [{text}]}}");
  const at = (index: number) => (verb === "embedContent" ? "" : `requests[${index}].`);
  requests.forEach((request, index) => {
    if (objectIn(request, "content", `${at(index)}content`) === undefined) refuse(`${at(index)}content`, "is missing. Send {parts: [{text}]}");
  });
  return { dialect: "gemini-embeddings", model, text, json, encoding: "float", request: readWhenAsked(text, () => readRequest(requests, model, at)) };
}

/** Throws `invalid-request` for what is no text, and for requests that want vectors of different lengths: others make them all alike. */
function readRequest(requests: readonly JsonObject[], model: string, at: (index: number) => string): EmbeddingsRequest {
  const extras: JsonObject = {};
  let dimensions: number | undefined;
  const inputs = requests.map((request, index) => {
    const config = { ...request, ...objectIn(request, "embedContentConfig", `${at(index)}embedContentConfig`) };
    const wanted = integerIn(config, "outputDimensionality", `${at(index)}outputDimensionality`);
    if (index > 0 && wanted !== dimensions)
      refuse(`${at(index)}outputDimensionality`, "differs from the first request's, and this model's provider makes all vectors of one call alike");
    dimensions = wanted;
    for (const name of ["taskType", "title"]) extras[name] ??= fieldOf(config, name);
    return textOf(request, `${at(index)}content`);
  });
  return { model, inputs, dimensions, extras };
}

/** The parts of a content are one text. */
function textOf(request: JsonObject, path: string): string {
  const parts = objectsIn(objectIn(request, "content", path) ?? {}, "parts", `${path}.parts`);
  const texts = parts.map((part, index) => stringIn(part, "text", `${path}.parts[${index}].text`) ?? refuse(`${path}.parts[${index}]`, "must be text"));
  const text = texts.join("\n");
  return text === "" ? refuse(`${path}.parts`, "must hold a text that is not empty") : text;
}

function writeAnswer(answer: EmbeddingsAnswer, call: EmbeddingsCall, _facts: AnswerFacts): string {
  const embeddings = answer.vectors.map((vector) => ({ values: floatsOf(vector) }));
  const usageMetadata = { promptTokenCount: promptTokens(answer.usage) };
  return JSON.stringify(call.json["requests"] === undefined ? { embedding: embeddings[0], usageMetadata } : { embeddings, usageMetadata });
}
