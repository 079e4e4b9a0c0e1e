import { isObject, type Json, type JsonObject, listOf, objectOf } from "../../../vocabulary/json.ts";

/** What OpenAI's strict mode knows: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const KEYWORDS = new Set([
  ...["type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs", "definitions", "title", "description"],
  ...["pattern", "format", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"],
]);

/** Would OpenAI enforce this schema? Its strict mode refuses others with a 400: every object must be closed and require all it names. */
export function fitsStrict(schema: JsonObject): boolean {
  return schema["type"] === "object" && schema["anyOf"] === undefined && isStrict(schema);
}

function isStrict(value: Json | undefined): boolean {
  if (!isObject(value) || !Object.keys(value).every((name) => KEYWORDS.has(name))) return false;
  const properties = objectOf(value["properties"]);
  const required = new Set(listOf(value["required"]));
  const isShape = value["type"] === "object" || value["properties"] !== undefined;
  if (isShape && (value["additionalProperties"] !== false || !Object.keys(properties).every((name) => required.has(name)))) return false;
  const inner = [properties, objectOf(value["$defs"]), objectOf(value["definitions"])].flatMap((schemas) => Object.values(schemas));
  return [...inner, ...listOf(value["anyOf"]), ...(value["items"] === undefined ? [] : [value["items"]])].every(isStrict);
}
