import type { AnswerFormat, AssistantPart, CacheMark, ChatRequest, Effort, Message, Tool, ToolChoice, UserPart } from "../../vocabulary/chat.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { mediaOf, plainMime } from "../shared/conversation/media.ts";
import { checkDepth } from "../shared/json/body.ts";
import { readTuning, TUNING_FIELDS } from "../shared/openai/tuning.ts";
import { EFFORTS } from "../shared/tuning/efforts.ts";
import { signatureIn } from "./google-signature.ts";

/** Top-level fields that have their own word in the neutral request; all others are extras. */
const KNOWN = new Set<string>([
  ...TUNING_FIELDS,
  "model",
  "messages",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "parallel_tool_calls",
  "max_tokens",
  "max_completion_tokens",
  "logprobs",
  "top_logprobs",
  "response_format",
  "reasoning_effort",
  "reasoning",
  "user",
  "safety_identifier",
  "prompt_cache_key",
  "service_tier",
  "verbosity",
  "modalities",
  "audio",
  "metadata",
]);

/** A chat body in neutral words. Throws `invalid-request` with the JSON path for what cannot be understood. */
export function readRequest(json: JsonObject): ChatRequest {
  const extras: JsonObject = {};
  for (const name in json) if (!KNOWN.has(name)) extras[name] = json[name];
  return {
    model: stringOf(json["model"]) ?? "",
    messages: listOf(json["messages"]).map((message, index) => readMessage(message as JsonObject, `messages[${index}]`)),
    tools: readTools(json),
    toolChoice: readToolChoice(json["tool_choice"] ?? json["function_call"]),
    parallelTools: typeof json["parallel_tool_calls"] === "boolean" ? json["parallel_tool_calls"] : undefined,
    maxTokens: numberOf(json["max_completion_tokens"]) ?? numberOf(json["max_tokens"]),
    ...readTuning(json),
    logprobs: readLogprobs(json),
    format: readFormat(json["response_format"]),
    reasoning: readReasoning(json),
    user: stringOf(json["safety_identifier"]) ?? stringOf(json["user"]),
    cacheKey: stringOf(json["prompt_cache_key"]),
    serviceTier: stringOf(json["service_tier"]),
    verbosity: stringOf(json["verbosity"]),
    modalities: Array.isArray(json["modalities"]) ? json["modalities"].filter((name) => typeof name === "string") : undefined,
    audio: isObject(json["audio"]) ? json["audio"] : undefined,
    metadata: isObject(json["metadata"]) ? json["metadata"] : undefined,
    extras,
    origin: "openai-chat",
  };
}

function readLogprobs(json: JsonObject): ChatRequest["logprobs"] {
  const top = numberOf(json["top_logprobs"]) ?? 0;
  if (json["logprobs"] === true) return { top };
  return top > 0 && json["logprobs"] !== false ? refuse("top_logprobs", "needs logprobs: true beside it") : undefined;
}

function readMessage(message: JsonObject, path: string): Message {
  const content = message["content"];
  const name = stringOf(message["name"]);
  switch (message["role"]) {
    case "system":
    case "developer": {
      const parts = readUserParts(content, `${path}.content`).map((part) =>
        part.type === "text" ? part : refuse(`${path}.content`, "of a system message must be text"),
      );
      return { role: "system", parts, ...(message["role"] === "developer" ? { developer: true } : {}) };
    }
    case "assistant":
      return { role: "assistant", parts: readAssistantParts(message, path), ...(name === undefined ? {} : { name }) };
    case "tool":
      return {
        role: "tool",
        callId: stringOf(message["tool_call_id"]) ?? refuse(`${path}.tool_call_id`, "must name the tool call this answers"),
        toolName: name,
        parts: readUserParts(content, `${path}.content`),
      };
    case "function":
      return { role: "tool", callId: legacyId(name ?? ""), toolName: name, parts: readUserParts(content, `${path}.content`) };
    default:
      return { role: "user", parts: readUserParts(content, `${path}.content`), ...(name === undefined ? {} : { name }) };
  }
}

/** The legacy `function_call` has no id: its name serves, the same on the call and on its result. */
function legacyId(name: string): string {
  return `call_${name}`;
}

function readUserParts(content: Json | undefined, path: string): UserPart[] {
  if (content === null || content === undefined) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return refuse(path, "must be a string or a list of parts");
  return content.map((part, index) => readUserPart(objectOf(part), `${path}[${index}]`));
}

