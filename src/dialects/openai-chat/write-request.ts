import type { AnswerFormat, ChatRequest, Effort, Message, Reasoning, Tool, ToolChoice, UserPart } from "../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import type { Profile } from "../../vocabulary/profile.ts";
import { fitBody } from "../shared/fit-body.ts";
import { effortOfBudget, nearestEffort } from "../shared/efforts.ts";
import { writeTuning } from "../shared/openai-tuning.ts";
import { untakenExtras } from "../shared/knobs.ts";
import { unfetched, urlOf } from "../shared/media.ts";

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
    messages: request.messages.flatMap((message, index) => writeMessage(message, index, profile)),
    ...(request.tools.length === 0 ? {} : { tools: request.tools.map(writeTool) }),
    tool_choice: writeToolChoice(request.toolChoice),
    parallel_tool_calls: request.tools.length === 0 ? undefined : request.parallelTools,
    max_tokens: maxTokensOf(request, destination, warnings),
    ...writeTuning(request, profile),
    logprobs: request.logprobs === undefined ? undefined : true,
    top_logprobs: request.logprobs === undefined || request.logprobs.top === 0 ? undefined : request.logprobs.top,
    response_format: writeFormat(request.format),
    reasoning_effort: effortOf(request.reasoning, destination, warnings),
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

function maxTokensOf({ maxTokens }: ChatRequest, { model, profile: { maxOutput } }: Destination, warnings: string[]): number | undefined {
  if (maxTokens === undefined || maxOutput === undefined || maxTokens <= maxOutput) return maxTokens;
  warnings.push(`max_tokens was lowered from ${maxTokens} to ${maxOutput}, the most ${model} generates.`);
  return maxOutput;
}

/** The effort as the model knows it: another where it does not have the one asked for, that of a budget in tokens, none at all where it does not think. */
function effortOf(reasoning: Reasoning | undefined, { model, profile }: Destination, warnings: string[]): Effort | undefined {
  const { effort, budget = -1 } = reasoning ?? {};
  const asked = effort ?? (budget === 0 ? "none" : effortOfBudget(budget));
  if (asked === undefined) return undefined;
  if (profile.thinking === "none") {
    if (asked !== "none") warnings.push(`reasoning_effort was dropped: ${model} does not think.`);
    return undefined;
  }
  if (asked !== "none") return profile.efforts === undefined ? asked : nearestEffort(asked, profile.efforts, warnings);
  if (profile.thinkingOff) return "none";
  warnings.push(`reasoning cannot be turned off: ${model} always thinks. The lowest effort was asked for.`);
  return profile.efforts === undefined ? "low" : profile.efforts[0];
}

function writeMessage(message: Message, index: number, { developerRole, imageUrls }: Profile): JsonObject[] {
  const path = `messages[${index}]`;
  const contentOf = (parts: readonly UserPart[]) => writeContent(parts, path, imageUrls);
  switch (message.role) {
    case "system":
      return [{ role: message.developer && developerRole ? "developer" : "system", content: contentOf(message.parts) }];
    case "user":
      return [{ role: "user", content: contentOf(message.parts), ...(message.name === undefined ? {} : { name: message.name }) }];
    case "tool": {
      // A tool message is text only in Chat Completions: what else the result holds follows in a user message.
      const text = message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
      const rest = message.parts.filter((part) => part.type !== "text");
      const result = { role: "tool", tool_call_id: message.callId, content: text };
      return rest.length === 0 ? [result] : [result, { role: "user", content: contentOf(rest) }];
    }
    case "assistant": {
      const text = message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
      const refusal = message.parts.flatMap((part) => (part.type === "refusal" ? [part.text] : [])).join("");
      const calls = message.parts.flatMap((part) =>
        part.type === "tool-call"
          ? [{ id: part.id, type: "function", function: { name: part.name, arguments: part.arguments.trim() === "" ? "{}" : part.arguments } }]
          : [],
      );
      return [
        {
          role: "assistant",
          content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
          ...(refusal === "" ? {} : { refusal }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
      ];
    }
  }
}

function writeContent(parts: readonly UserPart[], path: string, fetches: boolean): string | JsonObject[] {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (parts.length === 0) return "";
  if (only?.type === "text") return only.text;
  return parts.map((part, index) => {
    const at = `${path}.content[${index}]`;
    if (!fetches && "media" in part && part.media.kind === "url") throw unfetched(at);
    return writePart(part, at);
  });
}

function writePart(part: UserPart, path: string): JsonObject {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return {
        type: "image_url",
        image_url: {
          url: urlOf(part.media) ?? refuse(path, "names a stored file, which chat images cannot"),
          ...(part.detail === undefined ? {} : { detail: part.detail }),
        },
      };
    case "video":
      return { type: "video_url", video_url: { url: urlOf(part.media) ?? refuse(path, "names a stored file, which chat videos cannot") } };
    case "audio":
      if (part.media.kind !== "bytes") return refuse(path, "must hold the audio itself, as base64");
      return {
        type: "input_audio",
        input_audio: { data: part.media.base64, format: part.media.mime === "audio/mpeg" ? "mp3" : part.media.mime.replace(/^audio\//, "") },
      };
    case "file":
      return {
        type: "file",
        file:
          part.media.kind === "stored"
            ? { file_id: part.media.id }
            : { file_data: urlOf(part.media), ...(part.filename === undefined ? {} : { filename: part.filename }) },
      };
  }
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

function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
