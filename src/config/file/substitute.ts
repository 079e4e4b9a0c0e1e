import type { Environment, ReadFile } from "../environment/environment.ts";
import { type Path, pathText } from "./problem.ts";
import { isRecord, type Tree } from "./tree.ts";

/** Text with its references filled in, or what is wrong with one of them. */
export type Substituted =
  | { readonly text: string /** There was a reference. */; readonly referred: boolean }
  | { readonly wrong: string; readonly fix: string };

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const VARIABLE = /^([A-Za-z_]\w*)(?::-([\s\S]*))?$/;

/** Fills in `${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}`; `$${` is a plain `${`. */
function substitute(text: string, environment: Environment, readFile: ReadFile): Substituted {
  if (!text.includes("${")) return { text, referred: false };
  let wrong: { readonly wrong: string; readonly fix: string } | undefined;
  const filled = text.replace(REFERENCE, (whole: string, inside: string | undefined) => {
    if (whole === "$${") return "${";
    const value = whole.endsWith("}")
      ? resolve(inside ?? "", environment, readFile)
      : { wrong: "a ${ without its }.", fix: "Close it, or write $${ for a plain ${." };
    if (typeof value === "string") return value;
    wrong ??= value;
    return "";
  });
  return wrong ?? { text: filled, referred: true };
}

function resolve(inside: string, environment: Environment, readFile: ReadFile): string | { wrong: string; fix: string } {
  if (inside.startsWith("file:")) {
    const path = inside.slice("file:".length).trim();
    try {
      return readFile(path).trim();
    } catch {
      return { wrong: `the file ${path} cannot be read.`, fix: "Create it, or check its path and permissions." };
    }
  }
  const match = VARIABLE.exec(inside);
  if (match === null) return { wrong: `\${${inside}} is no reference.`, fix: "Write ${NAME}, ${NAME:-default} or ${file:/path}." };
  const name = match[1] ?? "";
  const variable = environment.get(name);
  if (variable !== undefined) return variable.value;
  if (match[2] !== undefined) return match[2];
  return { wrong: `the environment variable ${name} ${environment.absence(name)}.`, fix: `Set ${name}, or write \${${name}:-} to go on without it.` };
}

/** Fills in the references of all values of a tree, which is changed. Those that lead nowhere are among its problems. */
export function fillReferences(tree: Tree, environment: Environment, readFile: ReadFile): void {
  const fill = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((each, index) => fill(each, [...path, index]));
    if (isRecord(value)) return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => given(name, fill(each, [...path, name]))));
    if (typeof value !== "string") return value;
    const filled = substitute(value, environment, readFile);
    if ("text" in filled && !filled.referred) return filled.text;
    const place = pathText(path);
    const origin = tree.origins.get(place);
    if ("wrong" in filled) {
      const at = origin?.from === "file" ? { file: origin.file, ...origin.value } : {};
      tree.problems.push({ ...at, path: place, message: filled.wrong, fix: filled.fix });
      return undefined;
    }
    if (origin?.from === "file") tree.origins.set(place, { ...origin, reference: value });
    // A reference that came to nothing is a value that was not given.
    return filled.text === "" ? undefined : filled.text;
  };
  tree.value = fill(tree.value, []) as Record<string, unknown>;
}

function given(name: string, value: unknown): [string, unknown][] {
  return value === undefined ? [] : [[name, value]];
}
