import type { Model } from "./model.ts";

/** A model whose name holds a `*`: what clients ask for by any name that fits it, made as it is asked for. */
export interface Wildcard {
  /** Its name in the config: `openai/*`. */
  readonly pattern: string;
  /** The model as it is written: a `*` stands in its name, and in its deployments' where they vary. */
  readonly template: Model;
  /** The model of the name in which the pattern's `*` stands for this. */
  make(star: string): Model;
}

/** What a pattern's `*` stands for in a name: one character at least; `undefined`: the name does not fit it, or it has no `*`. */
export function starOf(pattern: string, name: string): string | undefined {
  const at = pattern.indexOf("*");
  if (at < 0 || name.length < pattern.length) return undefined;
  const rest = pattern.length - at - 1;
  if (!name.startsWith(pattern.slice(0, at)) || !name.endsWith(pattern.slice(at + 1))) return undefined;
  return name.slice(at, name.length - rest);
}

/** A pattern with something in the place of its `*`. */
export function filled(pattern: string, star: string): string {
  return pattern.replace("*", () => star);
}

/** Is this name among those allowed, some of which may be patterns? */
export function isAmong(name: string, allowed: readonly string[]): boolean {
  for (const each of allowed) if (each === name || each === "*" || starOf(each, name) !== undefined) return true;
  return false;
}

/** Puts the pattern that says most about its names first; of two that say as much, the one that says it sooner. */
export function byLiteralLength(one: string, other: string): number {
  return other.length - one.length || other.indexOf("*") - one.indexOf("*");
}

/** A longer name than this is nobody's. */
const LONGEST_NAME = 256;

/** Could a model be called that? No control characters, and of a length that a log or a list can hold. */
export function isModelName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return name.length > 0 && name.length <= LONGEST_NAME && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(name);
}

/** Names and patterns for what both lists allow, and at most that; an absent list allows all. */
export function allowedByBoth(one: readonly string[] | undefined, other: readonly string[] | undefined): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return [...new Set(one.flatMap((each) => other.flatMap((another) => both(each, another) ?? [])))];
}

/** What two names or patterns both allow, and at most that. */
function both(one: string, other: string): string | undefined {
  if (one === other || other === "*" || starOf(other, one) !== undefined) return one;
  if (one === "*" || starOf(one, other) !== undefined) return other;
  return undefined;
}
