import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";

/** The schemas of one document, by name. */
export interface Schemas {
  /** Every way in which a value is not what a schema says, each with its path; none when it fits. Throws for a schema that is not there. */
  misfits(value: Json | undefined, name: string): string[];
}

/** What of a schema says something about a value, and holds no schemas itself. */
const FACTS = ["enum", "const", "required", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"];

/**
 * Reads the schemas of an OpenAPI file, or of one of Google's discovery documents. `closed`: an object's members are those its schema names,
 * unless it says that there may be others; vendors refuse what they do not know without writing so. Of alternatives one has to fit, even where
 * they are said to exclude one another: vendors' own overlap.
 */
export function schemasOf(named: JsonObject, members: "closed" | "open"): Schemas {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, verbose: true });
  const known = new Set<string>();

  /** A value may be judged by a schema as a whole, or by several that each name a part of its members: only a whole can be closed. */
  const refer = (name: string, whole: boolean): JsonObject => {
    const $ref = `${whole ? "whole" : "part"}:${name}`;
    if (!known.has($ref)) {
      known.add($ref);
      // Google's document refers to a schema it does not hold: anything fits it.
      ajv.addSchema(rewritten(named[name], whole), $ref);
    }
    return { $ref };
  };

  const rewritten = (schema: Json | undefined, whole: boolean): JsonObject => {
    const json = objectOf(schema);
    if (json["nullable"] === true) return { anyOf: [rewritten({ ...json, nullable: false }, whole), { type: "null" }] };
    const { $ref, type, properties, items, additionalProperties: others, allOf } = json;
    const alternatives = json["anyOf"] ?? json["oneOf"];
    const apart = whole && properties === undefined && allOf === undefined;
    const all = [
      ...(typeof $ref === "string" ? [refer($ref.split("/").at(-1) ?? "", whole)] : []),
      ...listOf(allOf).map((part) => rewritten(part, false)),
      ...(alternatives === undefined ? [] : [{ anyOf: listOf(alternatives).map((one) => rewritten(one, apart)) }]),
    ];
    return {
      ...Object.fromEntries(FACTS.flatMap((name) => (json[name] === undefined ? [] : [[name, json[name]]]))),
      ...(type === undefined || type === "any" ? {} : { type: json["format"] === "int64" ? [String(type), "integer"] : type }),
      ...(properties === undefined ? {} : { properties: membersOf(json) }),
      ...(items === undefined ? {} : { items: rewritten(items, true) }),
      ...(others === undefined ? {} : { additionalProperties: typeof others === "boolean" ? others : rewritten(others, true) }),
      ...(all.length === 0 ? {} : { allOf: all }),
      ...(members === "closed" && whole && others === undefined && namesMembers(json) ? { unevaluatedProperties: false } : {}),
    };
  };

  const membersOf = ({ properties }: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(objectOf(properties)).map(([name, member]) => [name, rewritten(member, true)]));

  const namesMembers = (json: JsonObject): boolean =>
    Object.keys(objectOf(json["properties"])).length > 0 ||
    listOf(json["allOf"]).some((part) => namesMembers(objectOf(named[stringOf(objectOf(part)["$ref"])?.split("/").at(-1) ?? ""] ?? part)));

  const explain = (value: unknown, schema: JsonObject, path: string): string[] => {
    const fits = ajv.compile(schema);
    if (fits(value)) return [];
    const found = fits.errors ?? [];
    // What is wrong within alternatives is told once, by the one that was meant; of alternatives within alternatives, by the outer ones.
    const choices = found.filter((error, index) => error.keyword === "anyOf" && !found.some((other, at) => holds(other, error) && at > index));
    const alone = found.filter((error) => !found.some((other) => holds(other, error)));
    return [
      ...alone.filter((error) => error.keyword !== "anyOf").map((error) => `${pathOf(error, path)}: ${sentence(error)}`),
      ...choices.flatMap((choice) => {
        const at = pathOf(choice, path);
        const alternatives = (choice.schema as JsonObject[]).map((one) => explain(choice.data, one, at));
        const type = stringOf(objectOf(choice.data as Json)["type"]);
        const unheardOf = type !== undefined && alternatives.every((misfits) => misfits.some((misfit) => misfit.startsWith(`${at}.type: `)));
        return unheardOf ? [`${at}.type: ${JSON.stringify(type)} is what no alternative is`] : nearest(alternatives, at);
      }),
    ];
  };

  return {
    misfits(value, name) {
      if (named[name] === undefined) throw new Error(`there is no schema ${name}`);
      return [...new Set(explain(value, refer(name, true), name))];
    },
  };
}

/** Is an error one of those that the failure of some alternatives consists of? */
function holds(alternatives: ErrorObject, error: ErrorObject): boolean {
  if (alternatives.keyword !== "anyOf" || alternatives === error) return false;
  return error.instancePath === alternatives.instancePath || error.instancePath.startsWith(`${alternatives.instancePath}/`);
}

/** What is wrong with the alternative that is least wrong: another kind of value, or of object, was hardly meant. */
function nearest(alternatives: readonly string[][], path: string): string[] {
  const other = (misfit: string) => misfit.startsWith(`${path}: must be`) || misfit.startsWith(`${path}.type: `) || misfit.startsWith(`${path}.role: `);
  const wrong = (found: readonly string[]) => found.length + (found.some(other) ? 1000 : 0);
  return alternatives.reduce((least, one) => (wrong(one) < wrong(least) ? one : least));
}

function pathOf({ instancePath, params }: ErrorObject, path: string): string {
  const names = instancePath
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  const member = params["missingProperty"] ?? params["unevaluatedProperty"] ?? params["additionalProperty"];
  return path + [...names, ...(member === undefined ? [] : [String(member)])].map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`)).join("");
}

function sentence({ keyword, message = "", params }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return "is missing";
    case "unevaluatedProperties":
    case "additionalProperties":
      return "is unknown";
    case "const":
      return `is not ${JSON.stringify(params["allowedValue"])}`;
    case "enum":
      return `is none of ${JSON.stringify(params["allowedValues"]).slice(0, 100)}`;
    default:
      return message;
  }
}