function readUserPart(part: JsonObject, path: string): UserPart {
  const cache = readCacheMark(part["cache_control"]);
  const marked = cache === undefined ? {} : { cache };
  switch (part["type"]) {
    case "text":
    case "input_text":
      return { type: "text", text: stringOf(part["text"]) ?? refuse(`${path}.text`, "must be a string"), ...marked };
    case "image_url": {
      const image = part["image_url"];
      const url = stringOf(image) ?? stringOf(objectOf(image)["url"]) ?? refuse(`${path}.image_url.url`, "must be an https: or data: URL");
      return { type: "image", media: mediaOf(url, `${path}.image_url.url`), detail: stringOf(objectOf(image)["detail"]), ...marked, ...signatureIn(part) };
    }
    case "input_audio": {
      const audio = objectOf(part["input_audio"]);
      const base64 = stringOf(audio["data"]) ?? refuse(`${path}.input_audio.data`, "must be base64");
      return { type: "audio", media: { kind: "bytes", mime: plainMime(`audio/${stringOf(audio["format"]) ?? "wav"}`), base64 } };
    }
    case "video_url":
      return {
        type: "video",
        media: mediaOf(stringOf(objectOf(part["video_url"])["url"]) ?? refuse(`${path}.video_url.url`, "must be a URL"), `${path}.video_url.url`),
      };
    case "file": {
      const file = objectOf(part["file"]);
      const filename = stringOf(file["filename"]);
      const id = stringOf(file["file_id"]);
      if (id !== undefined) return { type: "file", media: { kind: "stored", id }, filename, ...marked };
      const data = stringOf(file["file_data"]) ?? refuse(`${path}.file`, "needs file_data (a data: URL) or file_id");
      const media = /^(data|https?|gs):/i.test(data)
        ? mediaOf(data, `${path}.file.file_data`)
        : ({ kind: "bytes", mime: "application/pdf", base64: data } as const);
      return { type: "file", media, filename, ...marked };
    }
    case "document_url": {
      // Mistral's own kind of file.
      const url = stringOf(part["document_url"]) ?? refuse(`${path}.document_url`, "must be an https: or data: URL");
      return { type: "file", media: mediaOf(url, `${path}.document_url`), filename: stringOf(part["document_name"]), ...marked };
    }
    case "refusal":
      return { type: "text", text: stringOf(part["refusal"]) ?? "" };
    default:
      return refuse(
        `${path}.type`,
        `is ${JSON.stringify(part["type"] ?? null)}, which is no kind of content part. Use text, image_url, input_audio, file or video_url`,
      );
  }
}

function readAssistantParts(message: JsonObject, path: string): AssistantPart[] {
  const parts: AssistantPart[] = [];
  const thinking = stringOf(message["reasoning_content"]) ?? stringOf(message["reasoning"]) ?? stringOf(message["thinking"]);
  const blocks = listOf(message["thinking_blocks"]).map(objectOf);
  for (const block of blocks) {
    if (block["type"] === "redacted_thinking") parts.push({ type: "thinking", text: "", redacted: stringOf(block["data"]) });
    else parts.push({ type: "thinking", text: stringOf(block["thinking"]) ?? "", signature: stringOf(block["signature"]) });
  }
  if (blocks.length === 0 && thinking !== undefined && thinking !== "") parts.push({ type: "thinking", text: thinking });
  const { content } = message;
  for (const part of listOf(content).map(objectOf)) {
    // Mistral's place for what was thought.
    if (part["type"] !== "thinking") continue;
    const text =
      stringOf(part["thinking"]) ??
      listOf(part["thinking"])
        .map((piece) => stringOf(objectOf(piece)["text"]) ?? "")
        .join("");
    parts.push({ type: "thinking", text });
  }
  const spoken = Array.isArray(content) ? content.filter((part) => objectOf(part)["type"] !== "thinking") : content;
  for (const part of readUserParts(spoken, `${path}.content`)) {
    if (part.type === "text" || part.type === "image") parts.push(part);
    else refuse(`${path}.content`, "of an assistant message must be text");
  }
  // Where answers hold the pictures a model made.
  listOf(message["images"]).forEach((image, index) => {
    const part = readUserPart(objectOf(image), `${path}.images[${index}]`);
    parts.push(part.type === "image" ? part : refuse(`${path}.images[${index}]`, "must be an image_url"));
  });
  signText(parts, signatureIn(message).signature);
  const refusal = stringOf(message["refusal"]);
  if (refusal !== undefined && refusal !== "") parts.push({ type: "refusal", text: refusal });
  listOf(message["tool_calls"]).forEach((value, index) => {
    const call = objectOf(value);
    const at = `${path}.tool_calls[${index}]`;
    const called = objectOf(call["function"]);
    if (call["type"] !== undefined && call["type"] !== "function") refuse(`${at}.type`, "must be function for this model's provider");
    parts.push({
      type: "tool-call",
      id: stringOf(call["id"]) ?? refuse(`${at}.id`, "must be a string"),
      name: stringOf(called["name"]) ?? refuse(`${at}.function.name`, "must be a string"),
      arguments: argumentsOf(called, `${at}.function.arguments`),
      ...signatureIn(call),
    });
  });
  const legacy = message["function_call"];
  if (isObject(legacy)) {
    const name = stringOf(legacy["name"]) ?? refuse(`${path}.function_call.name`, "must be a string");
    parts.push({ type: "tool-call", id: legacyId(name), name, arguments: argumentsOf(legacy, `${path}.function_call.arguments`) });
  }
  return parts;
}

