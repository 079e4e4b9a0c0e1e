/** JSON as it comes off the wire, before anyone trusts its shape. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json | undefined;
}

/** True for a plain JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `JSON.parse` that answers `undefined` instead of throwing. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The value as an object, or an empty one: for reading what an upstream may have left out. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : NO_FIELDS;
}

/** The value as an array, or an empty one. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : NO_VALUES;
}

/** Made once: a frame of a stream lacks a dozen fields. Whoever wrote to them would be told. */
const NO_FIELDS: JsonObject = Object.freeze({});
const NO_VALUES = Object.freeze([]) as readonly Json[] as Json[];

/** The value when it is a string, else `undefined`. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The value when it is a finite number, else `undefined`. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
