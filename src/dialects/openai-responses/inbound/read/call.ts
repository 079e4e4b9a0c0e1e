import type { ChatCall, Incoming } from "../../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type JsonObject } from "../../../../vocabulary/json.ts";
import { checkFields, type FieldType, readBody, readWhenAsked } from "../../../shared/json/body.ts";
import { readRequest } from "./request.ts";

/** The fields of a Responses body whose type is beyond doubt and which chats do not have. */
const OWN_FIELDS: ReadonlyMap<string, FieldType> = new Map(
  Object.entries<FieldType>({
    instructions: "string",
    max_output_tokens: "integer",
    max_tool_calls: "integer",
    include: "array",
    reasoning: "object",
    text: "object",
    store: "boolean",
    background: "boolean",
    truncation: "string",
    previous_response_id: "string",
    prompt_cache_key: "string",
    safety_identifier: "string",
    service_tier: "string",
  }),
);

/** What may stand in the place of `input`: all of it is kept somewhere else. */
const INSTEAD = ["previous_response_id", "conversation", "prompt"];

/** A `/v1/responses` body, read as far as routing and the express lane need it. */
export function readResponsesCall({ text, headers }: Incoming): ChatCall {
  const json = readBody(text);
  checkFields(json);
  checkFields(json, OWN_FIELDS);
  checkInput(json);
  return {
    dialect: "openai-responses",
    model: (json["model"] as string | null | undefined) ?? "",
    text,
    headers,
    json,
    stream: json["stream"] === true,
    // The last event of every answer holds its usage.
    wantsUsage: true,
    request: readWhenAsked(text, () => readRequest(json)),
  };
}

function checkInput(json: JsonObject): void {
  const { input } = json;
  if (typeof input === "string") return;
  if (input === undefined || input === null) {
    if (INSTEAD.some((name) => json[name] !== undefined && json[name] !== null)) return;
    const hint = json["messages"] === undefined ? "" : " A list of messages belongs to /v1/chat/completions.";
    throw invalidRequest("input", `input is missing. Send a text, or a list of items: [{"role": "user", "content": "Hello"}].${hint}`);
  }
  if (!Array.isArray(input)) throw invalidRequest("input", "input must be a string or a list of items.");
  for (let index = 0; index < input.length; index++)
    if (!isObject(input[index])) throw invalidRequest(`input[${index}]`, `input[${index}] must be an object: a message, a call, its output.`);
}
