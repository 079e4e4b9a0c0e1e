import { isObject, type Json, type JsonObject } from "../../../vocabulary/json.ts";
import type { Usage } from "../../../vocabulary/usage.ts";
import { usageFromOpenai } from "../../shared/openai/usage.ts";

/** A Responses `usage` object as our record: a chat's, by other names; `undefined` when it is none. */
export function usageFromResponses(json: Json | undefined): Usage | undefined {
  if (!isObject(json)) return undefined;
  const chat: JsonObject = {
    prompt_tokens: json["input_tokens"],
    completion_tokens: json["output_tokens"],
    total_tokens: json["total_tokens"],
    prompt_tokens_details: json["input_tokens_details"],
    completion_tokens_details: json["output_tokens_details"],
  };
  return usageFromOpenai(chat);
}
