import type { Environment, ReadFile } from "../environment/environment.ts";

/** Text with its references filled in, or what is wrong with one of them. */
export type Substituted =
  | { readonly text: string /** There was a reference. */; readonly referred: boolean }
  | { readonly wrong: string; readonly fix: string };

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const VARIABLE = /^([A-Za-z_]\w*)(?::-([\s\S]*))?$/;

/** Fills in `${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}`; `$${` is a plain `${`. */
export function substitute(text: string, environment: Environment, readFile: ReadFile): Substituted {
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
