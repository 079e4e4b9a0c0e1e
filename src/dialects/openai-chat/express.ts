import type { ChatCall, Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { unfetched } from "../shared/conversation/media.ts";
import { developersAsSystem, expressOpenai, NO_EDITS, usageAsked } from "../shared/openai/express.ts";

/**
 * The express lane of chats: besides the edits every OpenAI dialect makes, `developer` becomes `system` where only that is known.
 * Throws `invalid-request` for content by address where the profile says that it would not be fetched.
 */
export function expressChat(call: ChatCall, destination: Destination): Outgoing {
  if (!destination.profile.imageUrls) refuseAddresses(call);
  const developers = developersAsSystem(call, "messages", destination);
  const asked = usageAsked(call, destination);
  return expressOpenai(call, destination, developers === NO_EDITS ? asked : { ...asked, ...developers });
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
