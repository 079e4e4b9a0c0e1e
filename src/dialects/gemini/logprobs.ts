import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";

/** Gemini's `logprobsResult` in the shape of OpenAI's `choices[].logprobs`; `undefined` when it names no token. */
export function logprobsOf(result: Json | undefined): JsonObject | undefined {
  if (!isObject(result)) return undefined;
  const alternatives = listOf(result["topCandidates"]);
  const content = listOf(result["chosenCandidates"]).map((chosen, step) => ({
    ...tokenOf(chosen),
    top_logprobs: listOf(objectOf(alternatives[step])["candidates"]).map(tokenOf),
  }));
  return content.length === 0 ? undefined : { content, refusal: null };
}

function tokenOf(value: Json): JsonObject {
  const candidate = objectOf(value);
  const token = stringOf(candidate["token"]) ?? "";
  return { token, logprob: numberOf(candidate["logProbability"]) ?? 0, bytes: [...new TextEncoder().encode(token)] };
}

/** OpenAI's `logprobs`, piece by piece as they came, as Gemini's `logprobsResult`; `undefined` when they name no token. */
export function logprobsToGemini(pieces: readonly Json[]): JsonObject | undefined {
  const steps = pieces.flatMap((piece) => listOf(objectOf(piece)["content"]).map(objectOf));
  if (steps.length === 0) return undefined;
  return {
    chosenCandidates: steps.map(candidateOf),
    topCandidates: steps.map((step) => ({ candidates: listOf(step["top_logprobs"]).map((other) => candidateOf(objectOf(other))) })),
  };
}

function candidateOf(step: JsonObject): JsonObject {
  return { token: stringOf(step["token"]) ?? "", logProbability: numberOf(step["logprob"]) ?? 0 };
}
