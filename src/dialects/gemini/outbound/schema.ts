import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";

/**
 * JSON Schema as Gemini takes it in `parametersJsonSchema` and `responseJsonSchema`: an unknown keyword is a 400, `$ref` stands alone,
 * enums hold strings and numbers. https://ai.google.dev/api/generate-content#FIELDS.response_json_schema
 */
export function geminiSchema(schema: JsonObject): JsonObject {
  const definitions = { ...objectOf(schema["definitions"]), ...objectOf(schema["$defs"]) };
  return clean(schema, { definitions, inlining: [] });
}

interface Root {
  readonly definitions: JsonObject;
  /** The references being merged right now: meeting one again is a cycle. */
  readonly inlining: readonly string[];
}

/** Keywords that pass as they are. */
const PLAIN = ["$id", "$anchor", "type", "format", "title", "description", "minItems", "maxItems", "minimum", "maximum", "required", "propertyOrdering"];
/** Limits Gemini has no keyword for; the description tells the model instead. */
const TOLD = ["pattern", "minLength", "maxLength", "multipleOf", "uniqueItems", "minProperties", "maxProperties"];

function clean(value: Json | undefined, root: Root): JsonObject {
  if (!isObject(value)) return {};
  if (Array.isArray(value["allOf"])) {
    const inlined: string[] = [];
    const merged = mergeAllOf(value, { ...root, inlined });
    return clean(merged, { ...root, inlining: [...root.inlining, ...inlined] });
  }
  return cleanPlain(value, root);
}

function cleanPlain(schema: JsonObject, root: Root): JsonObject {
  const reference = stringOf(schema["$ref"]);
  if (reference !== undefined) return cleanReference(schema, reference, root);

  const out: JsonObject = {};
  for (const name of PLAIN) if (schema[name] !== undefined) out[name] = schema[name];
  if (isObject(schema["properties"])) out["properties"] = mapValues(schema["properties"], (property) => clean(property, root));
  if (isObject(out["properties"]) && Array.isArray(out["required"]))
    out["required"] = out["required"].filter((name) => typeof name === "string" && Object.hasOwn(objectOf(out["properties"]), name));
  if (Array.isArray(schema["items"])) out["prefixItems"] = schema["items"].map((item) => clean(item, root));
  else if (schema["items"] !== undefined) out["items"] = clean(schema["items"], root);
  for (const name of ["prefixItems", "anyOf", "oneOf"]) if (Array.isArray(schema[name])) out[name] = schema[name].map((branch) => clean(branch, root));
  const additional = schema["additionalProperties"];
  if (additional !== undefined) out["additionalProperties"] = isObject(additional) ? clean(additional, root) : additional;
  Object.assign(out, definitionsOf(schema, root));
  tightenBounds(schema, out);
  tellLimits(schema, out);
  if (schema["nullable"] === true) out["type"] = withNull(out["type"]);
  return withEnum(schema, out);
}

