import type { ChatCall, Incoming } from "../../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject } from "../../../../vocabulary/json.ts";
import { checkFields, type FieldType, readBody, readWhenAsked } from "../../../shared/json/body.ts";
import { readMessagesRequest } from "./request.ts";

/** What routing looks at. Everything else is the upstream's to judge while it speaks the same dialect. */
const FIELDS: ReadonlyMap<string, FieldType> = new Map([
  ["model", "string"],
  ["stream", "boolean"],
]);

/** A `/v1/messages` body, read as far as routing and the express lane need it. */
export function readMessagesCall(incoming: Incoming): ChatCall {
  const json = readBody(incoming.text);
  checkMaxTokens(json["max_tokens"]);
  return callOf(json, incoming);
}

/** The body of a count of tokens: the same, without a bound on an answer that nobody wants. */
export function readCountCall(incoming: Incoming): ChatCall {
  return callOf(readBody(incoming.text), incoming);
}

function callOf(json: JsonObject, { text, headers }: Incoming): ChatCall {
  checkFields(json, FIELDS);
  checkMessages(json["messages"]);
  return {
    dialect: "anthropic-messages",
    model: (json["model"] as string | null | undefined) ?? "",
    text,
    headers,
    json,
    stream: json["stream"] === true,
    wantsUsage: true,
    request: readWhenAsked(text, () => readMessagesRequest(json, headers)),
  };
}

/** Zero is a bound too: it warms a cache without an answer (API reference, `max_tokens`). */
function checkMaxTokens(value: Json | undefined): void {
  if (value === undefined || value === null)
    throw invalidRequest("max_tokens", 'max_tokens is missing. Say how long the answer may be at most: "max_tokens": 1024.');
  if (!Number.isInteger(value) || (value as number) < 0) throw invalidRequest("max_tokens", "max_tokens must be a positive integer.");
}

function checkMessages(messages: Json | undefined): void {
  if (messages === undefined) throw invalidRequest("messages", 'messages is missing. Send the conversation as a list: [{"role": "user", "content": "Hello"}].');
  if (!Array.isArray(messages) || messages.length === 0) throw invalidRequest("messages", "messages must be a list with at least one message.");
  const odd = messages.findIndex((message) => !isObject(message));
  if (odd >= 0) throw invalidRequest(`messages[${odd}]`, `messages[${odd}] must be an object with a role and content.`);
}
