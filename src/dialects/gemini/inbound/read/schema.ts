import { isObject, type Json, type JsonObject, listOf, numberOf } from "../../../../vocabulary/json.ts";
import { camelName, wordOf } from "../../fields.ts";

/** Google's `Type`, in the order of its numbers. */
const TYPES = ["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];
/** Limits, which travel as strings: they are 64 bits wide. */
const LIMITS = new Set(["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"]);
/** Keywords said in another way below, or that are for Google alone. */
const TAKEN = new Set(["type", "nullable", "properties", "propertyOrdering", "example"]);

/** Google's `Schema`, a subset of OpenAPI's 3.0, as JSON Schema. What is JSON Schema already stays as it is. */
export function readSchema(schema: JsonObject): JsonObject {
  const out: JsonObject = {};
  const type = typeOf(schema["type"]);
  const nullable = schema["nullable"] === true;
  if (type !== undefined) out["type"] = nullable && typeof type === "string" ? [type, "null"] : type;
  for (const [given, value] of Object.entries(schema)) {
    const name = given.startsWith("$") ? given : camelName(given);
    if (value === undefined || value === null || TAKEN.has(name)) continue;
    // `enum` says by its format only that it is one.
    if (name === "format" && value === "enum") continue;
    out[name] = LIMITS.has(name) && typeof value === "string" ? (numberOf(Number(value)) ?? value) : read(name, value);
  }
  if (isObject(schema["properties"])) out["properties"] = propertiesOf(schema["properties"], schema["propertyOrdering"] ?? schema["property_ordering"]);
  if (nullable && Array.isArray(out["enum"]) && !out["enum"].includes(null)) out["enum"] = [...out["enum"], null];
  if (nullable && Array.isArray(out["anyOf"]) && type === undefined) out["anyOf"] = [...out["anyOf"], { type: "null" }];
  return out;
}

function typeOf(type: Json | undefined): Json | undefined {
  if (Array.isArray(type)) return type.map((each) => typeOf(each) ?? each);
  const word = wordOf(type, TYPES);
  return word === undefined || word === TYPES[0] ? undefined : word.toLowerCase();
}

/** A keyword's value: schemas where the keyword holds schemas. */
function read(name: string, value: Json): Json {
  switch (name) {
    case "items":
    case "additionalProperties":
      return isObject(value) ? readSchema(value) : value;
    case "anyOf":
    case "oneOf":
    case "allOf":
    case "prefixItems":
      return listOf(value).map((branch) => (isObject(branch) ? readSchema(branch) : branch));
    case "$defs":
    case "definitions":
      return isObject(value) ? mapped(value) : value;
    default:
      return value;
  }
}

/** The properties in the order asked for, which JSON Schema tells by the order they stand in. */
function propertiesOf(properties: JsonObject, ordering: Json | undefined): JsonObject {
  const first = listOf(ordering).filter((name) => typeof name === "string" && Object.hasOwn(properties, name)) as string[];
  if (first.length === 0) return mapped(properties);
  const names = new Set([...first, ...Object.keys(properties)]);
  return mapped(Object.fromEntries(Array.from(names, (name) => [name, properties[name]])));
}

function mapped(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, isObject(value) ? readSchema(value) : value]));
}
