import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";

/** A vendor's own schemas, by name. */
export interface Specification {
  /** Every way in which a value is not what a schema says, each with its path; none when it fits. */
  misfits(value: Json, schema: string): string[];
}

/** The folder beside the repository that holds the vendors' OpenAPI files, when this machine has it. */
const FOLDER = fileURLToPath(new URL("../../../shared/specs/", import.meta.url));

/** The OpenAPI file of this name; `undefined` and one printed line where the folder is absent. */
export function specification(file: string): Specification | undefined {
  if (existsSync(FOLDER + file)) return specificationOf(JSON.parse(readFileSync(FOLDER + file, "utf8")) as JsonObject);
  console.log(`No ${file} beside this repository: what we send is not held against its schema.`);
  return undefined;
}

/**
 * Reads a JSON Schema as strictly as the service that published it: an object's members are those it names, unless it says that there may be
 * others. Of alternatives one has to fit.
 */
export function specificationOf(document: JsonObject): Specification {
  const schemas = objectOf(objectOf(document["components"])["schemas"]);

  const resolved = (schema: Json | undefined): JsonObject => {
    const json = objectOf(schema);
    const name = stringOf(json["$ref"])?.split("/").at(-1);
    if (name === undefined) return json;
    if (schemas[name] === undefined) throw new Error(`there is no schema ${name}`);
    return resolved(schemas[name]);
  };

  /** The members an object may have; `undefined` when any. */
  const namesOf = (json: JsonObject): string[] | undefined => {
    if (json["additionalProperties"] !== undefined && json["additionalProperties"] !== false) return undefined;
    if (json["anyOf"] !== undefined || json["oneOf"] !== undefined) return undefined;
    const parts = listOf(json["allOf"]).map((part) => namesOf(resolved(part)));
    if (json["properties"] === undefined && parts.length === 0) return undefined;
    if (parts.some((names) => names === undefined)) return undefined;
    const names = [...Object.keys(objectOf(json["properties"])), ...parts.flatMap((own) => own ?? [])];
    return names.length === 0 ? undefined : names;
  };

  const check = (value: Json, schema: Json | undefined, path: string, part = false): string[] => {
    const json = resolved(schema);
    const alternatives = [...listOf(json["anyOf"]), ...listOf(json["oneOf"])];
    const found = listOf(json["allOf"]).flatMap((one) => check(value, one, path, true));
    if (alternatives.length > 0)
      found.push(
        ...nearest(
          alternatives.map((one) => check(value, one, path)),
          path,
        ),
      );
    const type = stringOf(json["type"]);
    if (type !== undefined && !isOfType(value, type)) return [...found, `${path}: is no ${type}`];
    if (json["enum"] !== undefined && !listOf(json["enum"]).includes(value)) found.push(`${path}: is none of ${JSON.stringify(json["enum"]).slice(0, 80)}`);
    if (typeof value === "string" || typeof value === "number") found.push(...boundsOf(value, json).map((what) => `${path}: ${what}`));
    if (Array.isArray(value) && json["items"] !== undefined)
      value.forEach((item, index) => void found.push(...check(item, json["items"], `${path}[${index}]`)));
    if (isObject(value)) found.push(...checkMembers(value, json, path, part));
    return found;
  };

  const checkMembers = (value: JsonObject, json: JsonObject, path: string, part: boolean): string[] => {
    const found = listOf(json["required"]).flatMap((name) => (value[String(name)] === undefined ? [`${path}.${String(name)}: is missing`] : []));
    const names = part ? undefined : namesOf(json);
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      const own = objectOf(json["properties"])[name];
      if (own !== undefined) found.push(...check(member, own, `${path}.${name}`));
      else if (names !== undefined && !names.includes(name)) found.push(`${path}.${name}: is unknown`);
    }
    return found;
  };

  return { misfits: (value, name) => check(value, { $ref: name }, name) };
}

/** What is wrong with the alternative that is least wrong: another kind of value, or of object, was hardly meant. */
function nearest(alternatives: readonly string[][], path: string): string[] {
  const wrong = (found: readonly string[]) => found.length + (found.some((one) => one.startsWith(`${path}: `) || one.startsWith(`${path}.type: `)) ? 1000 : 0);
  return alternatives.reduce((least, one) => (wrong(one) < wrong(least) ? one : least));
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "null":
      return value === null;
    default:
      return typeof value === type;
  }
}

function boundsOf(value: string | number, json: JsonObject): string[] {
  const size = typeof value === "string" ? value.length : value;
  const [least, most] = typeof value === "string" ? [json["minLength"], json["maxLength"]] : [json["minimum"], json["maximum"]];
  const found: string[] = [];
  if (typeof least === "number" && size < least) found.push(`${size} is less than ${least}`);
  if (typeof most === "number" && size > most) found.push(`${size} is more than ${most}`);
  const pattern = stringOf(json["pattern"]);
  if (typeof value === "string" && pattern !== undefined && !new RegExp(pattern, "u").test(value)) found.push(`does not match ${pattern}`);
  return found;
}
