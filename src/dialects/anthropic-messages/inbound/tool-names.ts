import { type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { fingerprint } from "../../shared/conversation/tool-ids.ts";

/** The longest name OpenAI takes; Anthropic's clients give up to 128 characters, those of MCP servers are long. */
const LONGEST = 64;

/** A tool's name for models that take short ones only: the same every time, and never two to one. */
export function shortName(name: string): string {
  if (name.length <= LONGEST) return name;
  const mark = fingerprint(name);
  return `${name.slice(0, LONGEST - mark.length - 1)}_${mark}`;
}

/** The client's own names of the tools a request offers, by the short ones their calls come back with; only those that were shortened. */
export function longNames(json: JsonObject): ReadonlyMap<string, string> {
  const names = listOf(json["tools"]).map((tool) => stringOf(objectOf(tool)["name"]) ?? "");
  return new Map(names.filter((name) => name.length > LONGEST).map((name) => [shortName(name), name]));
}
