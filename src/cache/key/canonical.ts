import { isObject, type Json, type JsonObject } from "../../vocabulary/json.ts";

/** Fields that are left out, as a tree: `true` leaves a field out, more names lead into it, and into each element of a list. */
export interface Omission {
  readonly [name: string]: true | Omission;
}

/** Deeper than this nobody means it. */
const DEEPEST = 500;

/**
 * JSON as text in which order and writing of what means the same are the same: members sorted by name, numbers by their value, no blanks.
 * `undefined` when it holds a whole number too large to be known exactly, since two such may read alike and differ, and when it nests too deeply.
 */
export function canonical(value: Json | undefined, omission: Omission = {}, depth = 0): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : JSON.stringify(value);
    case "object":
      if (value === null) return "null";
      if (depth > DEEPEST) return undefined;
      return isObject(value) ? canonicalObject(value, omission, depth + 1) : canonicalList(value, omission, depth + 1);
    default:
      return JSON.stringify(value ?? null);
  }
}

function canonicalList(list: readonly Json[], omission: Omission, depth: number): string | undefined {
  let text = "[";
  for (const element of list) {
    const written = canonical(element, omission, depth);
    if (written === undefined) return undefined;
    text += text === "[" ? written : `,${written}`;
  }
  return `${text}]`;
}

function canonicalObject(object: JsonObject, omission: Omission, depth: number): string | undefined {
  let text = "{";
  for (const name of Object.keys(object).sort()) {
    const value = object[name];
    const left = Object.hasOwn(omission, name) ? omission[name] : undefined;
    if (left === true || value === undefined) continue;
    const written = canonical(value, left, depth);
    if (written === undefined) return undefined;
    text += `${text === "{" ? "" : ","}${JSON.stringify(name)}:${written}`;
  }
  return `${text}}`;
}