/** `$ref` may have no siblings, so those that speak to the model move to a wrapper around it. */
function cleanReference(schema: JsonObject, reference: string, root: Root): JsonObject {
  const bare: JsonObject = { $ref: reference.replace(/^#\/definitions\//, "#/$defs/") };
  const defined = definitionsOf(schema, root);
  const said: JsonObject = {};
  for (const name of ["title", "description"]) if (schema[name] !== undefined) said[name] = schema[name];
  return Object.keys(said).length === 0 ? { ...bare, ...defined } : { ...said, ...defined, anyOf: [bare] };
}

function definitionsOf(schema: JsonObject, root: Root): JsonObject {
  const definitions = { ...objectOf(schema["definitions"]), ...objectOf(schema["$defs"]) };
  return Object.keys(definitions).length === 0 ? {} : { $defs: mapValues(definitions, (definition) => clean(definition, root)) };
}

/** Keywords that ask something of a value, so that a reference beside them must be merged with them. */
const CONSTRAINING = ["type", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "additionalProperties"];

interface Merging extends Root {
  /** The references this merge took in. */
  readonly inlined: string[];
}

/** One schema that asks what all branches of `allOf` ask; a single reference stays a reference. */
function mergeAllOf(schema: JsonObject, merging: Merging): JsonObject {
  const { allOf, ...rest } = schema;
  const branches = listOf(allOf).map(objectOf);
  const only = branches.length === 1 ? branches[0] : undefined;
  if (only?.["$ref"] !== undefined && CONSTRAINING.every((name) => rest[name] === undefined)) return { ...only, ...rest };
  let merged: JsonObject = {};
  for (const branch of branches) merged = mergeTwo(merged, resolved(branch, merging));
  return mergeTwo(merged, rest);
}

/** A branch with its reference, if it is one, replaced by what it points to; nothing for one that is being merged already. */
function resolved(branch: JsonObject, merging: Merging): JsonObject {
  const reference = stringOf(branch["$ref"]);
  let schema = branch;
  if (reference !== undefined) {
    const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(reference)?.[1];
    if (name === undefined || merging.inlining.includes(reference) || merging.inlined.includes(reference)) return {};
    merging.inlined.push(reference);
    schema = objectOf(merging.definitions[name]);
  }
  return Array.isArray(schema["allOf"]) ? resolved(mergeAllOf(schema, merging), merging) : schema;
}

/** `over` wins where both speak; properties and required names add up. */
function mergeTwo(under: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...under, ...over };
  if (isObject(under["properties"]) && isObject(over["properties"])) merged["properties"] = { ...under["properties"], ...over["properties"] };
  const required = [...listOf(under["required"]), ...listOf(over["required"])];
  if (required.length > 0) merged["required"] = [...new Set(required)];
  return merged;
}

function tightenBounds(schema: JsonObject, out: JsonObject): void {
  const step = schema["type"] === "integer" ? 1 : 0;
  const above = numberOf(schema["exclusiveMinimum"]);
  const below = numberOf(schema["exclusiveMaximum"]);
  if (above !== undefined) out["minimum"] = Math.max(above + step, numberOf(out["minimum"]) ?? Number.NEGATIVE_INFINITY);
  if (below !== undefined) out["maximum"] = Math.min(below - step, numberOf(out["maximum"]) ?? Number.POSITIVE_INFINITY);
}

function tellLimits(schema: JsonObject, out: JsonObject): void {
  const limits = TOLD.filter((name) => schema[name] !== undefined).map(
    (name) => `${name}: ${typeof schema[name] === "string" ? schema[name] : JSON.stringify(schema[name])}`,
  );
  if (limits.length > 0) out["description"] = [stringOf(out["description"]), `(${limits.join(", ")})`].filter(Boolean).join(" ");
}

function withNull(type: Json | undefined): Json | undefined {
  if (typeof type === "string") return type === "null" ? type : [type, "null"];
  return Array.isArray(type) && !type.includes("null") ? [...type, "null"] : type;
}

/** `enum` and `const` with what Gemini's enums cannot hold said by types: null becomes a branch, booleans a type. */
function withEnum(schema: JsonObject, out: JsonObject): JsonObject {
  const values = schema["const"] !== undefined ? [schema["const"]] : Array.isArray(schema["enum"]) ? schema["enum"] : undefined;
  if (values === undefined) return out;
  const kept = values.filter((value) => typeof value === "string" || typeof value === "number");
  const types = [...(values.includes(null) ? ["null"] : []), ...(values.some((value) => typeof value === "boolean") ? ["boolean"] : [])];
  if (types.length === 0) return kept.length > 0 ? { ...out, enum: kept } : out;
  if (kept.length === 0) return { ...out, type: types.length === 1 ? (types[0] as string) : types };
  const { title, description, type, ...rest } = out;
  const keptTypes = (Array.isArray(type) ? type : [type]).filter((each) => each !== undefined && !types.includes(each as string)) as Json[];
  const branch: JsonObject = { ...rest, ...(keptTypes.length === 0 ? {} : { type: keptTypes.length === 1 ? keptTypes[0] : keptTypes }), enum: kept };
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    anyOf: [branch, ...types.map((each) => ({ type: each }))],
  };
}

function mapValues(object: JsonObject, map: (value: Json | undefined) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
