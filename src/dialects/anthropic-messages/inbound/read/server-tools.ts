import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";

/** Results of tools that Anthropic ran, as they stand in a history: `web_search_tool_result`, `mcp_tool_result`, those of later kinds. */
export function isServerResult(type: Json | undefined): type is string {
  return typeof type === "string" && /^[a-z_]{1,100}_tool_result$/.test(type);
}

/** Such a result in words, for models that cannot read it otherwise: what it found, wrote or said; what is encrypted stays behind. */
export function textOfServerResult(block: JsonObject): string {
  const name = (stringOf(block["type"]) ?? "").replace(/_tool_result$/, "").replaceAll("_", " ");
  const said = wordsOf(block["content"]).join("\n");
  return `[Result of ${name}]\n${said === "" ? "(nothing)" : said}`;
}

/** The readable fields of what results hold, in the order they are told. */
const FIELDS = ["title", "url", "text", "stdout", "stderr", "error_code"];
/** The fields that hold more of it. */
const INSIDE = ["content", "source", "data"];

function wordsOf(value: Json | undefined): string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (Array.isArray(value)) return listOf(value).flatMap((item) => wordsOf(item));
  if (!isObject(value)) return [];
  const told = FIELDS.flatMap((name) => (value[name] === "" ? [] : (stringOf(value[name]) ?? [])));
  // Bytes are no words.
  const inside = objectOf(value)["type"] === "base64" ? [] : INSIDE.flatMap((name) => wordsOf(value[name]));
  return [...(told.length === 0 ? [] : [told.join(" ")]), ...inside];
}
