import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";

/** Below this depth only what the schema insists on is made, so that recursive schemas end. */
const DEEP = 5;
/** Recursive schemas that insist on themselves have no finite instance: give up here. */
const BOTTOM = 24;
/** A schema can ask for more than anybody reads: from here on values are null, lists and texts end. */
const MOST_VALUES = 1000;
const MOST_ITEMS = 100;
const MOST_CHARACTERS = 10_000;

interface Making {
  readonly root: JsonObject;
  /** The prompt: names and numbers in it are used where they fit. */
  readonly prompt: string;
  readonly depth: number;
  /** How many values were made, all over the instance. */
  readonly made: { values: number };
}

/** A value that fits this JSON Schema, with plausible content taken from the prompt. `pattern` is not honoured. */
export function instanceOf(schema: JsonObject, prompt: string): Json {
  return make(schema, "", { root: schema, prompt, depth: 0, made: { values: 0 } });
}

function make(given: JsonObject, name: string, making: Making): Json {
  if (++making.made.values > MOST_VALUES) return null;
  const schema = resolve(given, making);
  if (schema.const !== undefined) return schema.const;
  const options = listOf(schema.enum);
  if (options.length > 0) return options.find((option) => typeof option === "string" && mentions(making.prompt, option)) ?? options[0] ?? null;
  switch (typeOf(schema)) {
    case "object":
      return makeObject(schema, making);
    case "array":
      return makeArray(schema, name, making);
    case "string":
      return makeString(schema, name, making.prompt);
    case "integer":
      return makeNumber(schema, making.prompt, true);
    case "number":
      return makeNumber(schema, making.prompt, false);
    case "boolean":
      return true;
    default:
      return null;
  }
}

/** Follows `$ref`, takes the first fitting alternative, merges `allOf`. */
function resolve(schema: JsonObject, making: Making, steps = 0): JsonObject {
  if (steps > 20) return {};
  const reference = stringOf(schema.$ref);
  if (reference !== undefined) return resolve(pointed(making.root, reference), making, steps + 1);
  const alternatives = [...listOf(schema.anyOf), ...listOf(schema.oneOf)].filter(isObject);
  if (alternatives.length > 0) {
    const empty = alternatives.find((one) => one.type === "null");
    const chosen = making.depth > DEEP && empty ? empty : (alternatives.find((one) => one.type !== "null") ?? empty);
    return resolve({ ...withoutAlternatives(schema), ...chosen }, making, steps + 1);
  }
  const parts = listOf(schema.allOf).filter(isObject);
  if (parts.length === 0) return schema;
  let merged: JsonObject = { ...schema, allOf: undefined };
  for (const part of parts) {
    const whole = resolve(part, making, steps + 1);
    merged = {
      ...merged,
      ...whole,
      properties: { ...objectOf(merged.properties), ...objectOf(whole.properties) },
      required: [...listOf(merged.required), ...listOf(whole.required)],
    };
  }
  return merged;
}

function withoutAlternatives(schema: JsonObject): JsonObject {
  return { ...schema, anyOf: undefined, oneOf: undefined };
}

function pointed(root: JsonObject, reference: string): JsonObject {
  let at: Json | undefined = root;
  for (const segment of reference.replace(/^#\/?/, "").split("/").filter(Boolean)) {
    at = objectOf(at)[decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return objectOf(at);
}

function typeOf(schema: JsonObject): string {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  const named = types.find((type) => typeof type === "string" && type !== "null") ?? types[0];
  if (typeof named === "string") return named;
  if (schema.properties !== undefined) return "object";
  return schema.items === undefined ? "string" : "array";
}

function makeObject(schema: JsonObject, making: Making): Json {
  const required = listOf(schema.required);
  const made: JsonObject = {};
  if (making.depth > BOTTOM) return made;
  for (const [name, property] of Object.entries(objectOf(schema.properties))) {
    if (making.depth > DEEP && !required.includes(name)) continue;
    made[name] = make(objectOf(property), name, { ...making, depth: making.depth + 1 });
  }
  return made;
}

function makeArray(schema: JsonObject, name: string, making: Making): Json {
  const least = numberOf(schema.minItems) ?? 0;
  const most = numberOf(schema.maxItems) ?? Number.POSITIVE_INFINITY;
  const count = Math.min(Math.max(least, making.depth > DEEP ? 0 : 1), most, MOST_ITEMS);
  if (making.depth > BOTTOM) return [];
  const first = listOf(schema.prefixItems).map(objectOf);
  return Array.from({ length: Math.max(count, Math.min(first.length, most)) }, (_, index) =>
    make(first[index] ?? objectOf(schema.items), name.replace(/s$/, ""), { ...making, depth: making.depth + 1 }),
  );
}

const FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    date: "2026-01-31",
    time: "12:30:00Z",
    "date-time": "2026-01-31T12:30:00Z",
    email: "ada@example.com",
    uri: "https://example.com/",
    url: "https://example.com/",
    uuid: "0f8fad5b-d9cb-469f-a165-70867728950e",
    ipv4: "192.0.2.1",
    hostname: "example.com",
  }),
);

