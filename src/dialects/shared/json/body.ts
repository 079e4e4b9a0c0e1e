import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type JsonObject } from "../../../vocabulary/json.ts";
import { isDeeper } from "./text.ts";

/** The JSON object in a request body. Throws `invalid-request` that says where the JSON breaks. */
export function readBody(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = text.trim() === "" ? "it is empty" : error instanceof Error ? error.message.replace(/^JSON Parse error: /, "") : "unreadable";
    throw invalidRequest("", `The request body is not valid JSON: ${why}. Send a JSON object with content-type application/json.`);
  }
  if (!isObject(json)) throw invalidRequest("", "The request body must be a JSON object.");
  return json;
}

export type FieldType = "string" | "number" | "integer" | "boolean" | "array" | "object";

/** The fields of OpenAI's chat and completion bodies whose type is beyond doubt; `null` means absent to every OpenAI server. */
const CHAT_FIELDS: ReadonlyMap<string, FieldType> = new Map(
  Object.entries<FieldType>({
    model: "string",
    stream: "boolean",
    stream_options: "object",
    temperature: "number",
    top_p: "number",
    top_k: "integer",
    n: "integer",
    max_tokens: "integer",
    max_completion_tokens: "integer",
    presence_penalty: "number",
    frequency_penalty: "number",
    seed: "integer",
    logit_bias: "object",
    user: "string",
    tools: "array",
    functions: "array",
    parallel_tool_calls: "boolean",
    response_format: "object",
    top_logprobs: "integer",
    reasoning_effort: "string",
    metadata: "object",
    modalities: "array",
  }),
);

/** Throws `invalid-request` for the first well-known field of the wrong type: those of chats and completions unless told otherwise. */
export function checkFields(json: JsonObject, types: ReadonlyMap<string, FieldType> = CHAT_FIELDS): void {
  for (const name in json) {
    const type = types.get(name);
    if (type === undefined) continue;
    const value = json[name];
    if (value === null || value === undefined || fits(value, type)) continue;
    throw invalidRequest(name, `${name} must be ${type === "integer" || type === "array" || type === "object" ? "an" : "a"} ${type}.`);
  }
}

function fits(value: unknown, type: FieldType): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** Deeper than this nobody means it, and walking it would cost more than an answer: writing out 40,000 levels takes half a second. */
const MOST_LEVELS = 1000;

/** Reads a request in neutral words once it is asked for, and once only. Asking throws `invalid-request` for a body that nests too deeply to be written anew. */
export function readWhenAsked<Request>(text: string, read: () => Request): () => Request {
  let request: Request | undefined;
  return () => {
    if (request === undefined) {
      checkDepth(text, "");
      request = read();
    }
    return request;
  };
}

/** Throws `invalid-request` for JSON that nests too deeply. What is no JSON may pass: whoever reads it will say so. */
export function checkDepth(text: string, param: string): void {
  if (text.length > 2 * MOST_LEVELS && isDeeper(text, MOST_LEVELS))
    throw invalidRequest(param, `${param === "" ? "The request" : param} nests deeper than ${MOST_LEVELS} levels.`);
}
