import type { ChatCall, Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { unfetched } from "../../shared/media.ts";
import { developersAsSystem, expressOpenai } from "../../shared/openai-express.ts";

/**
 * The express lane of Responses: the client's own bytes but for the model's name, what the profile drops, and `developer` where only
 * `system` is known. Throws `invalid-request` for content by address where the profile says that it would not be fetched.
 */
export function expressResponses(call: ChatCall, destination: Destination): Outgoing {
  if (!destination.profile.imageUrls) refuseAddresses(call);
  return expressOpenai(call, withoutRenames(destination), developersAsSystem(call, "input", destination));
}

/** A profile's other names are those of a chat's fields: a Responses body has none of them. */
export function withoutRenames({ model, profile }: Destination): Destination {
  return { model, profile: { ...profile, rename: {} } };
}

/** Messages hold parts in `content`, results of tools in `output`. */
const PARTS = ["content", "output"];
const ADDRESSES = ["image_url", "file_url"];

function refuseAddresses(call: ChatCall): void {
  listOf(call.json["input"]).forEach((item, index) => {
    for (const place of PARTS)
      listOf(objectOf(item)[place]).forEach((part, at) => {
        if (namesAddress(objectOf(part))) throw unfetched(`input[${index}].${place}[${at}]`);
      });
  });
}

function namesAddress(part: JsonObject): boolean {
  return ADDRESSES.some((name) => /^https?:/i.test(stringOf(part[name]) ?? ""));
}
