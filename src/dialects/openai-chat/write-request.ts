import type { AnswerFormat, ChatRequest, Tool, ToolChoice } from "../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { withoutMidSystem } from "../shared/conversation/mid-system.ts";
import { fitBody } from "../shared/json/fit-body.ts";
import { fitsStrict } from "../shared/openai/strict.ts";
import { writeTuning } from "../shared/openai/tuning.ts";
import { effortFor } from "../shared/tuning/efforts.ts";
import { untakenExtras } from "../shared/tuning/knobs.ts";
import { boundFor } from "../shared/tuning/max-tokens.ts";
import { writeMessages } from "./write-messages.ts";

/** A request of another dialect as a chat body, for the quirks of its destination. */
export function writeChatRequest(request: ChatRequest, destination: Destination): Outgoing {
  const { profile } = destination;
  const warnings: string[] = [];
  // What other OpenAI dialects may say is for the upstream to judge; another family's words mean nothing here.
  const kin = request.origin?.startsWith("openai-") === true;
  if (!kin) warnings.push(...untakenExtras(request, destination.model));
  const body: JsonObject = {
    ...(kin ? request.extras : {}),
    model: destination.model,
    messages: writeMessages(kin || profile.midSystem === true ? request.messages : withoutMidSystem(request.messages), profile),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map((tool) => writeTool(kin ? tool : fitting(tool, warnings))) }),
    tool_choice: writeToolChoice(request.toolChoice),
    parallel_tool_calls: request.tools.length === 0 ? undefined : request.parallelTools,
    max_tokens: boundFor(request, destination, warnings),
    ...writeTuning(request, profile),
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs === undefined || request.logprobs.top === 0 ? undefined : request.logprobs.top,
    response_format: writeFormat(kin ? request.format : enforceableFormat(request.format, warnings)),
    reasoning_effort: effortFor(request.reasoning, destination, warnings),
    user: request.user,
    prompt_cache_key: kin || profile.cacheKey === true ? request.cacheKey : undefined,
    service_tier: request.serviceTier,
    verbosity: request.verbosity,
    modalities: request.modalities === undefined ? undefined : [...request.modalities],
    // Gemini's clients may leave the voice to the model; OpenAI wants one named.
    audio: request.audio === undefined ? undefined : { voice: "alloy", ...request.audio },
    metadata: request.metadata,
  };
  fitBody(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
}

/** Other families leave properties out, which OpenAI insists on, and call schemas strict that it would refuse as such. */
function fitting({ parameters, strict, ...tool }: Tool, warnings: string[]): Tool {
  const enforced = strict === true && fitsStrict(parameters ?? {});
  if (strict === true && !enforced)
    warnings.push(`strict was dropped from tool ${tool.name}: this model's provider enforces schemas only whose objects are closed and require all they name.`);
  const named = parameters?.["type"] === "object" && parameters["properties"] === undefined ? { ...parameters, properties: {} } : parameters;
  return { ...tool, parameters: named, ...(enforced ? { strict } : {}) };
}

function enforceableFormat(format: AnswerFormat | undefined, warnings: string[]): AnswerFormat | undefined {
  if (format?.type !== "json-schema" || format.strict !== true || fitsStrict(format.schema)) return format;
  warnings.push("The JSON schema is not enforced: this model's provider does so only where all objects are closed and require all they name.");
  return { ...format, strict: undefined };
}

function writeTool(tool: Tool): JsonObject {
  return { type: "function", function: { name: tool.name, description: tool.description, parameters: tool.parameters, strict: tool.strict } };
}

function writeToolChoice(choice: ToolChoice | undefined): JsonObject[string] {
  if (choice === undefined) return undefined;
  switch (choice.type) {
    case "tool":
      return { type: "function", function: { name: choice.name } };
    case "some":
      return { type: "allowed_tools", allowed_tools: { mode: choice.mode, tools: choice.names.map((name) => ({ type: "function", function: { name } })) } };
    default:
      return choice.type;
  }
}

function writeFormat(format: AnswerFormat | undefined): JsonObject | undefined {
  if (format === undefined) return undefined;
  switch (format.type) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return { type: "json_schema", json_schema: { name: format.name, schema: format.schema, strict: format.strict, description: format.description } };
  }
}
