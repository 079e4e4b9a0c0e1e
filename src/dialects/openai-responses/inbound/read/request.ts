import type { AnswerFormat, ChatRequest, Effort, Reasoning } from "../../../../vocabulary/chat.ts";
import { Failure, invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { readTuning, TUNING_FIELDS } from "../../../shared/openai/tuning.ts";
import { EFFORTS } from "../../../shared/tuning/efforts.ts";
import { toolBook } from "../tool-book.ts";
import { readInput } from "./items.ts";
import { readToolChoice, readTools } from "./tools.ts";

/** Top-level fields that have their own word in the neutral request, or are of no concern to any upstream; all others are extras. */
const KNOWN = new Set<string>([
  ...TUNING_FIELDS,
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_output_tokens",
  "top_logprobs",
  "include",
  "reasoning",
  "text",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "service_tier",
  "metadata",
  "truncation",
  "max_tool_calls",
  "context_management",
  // What is kept of answers is the gateway's own business.
  "store",
  "previous_response_id",
  "conversation",
  "prompt",
  "background",
  // Codex's notes on itself.
  "client_metadata",
]);

const LOGPROBS = "message.output_text.logprobs";
/** What `include` may ask for; of tools that OpenAI runs there is nothing to include. */
const INCLUDES = new Set<Json>([
  LOGPROBS,
  "reasoning.encrypted_content",
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
]);

/** A Responses body in neutral words. Throws `invalid-request` with the JSON path for what cannot be understood, or only by OpenAI. */
export function readRequest(json: JsonObject): ChatRequest {
  refuseState(json);
  const tuning = readTuning(json);
  if (tuning.choices !== 1) throw invalidRequest("n", "n asks for several answers, and a response is one. Leave it out.");
  const warnings: string[] = [];
  const book = toolBook(json);
  const tools = readTools(book, warnings);
  const text = objectOf(json["text"]);
  const extras: JsonObject = {};
  for (const name in json) if (!KNOWN.has(name)) extras[name] = json[name];
  warnOfDropped(json, warnings);
  return {
    model: stringOf(json["model"]) ?? "",
    messages: readInput(json, book, warnings),
    tools,
    toolChoice: readToolChoice(json["tool_choice"], book),
    parallelTools: typeof json["parallel_tool_calls"] === "boolean" ? json["parallel_tool_calls"] : undefined,
    maxTokens: numberOf(json["max_output_tokens"]),
    ...tuning,
    logprobs: readLogprobs(json),
    format: readFormat(text["format"]),
    reasoning: readReasoning(objectOf(json["reasoning"]), warnings),
    user: stringOf(json["safety_identifier"]) ?? stringOf(json["user"]),
    cacheKey: stringOf(json["prompt_cache_key"]),
    serviceTier: stringOf(json["service_tier"]),
    verbosity: stringOf(text["verbosity"]),
    metadata: isObject(json["metadata"]) ? json["metadata"] : undefined,
    extras,
    origin: "openai-responses",
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The refusal to go on from an answer that is not here, in the words OpenAI's clients know. */
export function unknownPrevious(previous: Json): Failure {
  return new Failure("invalid-request", `There is no response ${JSON.stringify(previous)} here to continue. Send the conversation in input.`, {
    param: "previous_response_id",
    code: "previous_response_not_found",
  });
}

/** What is kept at OpenAI is nowhere else. */
function refuseState(json: JsonObject): void {
  const previous = json["previous_response_id"];
  if (previous !== undefined && previous !== null) throw unknownPrevious(previous);
  for (const [name, instead] of [
    ["conversation", "Send its items in input"],
    ["prompt", "Send its text in instructions and input"],
  ] as const) {
    if (json[name] === undefined || json[name] === null) continue;
    throw invalidRequest(name, `${name} is kept at OpenAI, and this model's provider cannot read it. ${instead}, or choose a model that OpenAI serves.`);
  }
  if (json["background"] === true)
    throw invalidRequest("background", "background is not possible with this model: its provider answers at once or not at all. Leave it out.");
}

function warnOfDropped(json: JsonObject, warnings: string[]): void {
  if (json["truncation"] === "auto") warnings.push("truncation auto was dropped: the conversation is sent whole.");
  if (numberOf(json["max_tool_calls"]) !== undefined) warnings.push("max_tool_calls was dropped: it bounds tools that OpenAI runs.");
  if (listOf(json["context_management"]).length > 0) warnings.push("context_management was dropped: the conversation is sent as it is.");
  const unknown = listOf(json["include"]).filter((what) => !INCLUDES.has(what));
  if (unknown.length > 0) warnings.push(`include was ignored for ${unknown.map((what) => JSON.stringify(what)).join(", ")}.`);
}

function readLogprobs(json: JsonObject): ChatRequest["logprobs"] {
  const top = numberOf(json["top_logprobs"]) ?? 0;
  return top > 0 || listOf(json["include"]).includes(LOGPROBS) ? { top } : undefined;
}

function readFormat(value: Json | undefined): AnswerFormat | undefined {
  if (!isObject(value)) return undefined;
  switch (value["type"]) {
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema":
      return {
        type: "json-schema",
        name: stringOf(value["name"]) ?? "answer",
        schema: isObject(value["schema"]) ? value["schema"] : {},
        strict: typeof value["strict"] === "boolean" ? value["strict"] : undefined,
        description: stringOf(value["description"]),
      };
    default:
      throw invalidRequest("text.format.type", "text.format.type must be text, json_object or json_schema.");
  }
}

function readReasoning(json: JsonObject, warnings: string[]): Reasoning | undefined {
  const effort = stringOf(json["effort"]);
  if (effort !== undefined && !isEffort(effort)) throw invalidRequest("reasoning.effort", `reasoning.effort must be one of ${EFFORTS.join(", ")}.`);
  const summary = stringOf(json["summary"]) ?? stringOf(json["generate_summary"]);
  // Which earlier reasoning is looked at, and in what mode, is OpenAI's to know.
  for (const name of ["context", "mode"]) {
    const value = stringOf(json[name]);
    if (value !== undefined && value !== "auto" && value !== "standard") warnings.push(`reasoning.${name} was dropped: only OpenAI knows it.`);
  }
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { show: true }) };
}

function isEffort(word: string): word is Effort {
  return (EFFORTS as readonly string[]).includes(word);
}
