import type { ChatCall, Incoming } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type JsonObject, objectOf } from "../../vocabulary/json.ts";
import { readResponsesCall } from "../openai-responses/inbound/read/call.ts";
import { checkFields, readBody, readWhenAsked } from "../shared/json/body.ts";
import { readRequest } from "./read-request.ts";

const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function"]);

/** A `/v1/chat/completions` body, read as far as routing and the express lane need it. */
export function readChatCall(incoming: Incoming): ChatCall {
  const { text, headers } = incoming;
  const json = readBody(text);
  checkFields(json);
  if (json["messages"] === undefined && json["input"] !== undefined) return readShiftedCall(incoming);
  checkMessages(json["messages"]);
  return {
    dialect: "openai-chat",
    model: (json["model"] as string | undefined) ?? "",
    text,
    headers,
    json,
    stream: json["stream"] === true,
    wantsUsage: objectOf(json["stream_options"])["include_usage"] === true,
    request: readWhenAsked(text, () => readRequest(json)),
  };
}

/**
 * Cursor sends the body of a Response here for the models it takes for OpenAI's newest, and expects chat chunks back
 * (https://forum.cursor.com/t/159298). It is read as what it is: hence the look into another dialect, and never forwarded as it came.
 */
function readShiftedCall(incoming: Incoming): ChatCall {
  const call = readResponsesCall(incoming);
  return { ...call, dialect: "openai-chat", wantsUsage: objectOf(call.json["stream_options"])["include_usage"] === true, anew: true };
}

function checkMessages(messages: JsonObject[string]): void {
  if (messages === undefined) throw invalidRequest("messages", 'messages is missing. Send the conversation as a list: [{"role": "user", "content": "Hello"}].');
  if (!Array.isArray(messages) || messages.length === 0) throw invalidRequest("messages", "messages must be a list with at least one message.");
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index];
    if (!isObject(message)) throw invalidRequest(`messages[${index}]`, `messages[${index}] must be an object with a role and content.`);
    const role = message["role"];
    if (typeof role !== "string" || !ROLES.has(role))
      throw invalidRequest(`messages[${index}].role`, `messages[${index}].role must be one of ${[...ROLES].join(", ")}.`);
  }
}
