import type { ChatRequest } from "../../../../vocabulary/chat.ts";
import type { Incoming } from "../../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { readWhenAsked } from "../../../shared/json/body.ts";
import { callOf, type OllamaCall, readOwnBody, residenceFor } from "../call.ts";
import { isDataUrl } from "./images.ts";
import { readMessages } from "./messages.ts";
import { readSettings } from "./settings.ts";
import { readTools } from "./tools.ts";

const ROLES = new Set(["system", "user", "assistant", "tool"]);

/** A `/api/chat` body, read as far as routing and the express lane need it. */
export function readChatCall(incoming: Incoming): OllamaCall {
  const json = readOwnBody(incoming.text);
  const messages = listOf(json["messages"]);
  messages.forEach(checkMessage);
  return {
    dialect: "ollama",
    ...callOf(json, incoming),
    residence: messages.length === 0 ? residenceFor(json["keep_alive"]) : undefined,
    anew: messages.some((message) => listOf(objectOf(message)["images"]).some(isDataUrl)),
    request: readWhenAsked(incoming.text, () => readChatRequest(json)),
  };
}

function checkMessage(message: Json, index: number): void {
  if (!isObject(message)) throw invalidRequest(`messages[${index}]`, `messages[${index}] must be an object with a role and content.`);
  if (!ROLES.has((stringOf(message["role"]) ?? "").toLowerCase()))
    throw invalidRequest(`messages[${index}].role`, `messages[${index}].role must be one of ${[...ROLES].join(", ")}.`);
}

function readChatRequest(json: JsonObject): ChatRequest {
  return {
    model: stringOf(json["model"]) ?? "",
    messages: readMessages(listOf(json["messages"]).map(objectOf)),
    tools: readTools(listOf(json["tools"])),
    ...readSettings(json, ["messages", "tools"]),
    origin: "ollama",
  };
}