/** Arguments are JSON inside of JSON; some clients send the object itself. */
function argumentsOf(called: JsonObject, path: string): string {
  const text = stringOf(called["arguments"]) ?? JSON.stringify(called["arguments"] ?? {});
  checkDepth(text, path);
  return text;
}

/** Puts a message's own signature on the last of its text: a stream tells it after the text, in a piece without any. */
function signText(parts: AssistantPart[], signature: string | undefined): void {
  if (signature === undefined) return;
  const at = parts.findLastIndex((part) => part.type === "text");
  const last = parts[at];
  if (last?.type === "text") parts[at] = { ...last, signature };
  else parts.push({ type: "text", text: "", signature });
}

function readTools(json: JsonObject): Tool[] {
  const modern = listOf(json["tools"]).map((value, index) => {
    const tool = objectOf(value);
    const path = `tools[${index}]`;
    // Mistral's clients leave the type out.
    if (tool["type"] !== "function" && !(tool["type"] === undefined && isObject(tool["function"])))
      refuse(`${path}.type`, `is ${JSON.stringify(tool["type"] ?? null)}; only function tools can be translated for this model's provider`);
    const cache = readCacheMark(tool["cache_control"]);
    return { ...readFunction(objectOf(tool["function"]), `${path}.function`), ...(cache === undefined ? {} : { cache }) };
  });
  return [...modern, ...listOf(json["functions"]).map((value, index) => readFunction(objectOf(value), `functions[${index}]`))];
}

function readFunction(json: JsonObject, path: string): Tool {
  const parameters = json["parameters"];
  return {
    name: stringOf(json["name"]) ?? refuse(`${path}.name`, "must be a string"),
    description: stringOf(json["description"]),
    parameters:
      parameters === undefined || parameters === null
        ? undefined
        : isObject(parameters)
          ? parameters
          : refuse(`${path}.parameters`, "must be a JSON Schema object"),
    strict: typeof json["strict"] === "boolean" ? json["strict"] : undefined,
  };
}

function readToolChoice(choice: Json | undefined): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return { type: choice };
  if (choice === "any") return { type: "required" };
  const json = objectOf(choice);
  if (json["type"] === "allowed_tools") {
    const allowed = objectOf(json["allowed_tools"] ?? json);
    const names = listOf(allowed["tools"]).map((tool) => stringOf(objectOf(objectOf(tool)["function"])["name"]) ?? stringOf(objectOf(tool)["name"]) ?? "");
    return { type: "some", mode: allowed["mode"] === "required" ? "required" : "auto", names };
  }
  const name = stringOf(objectOf(json["function"])["name"]) ?? stringOf(json["name"]);
  if (name !== undefined) return { type: "tool", name };
  return refuse("tool_choice", "must be auto, none, required, or name a function");
}

function readFormat(value: Json | undefined): AnswerFormat | undefined {
  if (!isObject(value)) return undefined;
  switch (value["type"]) {
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema": {
      const schema = objectOf(value["json_schema"]);
      return {
        type: "json-schema",
        name: stringOf(schema["name"]) ?? "answer",
        schema: isObject(schema["schema"]) ? schema["schema"] : {},
        strict: typeof schema["strict"] === "boolean" ? schema["strict"] : undefined,
        description: stringOf(schema["description"]),
      };
    }
    default:
      return refuse("response_format.type", "must be text, json_object or json_schema");
  }
}

function readReasoning(json: JsonObject): ChatRequest["reasoning"] {
  const nested = objectOf(json["reasoning"]);
  const effort = stringOf(json["reasoning_effort"]) ?? stringOf(nested["effort"]);
  const budget = numberOf(nested["max_tokens"]);
  if (effort === undefined && budget === undefined && nested["enabled"] === undefined) return undefined;
  if (effort !== undefined && !EFFORTS.includes(effort as Effort)) return refuse("reasoning_effort", `must be one of ${EFFORTS.join(", ")}`);
  const off = nested["enabled"] === false ? ({ effort: "none" } as const) : {};
  return {
    ...(effort === undefined ? {} : { effort: effort as Effort }),
    ...(budget === undefined ? {} : { budget }),
    ...off,
    show: nested["exclude"] !== true,
  };
}

function readCacheMark(value: Json | undefined): CacheMark | undefined {
  if (!isObject(value)) return undefined;
  return value["ttl"] === "1h" ? { ttl: "1h" } : {};
}

function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
