import { isObject, type JsonObject, stringOf } from "../../vocabulary/json.ts";
import { fieldOf } from "./fields.ts";

/** Code that Gemini ran itself, or what came of it, as a fence in the text; `undefined` for a part that is neither. */
export function codeText(part: JsonObject): string | undefined {
  const code = fieldOf(part, "executableCode");
  if (isObject(code))
    return `\n\`\`\`${(stringOf(code["language"]) ?? "").toLowerCase().replace("language_unspecified", "")}\n${(stringOf(code["code"]) ?? "").trimEnd()}\n\`\`\`\n`;
  const result = fieldOf(part, "codeExecutionResult");
  if (!isObject(result)) return undefined;
  const outcome = stringOf(result["outcome"]);
  const output = (stringOf(result["output"]) ?? "").trimEnd();
  return `\n\`\`\`\n${outcome === undefined || outcome === "OUTCOME_OK" ? "" : `${outcome}\n`}${output}\n\`\`\`\n`;
}
