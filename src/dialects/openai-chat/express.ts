import type { ChatCall, Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { listOf, objectOf } from "../../vocabulary/json.ts";
import { type Edits, editElements, editTopLevel } from "../shared/json-edits.ts";
import { expressOpenai, usageAsked } from "../shared/openai-express.ts";

/** The express lane of chats: besides the edits every OpenAI dialect makes, `developer` becomes `system` where only that is known. */
export function expressChat(call: ChatCall, destination: Destination): Outgoing {
  const developers = !destination.profile.developerRole && hasDeveloper(call);
  return expressOpenai(call, destination, { ...usageAsked(call, destination), ...(developers ? DEVELOPERS_TO_SYSTEM : {}) });
}

const DEVELOPERS_TO_SYSTEM: Edits["set"] = {
  // Of two members of one name only the last counts, so the first may be anything.
  messages: (old = "[]") => (old.startsWith("[") ? editElements(old, withoutDeveloper) : old),
};

function withoutDeveloper(message: string): string {
  return objectOf(JSON.parse(message))["role"] === "developer" ? editTopLevel(message, { set: { role: '"system"' } }) : message;
}

function hasDeveloper(call: ChatCall): boolean {
  return listOf(call.json["messages"]).some((message) => objectOf(message)["role"] === "developer");
}
