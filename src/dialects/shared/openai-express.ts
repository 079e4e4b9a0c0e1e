import type { ChatCall, Destination, Outgoing } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { type Edits, editTopLevel } from "./json-edits.ts";

/** The parts of a call the express lane looks at. */
interface ExpressCall {
  readonly model: string;
  readonly text: string;
  readonly json: JsonObject;
}

/**
 * The client's own text with only our fields edited: the model's name, what the profile renames or drops, and `more`.
 * Untouched, to the byte, when nothing needs an edit.
 */
export function expressOpenai(call: ExpressCall, destination: Destination, more: Edits["set"] = {}): Outgoing {
  const { profile } = destination;
  const set = { ...more };
  if (call.model !== destination.model) set["model"] = JSON.stringify(destination.model);
  const remove = profile.drop.filter((name) => call.json[name] !== undefined);
  for (const name of profile.drop) delete set[name];
  const rename: Record<string, string> = {};
  for (const name in profile.rename) if (call.json[name] !== undefined) rename[name] = profile.rename[name] ?? name;
  const edited = Object.keys(set).length + Object.keys(rename).length + remove.length > 0;
  return {
    body: edited ? editTopLevel(call.text, { set, rename, remove }) : call.text,
    warnings: remove.map((name) => `${name} was dropped: ${destination.model} does not accept it.`),
  };
}

/** The edit that asks for usage in a stream, when the client did not and the upstream only tells when asked. */
export function usageAsked(call: ChatCall, destination: Destination): Edits["set"] {
  if (!call.stream || call.wantsUsage || destination.profile.streamUsage !== "ask") return {};
  return { stream_options: (old) => (old?.startsWith("{") ? editTopLevel(old, { set: { include_usage: "true" } }) : '{"include_usage":true}') };
}
