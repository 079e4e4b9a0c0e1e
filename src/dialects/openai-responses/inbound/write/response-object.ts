import type { AnswerFacts, ChatCall } from "../../../../vocabulary/dialect.ts";
import type { Failure } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import type { Usage } from "../../../../vocabulary/usage.ts";
import { usageToResponses } from "./usage.ts";

/** How far an answer has come. */
export interface Progress {
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly output: readonly JsonObject[];
  /** As the upstream calls it. */
  readonly model?: string;
  readonly usage?: Usage;
  /** Why it is incomplete. */
  readonly reason?: "max_output_tokens" | "content_filter";
  readonly failure?: Failure;
  /** Seconds since 1970. */
  readonly completedAt?: number;
}

/** The request id without its prefix: it stands in the id of a response and of everything in it, so that each tells where it belongs. */
export function rootId(facts: AnswerFacts): string {
  return facts.requestId.replace(/^req_/, "");
}

/** A Response with every member that strict clients insist on: what was asked for, as asked or as it is by default, and what came of it. */
export function responseObject(call: ChatCall, facts: AnswerFacts, progress: Progress): JsonObject {
  const { json } = call;
  const { status, reason, failure, usage } = progress;
  const reasoning = objectOf(json["reasoning"]);
  return {
    id: `resp_${rootId(facts)}`,
    object: "response",
    created_at: facts.created,
    status,
    completed_at: progress.completedAt ?? null,
    background: false,
    error: failure === undefined ? null : { code: failure.facts.code ?? failure.row.code, message: failure.message },
    incomplete_details: reason === undefined ? null : { reason },
    instructions: stringOf(json["instructions"]) ?? null,
    max_output_tokens: numberOf(json["max_output_tokens"]) ?? null,
    max_tool_calls: numberOf(json["max_tool_calls"]) ?? null,
    model: progress.model ?? facts.model,
    output: [...progress.output],
    parallel_tool_calls: json["parallel_tool_calls"] !== false,
    previous_response_id: stringOf(json["previous_response_id"]) ?? null,
    prompt_cache_key: stringOf(json["prompt_cache_key"]) ?? null,
    reasoning: { effort: stringOf(reasoning["effort"]) ?? null, summary: stringOf(reasoning["summary"]) ?? null },
    safety_identifier: stringOf(json["safety_identifier"]) ?? null,
    service_tier: tierOf(json["service_tier"]),
    store: json["store"] !== false,
    temperature: numberOf(json["temperature"]) ?? 1,
    presence_penalty: numberOf(json["presence_penalty"]) ?? 0,
    frequency_penalty: numberOf(json["frequency_penalty"]) ?? 0,
    text: textOf(objectOf(json["text"])),
    tool_choice: json["tool_choice"] ?? "auto",
    tools: listOf(json["tools"]).map(toolOf),
    top_logprobs: numberOf(json["top_logprobs"]) ?? 0,
    top_p: numberOf(json["top_p"]) ?? 1,
    truncation: json["truncation"] === "auto" ? "auto" : "disabled",
    usage: usage === undefined ? null : usageToResponses(usage),
    user: stringOf(json["user"]) ?? null,
    metadata: isObject(json["metadata"]) ? json["metadata"] : {},
  };
}

/** `auto` is a wish, not a tier. */
function tierOf(asked: Json | undefined): string {
  const tier = stringOf(asked) ?? "auto";
  return tier === "auto" ? "default" : tier;
}

function textOf(text: JsonObject): JsonObject {
  const format = objectOf(text["format"]);
  const verbosity = stringOf(text["verbosity"]) ?? "medium";
  if (format["type"] === "json_object") return { format: { type: "json_object" }, verbosity };
  if (format["type"] !== "json_schema") return { format: { type: "text" }, verbosity };
  const { name = "answer", description = null, schema = {}, strict } = format;
  return { format: { type: "json_schema", name, description, schema, strict: strict === true }, verbosity };
}

/** A tool as it was listed; a function with all members that functions have. */
function toolOf(value: Json): JsonObject {
  const tool = objectOf(value);
  if (tool["type"] !== "function") return tool;
  return { ...tool, description: tool["description"] ?? null, parameters: tool["parameters"] ?? null, strict: tool["strict"] ?? null };
}
