import type { LoadedConfig } from "./file/load.ts";
import { type Path, type Problem, pathText, problemText } from "./file/problem.ts";
import { isRecord, type Origin, originOf } from "./file/tree.ts";
import { matchesPattern, SECRETS } from "./schema/schema.ts";

/** One value in force. */
export interface ShownValue {
  readonly path: string;
  /** JSON text; a secret's reference as written, or `(secret)`. */
  readonly value: string;
  /** `signalbox.yaml:12`, `environment PORT`, `command line --port` or `default`. */
  readonly source: string;
}

/** The whole config in force, value by value, each with where it comes from. Durations are milliseconds. Secrets are never shown. */
export function shownConfig(loaded: Pick<LoadedConfig, "settings" | "origins">): ShownValue[] {
  const shown: ShownValue[] = [];
  walk(loaded.settings, [], (path, value) => {
    const origin = ownOrigin(loaded.origins, path);
    shown.push({ path: pathText(path), value: shownValue(path, value, origin), source: sourceText(origin) });
  });
  return shown;
}

/** The same as lines for a terminal. */
export function shownText(values: readonly ShownValue[]): string {
  const widest = (pick: (value: ShownValue) => string, most: number) => Math.min(most, Math.max(0, ...values.map((value) => pick(value).length)));
  const path = widest((value) => value.path, 48);
  const value = widest((one) => one.value, 40);
  return values.map((one) => `${one.path.padEnd(path)}  ${one.value.padEnd(value)}  ${one.source}`.trimEnd()).join("\n");
}

/** What `config check` prints: a line for each problem, or one that all is well. */
export function checkText(problems: readonly Problem[], files: readonly string[]): string {
  if (problems.length === 0) return `${files.length === 0 ? "The environment" : files.join(" and ")} is valid.`;
  return [...problems.map(problemText), problems.length === 1 ? "1 problem." : `${problems.length} problems.`].join("\n");
}

function walk(value: unknown, path: Path, see: (path: Path, value: unknown) => void): void {
  const inside: [string | number, unknown][] = isRecord(value)
    ? Object.entries(value)
    : Array.isArray(value) && value.some(isRecord)
      ? [...value.entries()]
      : [];
  for (const [step, one] of inside) walk(one, [...path, step], see);
  if (inside.length === 0 && value !== undefined) see(path, value);
}

/** A value's own origin, or that of the list or key it stands in: defaults inside a written section are still defaults. */
function ownOrigin(origins: ReadonlyMap<string, Origin>, path: Path): Origin | undefined {
  const own = origins.get(pathText(path));
  if (own !== undefined) return own;
  const last = path.length >= 2 ? originOf({ origins }, path) : undefined;
  return last?.from === "environment" && path[0] === "keys" ? last : undefined;
}

function shownValue(path: Path, value: unknown, origin: Origin | undefined): string {
  const reference = origin?.from === "file" ? origin.reference : undefined;
  if (matchesPattern(path, SECRETS) && !isFolder(value)) return reference !== undefined && isWhollyReference(reference) ? reference : "(secret)";
  // A variable named like a secret is one, wherever it is used.
  if (reference !== undefined && /key|secret|token|password|file:/i.test(reference)) return reference.replace(/:-[^}]*/g, ":-…");
  return JSON.stringify(typeof value === "string" ? withoutCredentials(value) : value);
}

/** The URL of a database that is a folder. */
function isFolder(value: unknown): boolean {
  return typeof value === "string" && value.startsWith("sqlite:");
}

/** Does this text hold nothing but references without a default of their own? */
function isWhollyReference(reference: string): boolean {
  return /^\$\{(?:[A-Za-z_]\w*|file:[^}]*)\}$/.test(reference);
}

function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, "$1…@");
}

function sourceText(origin: Origin | undefined): string {
  if (origin === undefined) return "default";
  return origin.from === "file" ? `${origin.file}:${origin.value.line}` : `${origin.from} ${origin.name}`;
}
