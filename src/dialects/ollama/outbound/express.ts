import type { ChatCall, Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { objectOf } from "../../../vocabulary/json.ts";
import { type Edits, editTopLevel } from "../../shared/json/edits.ts";

/** The client's own text with the model's name, and without what the profile drops, at the top or among the options. Untouched when nothing needs an edit. */
export function expressOllama(call: ChatCall, { model, profile }: Destination): Outgoing {
  const options = objectOf(call.json["options"]);
  const remove = profile.drop.filter((name) => call.json[name] !== undefined);
  const dropped = profile.drop.filter((name) => Object.hasOwn(options, name));
  if (call.model === model && remove.length + dropped.length === 0) return { body: call.text, warnings: [] };
  const set: NonNullable<Edits["set"]> = {
    model: JSON.stringify(model),
    // Of two members of one name only the last counts, so the first may be anything.
    ...(dropped.length === 0 ? {} : { options: (old = "{}") => (old.startsWith("{") ? editTopLevel(old, { remove: dropped }) : old) }),
  };
  return {
    body: editTopLevel(call.text, { set, remove }),
    warnings: [...remove, ...dropped].map((name) => `${name} was dropped: ${model} does not know it.`),
  };
}
