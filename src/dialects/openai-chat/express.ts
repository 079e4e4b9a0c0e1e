import type { ChatCall, Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { type Edits, editElements, editTopLevel } from "../shared/json-edits.ts";
import { unfetched } from "../shared/media.ts";
import { expressOpenai, usageAsked } from "../shared/openai-express.ts";

/**
 * The express lane of chats: besides the edits every OpenAI dialect makes, `developer` becomes `system` where only that is known.
 * Throws `invalid-request` for content by address where the profile says that it would not be fetched.
 */
export function expressChat(call: ChatCall, destination: Destination): Outgoing {
  if (!destination.profile.imageUrls) refuseAddresses(call);
  const developers = !destination.profile.developerRole && hasDeveloper(call);
  const asked = usageAsked(call, destination);
  return expressOpenai(call, destination, developers ? { ...asked, ...DEVELOPERS_TO_SYSTEM } : asked);
}

const DEVELOPERS_TO_SYSTEM: Edits["set"] = {
  // Of two members of one name only the last counts, so the first may be anything.
  messages: (old = "[]") => (old.startsWith("[") ? editElements(old, withoutDeveloper) : old),
};

function withoutDeveloper(message: string): string {
  return objectOf(JSON.parse(message))["role"] === "developer" ? editTopLevel(message, { set: { role: '"system"' } }) : message;
}

function refuseAddresses(call: ChatCall): void {
  listOf(call.json["messages"]).forEach((message, index) => {
    listOf(objectOf(message)["content"]).forEach((part, at) => {
      if (/^https?:/i.test(addressOf(objectOf(part)))) throw unfetched(`messages[${index}].content[${at}]`);
    });
  });
}

/** Where a part says its content is; empty for a part that says no such thing. */
function addressOf(part: JsonObject): string {
  for (const type of ["image_url", "video_url"]) if (part["type"] === type) return stringOf(part[type]) ?? stringOf(objectOf(part[type])["url"]) ?? "";
  return part["type"] === "file" ? (stringOf(objectOf(part["file"])["file_data"]) ?? "") : "";
}

function hasDeveloper(call: ChatCall): boolean {
  return listOf(call.json["messages"]).some((message) => objectOf(message)["role"] === "developer");
}
