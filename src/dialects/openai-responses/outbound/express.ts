import type { ChatCall, Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { unfetched } from "../../shared/conversation/media.ts";
import { isBareProof, readResponsesProof } from "../../shared/conversation/proofs.ts";
import { type Edits, editElements, editTopLevel } from "../../shared/json/edits.ts";
import { developersAsSystem, expressOpenai } from "../../shared/openai/express.ts";

/**
 * The express lane of Responses: the client's own bytes but for the model's name, what the profile drops, `developer` where only `system` is
 * known, and reasoning that another upstream gave the conversation, which OpenAI refuses to see. Throws `invalid-request` for content by address where the profile says that it would not be fetched.
 */
export function expressResponses(call: ChatCall, destination: Destination): Outgoing {
  if (!destination.profile.imageUrls) refuseAddresses(call);
  return expressOpenai(call, withoutRenames(destination), inputEdit(call, destination));
}

function inputEdit(call: ChatCall, destination: Destination): NonNullable<Edits["set"]> {
  const developers = developersAsSystem(call, "input", destination);
  if (!listOf(call.json["input"]).some(isForeign)) return developers;
  const { input: first = (old = "[]") => old } = developers;
  return {
    input: (old) => {
      const text = typeof first === "string" ? first : first(old);
      return text.startsWith("[") ? editElements(text, ownItem) : text;
    },
  };
}

/** Reasoning in words of ours: marked as another upstream's, wrapped with its id, or with nothing that proves it. */
function isForeign(item: Json): boolean {
  const { type, id, encrypted_content: encrypted } = objectOf(item);
  if (type !== "reasoning") return false;
  return typeof encrypted === "string" && encrypted !== "" ? !isBareProof(encrypted) : OUR_ID.test(stringOf(id) ?? "");
}

/** The ids we give to reasoning; OpenAI's have no second underscore. */
const OUR_ID = /^rs_[^_]+_\d+$/;

/** The item as OpenAI gave it; `undefined` for one that it never saw. */
function ownItem(item: string): string | undefined {
  const json = objectOf(JSON.parse(item));
  if (!isForeign(json)) return item;
  const own = readResponsesProof(stringOf(json["encrypted_content"]) ?? "");
  if (own === undefined) return undefined;
  return editTopLevel(item, { set: { id: JSON.stringify(own.id), encrypted_content: JSON.stringify(own.encrypted) } });
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
