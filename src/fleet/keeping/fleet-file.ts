import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isObject, numberOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";

/** What the fleet remembers from one start of the gateway to the next. */
export interface Kept {
  /** Whose engines these are: eight letters and digits, made once. */
  readonly install: string;
  /** By engine, of its last start. */
  readonly generations: ReadonlyMap<string, number>;
}

/** The file it is kept in: a few lines, written whole and put in its place at once. */
export function fleetFile(path: string): { readonly kept: Kept; keep(generations: ReadonlyMap<string, number>): void } {
  const { install = crypto.randomUUID().replaceAll("-", "").slice(0, 8), generations } = read(path);
  const keep = (those: ReadonlyMap<string, number>) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, `${JSON.stringify({ install, generations: Object.fromEntries(those) }, null, 2)}\n`);
    renameSync(`${path}.new`, path);
  };
  keep(generations);
  return { kept: { install, generations }, keep };
}

function read(path: string): { readonly install?: string; readonly generations: ReadonlyMap<string, number> } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return { generations: new Map() };
  }
  const { install, generations } = objectOf(parseJson(text));
  const entries = isObject(generations) ? Object.entries(generations) : [];
  return {
    install: stringOf(install),
    generations: new Map(entries.flatMap(([name, value]) => (numberOf(value) === undefined ? [] : [[name, Number(value)]]))),
  };
}
