import type { AnswerFormat, ChatRequest, Tool, ToolChoice } from "../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { effortFor } from "../shared/efforts.ts";
import { fitBody } from "../shared/fit-body.ts";
import { untakenExtras } from "../shared/knobs.ts";
import { boundFor } from "../shared/max-tokens.ts";
import { writeTuning } from "../shared/openai-tuning.ts";
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
    messages: writeMessages(request.messages, profile),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(writeTool) }),
    tool_choice: writeToolChoice(request.toolChoice),
    parallel_tool_calls: request.tools.length === 0 ? undefined : request.parallelTools,
    max_tokens: boundFor(request, destination, warnings),
    ...writeTuning(request, profile),
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs === undefined || request.logprobs.top === 0 ? undefined : request.logprobs.top,
    response_format: writeFormat(request.format),
    reasoning_effort: effortFor(request.reasoning, destination, warnings),
    user: request.user,
    prompt_cache_key: request.cacheKey,
    service_tier: request.serviceTier,
    verbosity: request.verbosity,
    modalities: request.modalities === undefined ? undefined : [...request.modalities],
    audio: request.audio,
    metadata: request.metadata,
  };
  fitBody(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
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
