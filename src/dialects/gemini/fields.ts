import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject } from "../../vocabulary/json.ts";

/**
 * Google's bodies are JSON of protocol buffers: every field is taken in two spellings, `systemInstruction` and `system_instruction`, a list
 * of one may be written without its brackets, an enum by its number, and a number as a string. https://protobuf.dev/programming-guides/json
 */

/** How extras that stood in `generationConfig` are named in the neutral request: who writes them again finds their place. */
export const CONFIG_EXTRA = "generationConfig.";

/** The names of our own code, so there are only so many. */
const SNAKES = new Map<string, string>();

/** `system_instruction` for `systemInstruction`. */
export function snakeName(name: string): string {
  let snake = SNAKES.get(name);
  if (snake === undefined) SNAKES.set(name, (snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
  return snake;
}

/** `systemInstruction` for `system_instruction`. */
export function camelName(name: string): string {
  return name.replace(/(?<=.)_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** A field in whichever spelling it comes; `undefined` when it is absent or null. */
export function fieldOf(json: JsonObject, name: string): Json | undefined {
  return json[name] ?? json[snakeName(name)] ?? undefined;
}

/** The spellings in which an object holds a field: for edits of its text. */
export function spellingsIn(json: JsonObject, name: string): string[] {
  return [...new Set([name, snakeName(name)])].filter((spelling) => json[spelling] !== undefined);
}

/** An object at `path`; `undefined` when absent. Throws `invalid-request` for anything else. */
export function objectIn(json: JsonObject, name: string, path: string): JsonObject | undefined {
  const value = fieldOf(json, name);
  return value === undefined || isObject(value) ? value : refuse(path, "must be an object");
}

/** A list of objects at `path`, empty when absent; one object stands for a list of one. Throws `invalid-request` for anything else. */
export function objectsIn(json: JsonObject, name: string, path: string): JsonObject[] {
  const value = fieldOf(json, name);
  if (value === undefined) return [];
  if (isObject(value)) return [value];
  if (!Array.isArray(value)) return refuse(path, "must be a list of objects");
  return value.map((entry, index) => (isObject(entry) ? entry : refuse(`${path}[${index}]`, "must be an object")));
}

/** A string at `path`; `undefined` when absent. Throws `invalid-request` for anything else. */
export function stringIn(json: JsonObject, name: string, path: string): string | undefined {
  const value = fieldOf(json, name);
  return value === undefined || typeof value === "string" ? value : refuse(path, "must be a string");
}

/** A list of strings at `path`, empty when absent; one string stands for a list of one. Throws `invalid-request` for anything else. */
export function stringsIn(json: JsonObject, name: string, path: string): string[] {
  const value = fieldOf(json, name) ?? [];
  return (Array.isArray(value) ? value : [value]).map((entry, index) => (typeof entry === "string" ? entry : refuse(`${path}[${index}]`, "must be a string")));
}

/** A number at `path`, also one in a string; `undefined` when absent. Throws `invalid-request` for anything else. */
export function numberIn(json: JsonObject, name: string, path: string): number | undefined {
  const value = fieldOf(json, name);
  if (value === undefined) return undefined;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : refuse(path, "must be a number");
}

/** A whole number at `path`, likewise. */
export function integerIn(json: JsonObject, name: string, path: string): number | undefined {
  const number = numberIn(json, name, path);
  return number === undefined || Number.isInteger(number) ? number : refuse(path, "must be an integer");
}

/** The word of an enum, also where its number stands: `words` are in the order of their numbers. Words nobody knows pass, numbers become words. */
export function wordOf(value: Json | undefined, words: readonly string[]): string | undefined {
  if (typeof value === "number") return words[value] ?? String(value);
  return typeof value === "string" ? value.toUpperCase() : undefined;
}

/** Throws `invalid-request` at `path`: `path what.` */
export function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
