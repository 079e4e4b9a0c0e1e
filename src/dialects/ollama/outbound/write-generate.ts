import type { ChatRequest, Message } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { writeMessages } from "./messages.ts";
import { fitOllama, given, writeSettings } from "./write-settings.ts";

/** Fields of this route alone. */
const OWN_FIELDS = ["template", "context"];

/**
 * A request as the body of `POST /api/generate`: for its own clients, whose text could not go up as it is.
 * Throws `invalid-request` for a conversation, which belongs to `/api/chat`.
 */
export function writeGenerateRequest(request: ChatRequest, destination: Destination): Outgoing {
  const warnings: string[] = [];
  const { system, user } = onePrompt(request.messages);
  const [written] = writeMessages([user]);
  const { completion } = request;
  const body: JsonObject = {
    model: destination.model,
    prompt: written?.["content"],
    images: written?.["images"],
    system,
    suffix: completion?.suffix,
    raw: completion !== undefined && completion.suffix === undefined ? true : undefined,
    ...writeSettings(request, destination, warnings, [...OWN_FIELDS, "completion"]),
    ...given(request.extras, OWN_FIELDS),
  };
  fitOllama(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
}

/** The system's text, if any, and the one user message. */
function onePrompt(messages: readonly Message[]): { readonly system?: string; readonly user: Message } {
  const [first, second] = messages;
  const system = first?.role === "system" ? first.parts.map((part) => part.text).join("\n") : undefined;
  const user = system === undefined ? first : second;
  if (user?.role !== "user" || messages.length > (system === undefined ? 1 : 2))
    throw invalidRequest("messages", "messages must be one user message, after one of the system at most: this route knows no conversations. Use /api/chat.");
  return { system, user };
}
