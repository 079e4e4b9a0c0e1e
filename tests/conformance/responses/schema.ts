import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";

/**
 * What about a value does not fit a schema of an OpenAPI document, one line each; empty when all of it does. Knows what the
 * vendors' documents use; `oneOf` is met by several as well, as their own clients read it. Throws for a reference that leads nowhere.
 */
export function misfits(value: Json | undefined, schema: JsonObject, document: JsonObject, path = "$"): string[] {
  const { $ref, allOf, anyOf, oneOf, type, properties, items, required } = schema;
  if (typeof $ref === "string") return misfits(value, referred($ref, document), document, path);
  if (value === undefined) return [`${path} is missing`];
  const choices = [...listOf(anyOf), ...listOf(oneOf)].map((choice) => misfits(value, objectOf(choice), document, path));
  const fits = choices.length === 0 || choices.some((choice) => choice.length === 0);
  const found = [
    ...listOf(allOf).flatMap((each) => misfits(value, objectOf(each), document, path)),
    // Of the choices missed, the one missed by least tells most.
    ...(fits ? [] : (choices.toSorted((one, other) => one.length - other.length)[0] ?? [])),
    ...(type === undefined || isOfType(value, type) ? [] : [`${path} is ${JSON.stringify(value)?.slice(0, 80)}, not ${JSON.stringify(type)}`]),
    ...(schema["enum"] === undefined || listOf(schema["enum"]).includes(value)
      ? []
      : [`${path} is ${JSON.stringify(value)}, none of ${JSON.stringify(schema["enum"])}`]),
    ...(typeof value === "string" ? misfitsOfText(value, schema, path) : []),
  ];
  if (isObject(value)) {
    for (const name of listOf(required)) if (value[String(name)] === undefined) found.push(`${path}.${name} is missing`);
    for (const [name, inner] of Object.entries(objectOf(properties)))
      if (value[name] !== undefined) found.push(...misfits(value[name], objectOf(inner), document, `${path}.${name}`));
  }
  if (Array.isArray(value) && isObject(items)) found.push(...value.flatMap((each, index) => misfits(each, items, document, `${path}[${index}]`)));
  return found;
}

function misfitsOfText(text: string, { maxLength, minLength, pattern }: JsonObject, path: string): string[] {
  const found: string[] = [];
  if (typeof maxLength === "number" && text.length > maxLength) found.push(`${path} is longer than ${maxLength}`);
  if (typeof minLength === "number" && text.length < minLength) found.push(`${path} is shorter than ${minLength}`);
  if (typeof pattern === "string" && !new RegExp(pattern).test(text)) found.push(`${path} does not match ${pattern}`);
  return found;
}

function isOfType(value: Json, type: Json): boolean {
  if (Array.isArray(type)) return type.some((each) => isOfType(value, each));
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function referred(reference: string, document: JsonObject): JsonObject {
  let found: Json | undefined = document;
  for (const name of reference.replace(/^#\//, "").split("/")) found = objectOf(found)[name];
  if (!isObject(found)) throw new Error(`${reference} leads nowhere`);
  return found;
}

/** The named schema of a document's components. */
export function schemaNamed(name: string, document: JsonObject): JsonObject {
  return referred(`#/components/schemas/${name}`, document);
}

/** The schema of each event of a stream, by its type: of the components whose names end so. */
export function eventSchemas(ending: string, document: JsonObject): ReadonlyMap<string, JsonObject> {
  const schemas = Object.entries(objectOf(objectOf(document["components"])["schemas"]));
  return new Map(
    schemas.flatMap(([name, schema]): [string, JsonObject][] => {
      const type = stringOf(listOf(objectOf(objectOf(objectOf(schema)["properties"])["type"])["enum"])[0]);
      return name.endsWith(ending) && type !== undefined ? [[type, objectOf(schema)]] : [];
    }),
  );
}
