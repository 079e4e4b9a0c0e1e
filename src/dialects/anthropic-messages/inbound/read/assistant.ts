import type { AssistantPart } from "../../../../vocabulary/chat.ts";
import { isObject, type JsonObject, stringOf } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { readPicture } from "../pictures.ts";
import { shortName } from "../tool-names.ts";
import { readText } from "./blocks.ts";
import { cacheOf, named, refuse, stringAt } from "./reading.ts";
import { isServerResult, textOfServerResult } from "./server-tools.ts";

/** A block of the assistant's own turn as parts. Throws `invalid-request` at its path for what has no words elsewhere. */
export function readAssistantBlock(block: JsonObject, path: string): AssistantPart[] {
  const { type } = block;
  switch (type) {
    case "text":
      return readSpoken(block, path);
    case "thinking": {
      const signature = stringOf(block["signature"]) ?? "";
      const text = stringOf(block["thinking"]) ?? "";
      if (text === "" && signature === "") return [];
      return [{ type: "thinking", text, ...(signature === "" ? {} : { signature }) }];
    }
    case "redacted_thinking":
      return [{ type: "thinking", text: "", redacted: stringAt(block, "data", path) }];
    case "tool_use":
      return [
        {
          type: "tool-call",
          id: stringAt(block, "id", path),
          name: shortName(stringAt(block, "name", path)),
          arguments: readInput(block, path),
          ...cacheOf(block),
        },
      ];
    // What was asked of a tool that Anthropic runs is told with its result; a tool's search is told by the tools it found, which are there now.
    case "server_tool_use":
    case "mcp_tool_use":
    case "tool_search_tool_result":
    // Which model stood in for which.
    case "fallback":
      return [];
    case "compaction": {
      const summary = stringOf(block["content"]) ?? "";
      return summary === "" ? [] : [{ type: "text", text: `Summary of the conversation before this point:\n${summary}` }];
    }
    default:
      if (isServerResult(type)) return [{ type: "text", text: textOfServerResult(block) }];
      return refuse(`${path}.type`, `is ${named(type)}, which cannot be translated for this model's provider`);
  }
}

/** What was said; a picture in it that we wrote there is one again. */
function readSpoken(block: JsonObject, path: string): AssistantPart[] {
  const parts = readText(block, path);
  const picture = parts[0] === undefined ? undefined : readPicture(parts[0].text);
  return picture === undefined ? parts : [placed(picture, path)];
}

function readInput(block: JsonObject, path: string): string {
  const input = block["input"] ?? {};
  return isObject(input) ? JSON.stringify(input) : refuse(`${path}.input`, "must be an object");
}
