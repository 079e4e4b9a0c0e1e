import type { ChatCall, Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { isObject, listOf, objectOf } from "../../vocabulary/json.ts";
import { editElements, editTopLevel } from "../shared/json-edits.ts";

/**
 * The express lane: the client's own text with only our fields edited: the model's name, usage in streams, and what the
 * profile renames or drops. Untouched when nothing needs an edit.
 */
export function expressChat(call: ChatCall, destination: Destination): Outgoing {
  const { profile } = destination;
  const set: Record<string, string | ((old: string | undefined) => string)> = {};
  if (call.model !== destination.model) set["model"] = JSON.stringify(destination.model);
  if (call.stream && !call.wantsUsage && profile.streamUsage === "ask") {
    const given = isObject(call.json["stream_options"]);
    set["stream_options"] = (old) => (given && old !== undefined ? editTopLevel(old, { set: { include_usage: "true" } }) : '{"include_usage":true}');
  }
  const rename: Record<string, string> = {};
  for (const name in profile.rename) if (call.json[name] !== undefined) rename[name] = profile.rename[name] ?? name;
  const remove = profile.drop.filter((name) => call.json[name] !== undefined);
  if (!profile.developerRole && hasDeveloper(call)) {
    set["messages"] = (old) =>
      editElements(old ?? "[]", (message) =>
        objectOf(JSON.parse(message))["role"] === "developer" ? editTopLevel(message, { set: { role: '"system"' } }) : message,
      );
  }
  const edited = Object.keys(set).length + Object.keys(rename).length + remove.length > 0;
  return {
    body: edited ? editTopLevel(call.text, { set, rename, remove }) : call.text,
    warnings: remove.map((name) => `${name} was dropped: ${destination.model} does not accept it.`),
  };
}

function hasDeveloper(call: ChatCall): boolean {
  return listOf(call.json["messages"]).some((message) => objectOf(message)["role"] === "developer");
}
