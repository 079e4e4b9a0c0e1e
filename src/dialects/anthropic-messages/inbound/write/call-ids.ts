import { type JsonObject, listOf, objectOf } from "../../../../vocabulary/json.ts";
import { fittingId } from "../../../shared/conversation/tool-ids.ts";

/** What Anthropic takes as the id of a call, and not too long for anybody else. */
const FITS = /^[a-zA-Z0-9_-]{1,64}$/;

/**
 * Ids for the calls of one answer, by the upstream's own. Some upstreams count the calls of every answer from 0, and clients know a call by
 * its id alone: one that the conversation has already becomes another.
 */
export function callIds(json: JsonObject): (id: string) => string {
  let used: Set<string> | undefined;
  return (id) => {
    used ??= idsIn(json);
    const fitting = fittingId(id, FITS, "toolu_");
    let own = fitting;
    for (let number = 2; used.has(own); number++) own = fittingId(`${fitting}_${number}`, FITS, "toolu_");
    used.add(own);
    return own;
  };
}

function idsIn(json: JsonObject): Set<string> {
  const ids = new Set<string>();
  for (const message of listOf(json["messages"])) {
    for (const value of listOf(objectOf(message)["content"])) {
      const { type, id } = objectOf(value);
      if (type === "tool_use" && typeof id === "string") ids.add(id);
    }
  }
  return ids;
}
