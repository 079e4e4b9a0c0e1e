import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";

/**
 * What a conversation did to its tools so far, by name: `true` for those it loaded or called, `false` for those it took away. The last word
 * counts. https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
 */
export function toolChanges(messages: readonly Json[]): ReadonlyMap<string, boolean> {
  const changes = new Map<string, boolean>();
  const note = (name: Json | undefined, there: boolean) => {
    if (typeof name === "string") changes.set(name, there);
  };
  const read = (block: JsonObject): void => {
    switch (block["type"]) {
      case "tool_use":
        // Nobody calls what was not there.
        if (!changes.has(stringOf(block["name"]) ?? "")) note(block["name"], true);
        break;
      case "tool_reference":
        note(block["tool_name"], true);
        break;
      case "tool_addition":
        note(objectOf(block["tool"])["name"], true);
        break;
      case "tool_removal":
        note(objectOf(block["tool"])["name"], false);
        break;
      case "tool_result":
      case "mid_conv_system":
        for (const inner of listOf(block["content"])) read(objectOf(inner));
        break;
      case "tool_search_tool_result":
        for (const inner of listOf(objectOf(block["content"])["tool_references"])) read(objectOf(inner));
        break;
    }
  };
  for (const message of messages) for (const block of listOf(objectOf(message)["content"])) read(objectOf(block));
  return changes;
}
