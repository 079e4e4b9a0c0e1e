import type { AnswerFacts, EmbeddingsCall, EmbeddingsInbound, Incoming } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, EmbeddingsRequest, Vector } from "../../vocabulary/embeddings.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { type Json, type JsonObject, numberOf, stringOf } from "../../vocabulary/json.ts";
import { promptTokens } from "../../vocabulary/usage.ts";
import { checkFields, readBody, readWhenAsked } from "../shared/json/body.ts";
import { writeOpenaiFailure } from "../shared/openai/failure.ts";
import { base64Of, floatsOf } from "../shared/vectors.ts";

/** Clients of `POST /v1/embeddings`. */
export const openaiEmbeddingsInbound: EmbeddingsInbound = {
  name: "openai-embeddings",
  readCall: readEmbeddingsCall,
  writeAnswer: writeEmbeddingsAnswer,
  writeFailure: writeOpenaiFailure,
};

const KNOWN = new Set(["model", "input", "encoding_format", "dimensions", "user"]);

function readEmbeddingsCall({ text }: Incoming): EmbeddingsCall {
  const json = readBody(text);
  checkFields(json);
  checkInput(json["input"]);
  const encoding = json["encoding_format"] ?? "float";
  if (encoding !== "float" && encoding !== "base64") throw invalidRequest("encoding_format", "encoding_format must be float or base64.");
  const dimensions = json["dimensions"] ?? undefined;
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && (dimensions as number) > 0))
    throw invalidRequest("dimensions", "dimensions must be an integer above 0.");
  return { dialect: "openai-embeddings", model: stringOf(json["model"]) ?? "", text, json, encoding, request: readWhenAsked(text, () => readRequest(json)) };
}

function readRequest(json: JsonObject): EmbeddingsRequest {
  const extras: JsonObject = {};
  for (const name in json) if (!KNOWN.has(name)) extras[name] = json[name];
  const input = json["input"];
  const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
  return {
    model: stringOf(json["model"]) ?? "",
    inputs: inputs as EmbeddingsRequest["inputs"],
    dimensions: numberOf(json["dimensions"]),
    user: stringOf(json["user"]),
    extras,
  };
}

/** Throws unless the input is a text, a list of texts, a list of tokens or a list of token lists, none of them empty. */
function checkInput(input: Json | undefined): void {
  if (input === undefined || input === null) throw invalidRequest("input", "input is missing. Send the text to embed, or a list of texts.");
  if (typeof input === "string") {
    if (input === "") throw invalidRequest("input", "input must not be empty.");
    return;
  }
  if (!Array.isArray(input)) throw invalidRequest("input", "input must be a string, a list of strings, a list of tokens or a list of token lists.");
  if (input.length === 0) throw invalidRequest("input", "input must hold at least one text.");
  const fits = typeof input[0] === "string" ? isText : typeof input[0] === "number" ? isToken : isTokenList;
  const what = fits === isText ? "a text that is not empty" : fits === isToken ? "a token (an integer)" : "a text, or a list of tokens that is not empty";
  input.forEach((entry, index) => {
    if (!fits(entry)) throw invalidRequest(`input[${index}]`, `input[${index}] must be ${what}.`);
  });
}

function isText(entry: Json): boolean {
  return typeof entry === "string" && entry !== "";
}

function isToken(entry: Json): boolean {
  return Number.isInteger(entry) && (entry as number) >= 0;
}

function isTokenList(entry: Json): boolean {
  return Array.isArray(entry) && entry.length > 0 && entry.every(isToken);
}

function writeEmbeddingsAnswer(answer: EmbeddingsAnswer, call: EmbeddingsCall, facts: AnswerFacts): string {
  const tokens = promptTokens(answer.usage);
  return JSON.stringify({
    object: "list",
    data: answer.vectors.map((vector, index) => ({ object: "embedding", index, embedding: inFormAskedFor(vector, call) })),
    model: answer.model ?? facts.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

/**
 * The official SDKs ask for base64 and decode blindly, whatever the upstream does with the field. A client that named no form gets
 * numbers, but a string that came unasked passes: it is the upstream's own default form, which need not be 32-bit floats (some send 8-bit integers).
 */
function inFormAskedFor(vector: Vector, call: EmbeddingsCall): Vector {
  if (call.encoding === "base64") return base64Of(vector);
  return (call.json["encoding_format"] ?? undefined) === undefined ? vector : floatsOf(vector);
}
