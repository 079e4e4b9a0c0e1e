import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";

/** What Claude's structured outputs understand: https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
const KEPT = new Set(["type", "enum", "const", "default", "title", "$ref", "required"]);
const FORMATS = new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]);
/** Notes to people and tools, which say nothing about the value. */
const SILENT = new Set([
  "$schema",
  "$id",
  "$comment",
  "$anchor",
  "examples",
  "example",
  "deprecated",
  "readOnly",
  "writeOnly",
  "discriminator",
  "xml",
  "nullable",
]);

/**
 * A JSON Schema as structured outputs and strict tools take it: objects are closed, `oneOf` is `anyOf`, and what Claude cannot
 * enforce (`minimum`, `pattern`, …) moves into the description, where the model still reads it.
 */
export function strictSchema(schema: JsonObject): JsonObject {
  const clean: JsonObject = {};
  const told: string[] = [];
  for (const [name, value] of Object.entries(schema)) {
    if (value === undefined || SILENT.has(name)) continue;
    if (KEPT.has(name)) clean[name] = value;
    else if (name === "properties" || name === "$defs" || name === "definitions") clean[name] = mapped(objectOf(value));
    else if (name === "items" && isObject(value)) clean["items"] = strictSchema(value);
    else if (name === "anyOf" || name === "allOf") clean[name] = listOf(value).map(strictBranch);
    else if (name === "oneOf") clean["anyOf"] = listOf(value).map(strictBranch);
    else if (name === "format" && typeof value === "string" && FORMATS.has(value)) clean["format"] = value;
    else if (name === "minItems" && (value === 0 || value === 1)) clean["minItems"] = value;
    else if (name === "additionalProperties") {
      if (isObject(value) && Object.keys(value).length > 0) told.push(`further properties: ${JSON.stringify(value)}`);
    } else if (name !== "description") told.push(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  }
  const description = [stringOf(schema["description"]), told.length === 0 ? undefined : `(${told.join("; ")})`].filter(Boolean).join(" ");
  if (description !== "") clean["description"] = description;
  if (isObjectType(clean)) clean["additionalProperties"] = false;
  return clean;
}

function strictBranch(value: Json): Json {
  return isObject(value) ? strictSchema(value) : value;
}

function mapped(schemas: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, isObject(value) ? strictSchema(value) : value]));
}

function isObjectType(schema: JsonObject): boolean {
  const type = schema["type"];
  return type === "object" || (Array.isArray(type) && type.includes("object")) || (type === undefined && schema["properties"] !== undefined);
}

/**
 * A tool's parameters as `input_schema`, which must be an object without alternatives at its top. Alternatives between objects become
 * one object with all their properties, told in the description; anything that is no object throws `invalid-request` at `path`,
 * since the client's function expects its arguments as they were declared.
 */
export function toolSchema(parameters: JsonObject | undefined, path: string): JsonObject {
  if (parameters === undefined) return { type: "object", properties: {} };
  const schema = resolved(parameters, parameters);
  const { anyOf, oneOf, allOf, ...rest } = schema;
  const joined = [
    { name: "anyOf", branches: listOf(anyOf), all: false },
    { name: "oneOf", branches: listOf(oneOf), all: false },
    { name: "allOf", branches: listOf(allOf), all: true },
  ].filter(({ branches }) => branches.length > 0);
  const type = rest["type"];
  const isAnObject = type === undefined || type === null || type === "object" || (Array.isArray(type) && type.includes("object"));
  if (!isAnObject) throw invalidRequest(path, `${path} has type ${JSON.stringify(type)}. A tool's arguments must be an object for this model's provider.`);
  for (const { required: names } of [rest, ...joined.flatMap(({ branches }) => branches.map(objectOf))])
    if (names !== undefined && names !== null && !(Array.isArray(names) && names.every((name) => typeof name === "string")))
      throw invalidRequest(`${path}.required`, `${path}.required must be a list of names.`);
  if (joined.length === 0) return { ...rest, type: "object", properties: objectOf(rest["properties"]) };
  let properties = objectOf(rest["properties"]);
  const required = new Set(listOf(rest["required"]));
  const told: string[] = [];
  for (const { name, branches, all } of joined) {
    const objects = branches.map((branch) => {
      const object = resolved(objectOf(branch), parameters);
      if (object["type"] !== undefined && object["type"] !== "object")
        throw invalidRequest(path, `${path}.${name} offers something other than objects. A tool's arguments must be an object for this model's provider.`);
      return object;
    });
    for (const object of objects) properties = { ...objectOf(object["properties"]), ...properties };
    const needs = objects.map((object) => new Set(listOf(object["required"])));
    for (const property of new Set(needs.flatMap((need) => [...need]))) if (all || needs.every((need) => need.has(property))) required.add(property);
    if (!all) told.push(`The arguments must match ${name === "oneOf" ? "exactly one" : "at least one"} of: ${JSON.stringify(objects)}`);
  }
  const description = [stringOf(rest["description"]), ...told].filter(Boolean).join(" ");
  return {
    ...rest,
    type: "object",
    ...(description === "" ? {} : { description }),
    properties,
    ...(required.size === 0 ? {} : { required: [...required] }),
  };
}

/** A schema that is only a reference into its own document, replaced by what it points to. */
function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  let current = schema;
  for (let hops = 0; hops < 8; hops++) {
    const reference = stringOf(current["$ref"]);
    if (reference === undefined || !reference.startsWith("#/")) return current;
    let target: Json | undefined = root;
    for (const step of reference.slice(2).split("/")) target = objectOf(target)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
    const { $ref: _, ...siblings } = current;
    current = { ...objectOf(target), ...siblings };
  }
  return current;
}
