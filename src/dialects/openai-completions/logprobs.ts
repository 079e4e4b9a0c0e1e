import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";

/** The old lists side by side (`tokens`, `token_logprobs`, `top_logprobs`) as chat's `{content: [{token, logprob, …}]}`. */
export function logprobsFromLists(lists: JsonObject): JsonObject {
  const chances = listOf(lists["token_logprobs"]);
  const tops = listOf(lists["top_logprobs"]);
  const content = listOf(lists["tokens"]).map((value, index) => {
    const token = stringOf(value) ?? "";
    const top = Object.entries(objectOf(tops[index])).map(([name, chance]) => tokenOf(name, chance ?? null));
    return { ...tokenOf(token, chances[index] ?? null), top_logprobs: top };
  });
  return { content, refusal: null };
}

function tokenOf(token: string, logprob: Json): JsonObject {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] };
}

/** Chat's log probabilities as the old lists. `offset` is where the first token stands in the whole text, in UTF-16 units. */
export function logprobsToLists(logprobs: readonly Json[], offset: number): JsonObject {
  const entries = logprobs.flatMap((piece) => listOf(objectOf(piece)["content"]).map(objectOf));
  const offsets: number[] = [];
  let at = offset;
  for (const entry of entries) {
    offsets.push(at);
    at += (stringOf(entry["token"]) ?? "").length;
  }
  const tops = entries.map((entry): JsonObject => {
    const alternatives = listOf(entry["top_logprobs"]).map(objectOf);
    return Object.fromEntries(alternatives.map((each) => [stringOf(each["token"]) ?? "", numberOf(each["logprob"]) ?? null]));
  });
  return {
    tokens: entries.map((entry) => stringOf(entry["token"]) ?? ""),
    token_logprobs: entries.map((entry) => numberOf(entry["logprob"]) ?? null),
    top_logprobs: tops.every((top) => Object.keys(top).length === 0) ? null : tops,
    text_offset: offsets,
  };
}
