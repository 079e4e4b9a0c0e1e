import type { CacheMark } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, stringOf } from "../../../../vocabulary/json.ts";

/** What a reader of one request leaves behind besides its value. */
export interface Reading {
  /** Knobs nobody else has a word for, by their name. */
  readonly unsaid: Set<string>;
}

/** A block as an object. Throws `invalid-request` at the path. */
export function blockAt(value: Json, path: string): JsonObject {
  return isObject(value) ? value : refuse(path, "must be an object with a type");
}

/** Content as blocks: a text alone is one; none, or `null`, is nothing said. Throws `invalid-request` at the path. */
export function blocksOf(content: Json | undefined, path: string): JsonObject[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return refuse(path, "must be a string or a list of blocks");
  return content.map((block, index) => blockAt(block, `${path}[${index}]`));
}

/** A field that must be a string. Throws `invalid-request` at its path. */
export function stringAt(block: JsonObject, name: string, path: string): string {
  return stringOf(block[name]) ?? refuse(`${path}.${name}`, "must be a string");
}

/** `cache_control` of a block, to be spread into a part. */
export function cacheOf(block: JsonObject): { readonly cache?: CacheMark } {
  const mark = block["cache_control"];
  if (!isObject(mark)) return {};
  const { ttl } = mark;
  return { cache: ttl === "1h" || ttl === "5m" ? { ttl } : {} };
}

/** Refuses the request because of what stands at this path. */
export function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}

/** What stands for another kind of block, tool or option in a sentence: a type of any length, or none. */
export function named(type: Json | undefined): string {
  return JSON.stringify(typeof type === "string" ? type.slice(0, 100) : (type ?? null)).slice(0, 120);
}
