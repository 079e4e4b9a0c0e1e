import type { ChatCall, Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { type JsonObject, listOf, objectOf } from "../../../vocabulary/json.ts";
import { type Edits, editElements, editTopLevel } from "../json/edits.ts";

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
export function expressOpenai(call: ExpressCall, destination: Destination, more: Edits["set"] = NO_EDITS): Outgoing {
  const { profile } = destination;
  const remove = profile.drop.filter((name) => call.json[name] !== undefined);
  const rename = renamedIn(call.json, profile.rename);
  const isNamedSo = call.model === destination.model;
  if (isNamedSo && more === NO_EDITS && remove.length === 0 && rename === undefined) return { body: call.text, warnings: [] };
  const set: Record<string, NonNullable<Edits["set"]>[string]> = { ...more };
  if (!isNamedSo) set["model"] = JSON.stringify(destination.model);
  for (const name of profile.drop) delete set[name];
  return {
    body: editTopLevel(call.text, { set, rename, remove }),
    warnings: remove.map((name) => `${name} was dropped: ${destination.model} does not accept it.`),
  };
}

/** Of these new names those whose old ones are there. */
function renamedIn(json: JsonObject, names: Readonly<Record<string, string>>): Record<string, string> | undefined {
  let renamed: Record<string, string> | undefined;
  for (const name in names) if (json[name] !== undefined) (renamed ??= {})[name] = names[name] ?? name;
  return renamed;
}

/** Nothing to edit: a text stays the very same. */
export const NO_EDITS: NonNullable<Edits["set"]> = {};

/** The edit that asks for usage in a stream, when the client did not and the upstream only tells when asked. */
export function usageAsked(call: ChatCall, destination: Destination): Edits["set"] {
  if (!call.stream || call.wantsUsage || destination.profile.streamUsage !== "ask") return NO_EDITS;
  return { stream_options: (old) => (old?.startsWith("{") ? editTopLevel(old, { set: { include_usage: "true" } }) : '{"include_usage":true}') };
}

/** The edit that makes `developer` in a list of messages `system`, where only that is known and somebody says it. */
export function developersAsSystem(call: ExpressCall, list: "messages" | "input", { profile }: Destination): NonNullable<Edits["set"]> {
  if (profile.developerRole || !listOf(call.json[list]).some((message) => objectOf(message)["role"] === "developer")) return NO_EDITS;
  // Of two members of one name only the last counts, so the first may be anything.
  return { [list]: (old = "[]") => (old.startsWith("[") ? editElements(old, withoutDeveloper) : old) };
}

function withoutDeveloper(message: string): string {
  return objectOf(JSON.parse(message))["role"] === "developer" ? editTopLevel(message, { set: { role: '"system"' } }) : message;
}