function makeString(schema: JsonObject, name: string, prompt: string): string {
  const format = FORMATS.get(stringOf(schema.format) ?? "");
  if (format !== undefined) return format;
  const least = Math.min(numberOf(schema.minLength) ?? 0, MOST_CHARACTERS);
  const most = numberOf(schema.maxLength) ?? Number.POSITIVE_INFINITY;
  const characters = [...plausibleText(name, prompt)].slice(0, most);
  return characters.join("") + "x".repeat(Math.max(0, least - characters.length));
}

/** A word for a property of this name: a place for `city`, the prompt itself for `query`, the property's own name when nothing is known. */
function plausibleText(name: string, prompt: string): string {
  if (/city|location|place|country|region/i.test(name)) return placesIn(prompt)[0] ?? "Paris";
  if (/query|question|text|prompt|search|topic|title|summary|content/i.test(name)) return prompt.slice(0, 80) || "demo";
  if (/email/i.test(name)) return "ada@example.com";
  if (/name|author|person|user/i.test(name)) return properNames(prompt)[0] ?? "Ada";
  if (/date|day/i.test(name)) return "2026-01-31";
  if (/unit/i.test(name)) return "celsius";
  return name === "" ? "demo" : `demo ${name}`;
}

function makeNumber(schema: JsonObject, prompt: string, whole: boolean): number {
  const step = numberOf(schema.multipleOf) ?? (whole ? 1 : 0);
  const margin = step || 0.5;
  const least = Math.max(numberOf(schema.minimum) ?? Number.NEGATIVE_INFINITY, (numberOf(schema.exclusiveMinimum) ?? Number.NEGATIVE_INFINITY) + margin);
  const most = Math.min(numberOf(schema.maximum) ?? Number.POSITIVE_INFINITY, (numberOf(schema.exclusiveMaximum) ?? Number.POSITIVE_INFINITY) - margin);
  const said = Number(/-?\d+(?:\.\d+)?/.exec(prompt)?.[0] ?? 1);
  const near = Math.min(Math.max(said, least), most);
  if (step === 0) return near;
  const rounded = Math.round(near / step) * step;
  return rounded < least ? rounded + step : rounded > most ? rounded - step : rounded;
}

function mentions(prompt: string, word: string): boolean {
  return word !== "" && prompt.toLowerCase().includes(word.toLowerCase());
}

/** Names of places: capitalised words after "in", "for", "at" and their Russian kin, several when joined by "and". */
export function placesIn(prompt: string): string[] {
  const list =
    /(?<!\p{L})(?:in|for|at|near|в|для)\s+((?:\p{Lu}[\p{L}-]*(?:\s+(?=\p{Lu}))?)+(?:(?:,\s*|\s+and\s+|\s+и\s+)(?:\p{Lu}[\p{L}-]*(?:\s+(?=\p{Lu}))?)+)*)/u.exec(
      prompt,
    )?.[1];
  return list === undefined ? [] : list.split(/,\s*|\s+and\s+|\s+и\s+/);
}

function properNames(prompt: string): string[] {
  return prompt.match(/(?<=\p{L}[ ,]+)\p{Lu}\p{Ll}+/gu) ?? [];
}
