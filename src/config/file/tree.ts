import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, type ParsedNode, parseDocument } from "yaml";
import { type Path, type Problem, pathText } from "./problem.ts";

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where a value of the config comes from. Values without an origin are defaults. */
export type Origin =
  | {
      readonly from: "file";
      readonly file: string;
      readonly key: Place;
      readonly value: Place;
      /** The text as written, when it held a reference: `${OPENAI_API_KEY}`. */
      readonly reference?: string;
    }
  | { readonly from: "environment" | "command line"; readonly name: string };

/** Plain values, and for each path of them where it was written. */
export interface Tree {
  value: Record<string, unknown>;
  readonly origins: Map<string, Origin>;
  readonly problems: Problem[];
}

export interface Source {
  readonly file: string;
  readonly text: string;
}

/** Reads one YAML (or JSON) file; its references stay as they are. What is wrong with it is in `problems`; nothing is thrown. */
export function readTree(source: Source): Tree {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, merge: true, prettyErrors: false });
  const tree: Tree = { value: {}, origins: new Map(), problems: [] };
  // The parser stumbles on after its first error; what it then reports is noise.
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    const bare = /\{.*[^"'\w]\$\{/.test(source.text.split("\n")[line - 1] ?? "");
    const fix = bare ? 'Inside { } a value with ${...} needs quotes: {port: "${PORT}"}.' : "";
    tree.problems.push({ file: source.file, line, column: col, path: "", message: sentence(error.message), fix });
  }
  if (tree.problems.length > 0 || document.contents === null) return tree;
  const reader: Reader = { ...source, document, lines, tree, open: new Set() };
  if (!isMap(document.contents)) {
    tree.problems.push({
      file: source.file,
      line: 1,
      column: 1,
      path: "",
      message: "expected sections such as `providers:` and `models:`.",
      fix: "See examples/signalbox.yaml.",
    });
    return tree;
  }
  tree.value = readNode(reader, document.contents as ParsedNode, [], place(lines, document.contents as ParsedNode)) as Record<string, unknown>;
  return tree;
}

interface Reader extends Source {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly tree: Tree;
  /** Maps and lists being read: an alias of one of them would never end. */
  readonly open: Set<ParsedNode>;
}

function place(lines: LineCounter, node: ParsedNode): Place {
  const { line, col } = lines.linePos(node.range?.[0] ?? 0);
  return { line, column: col };
}

function readNode(reader: Reader, given: ParsedNode | null, path: Path, key: Place): unknown {
  if (given === null) return undefined;
  const node = isAlias(given) ? ((given as Alias).resolve(reader.document) as ParsedNode | undefined) : given;
  if (node === undefined) return undefined;
  const origin = { from: "file", file: reader.file, key, value: place(reader.lines, given) } as const;
  reader.tree.origins.set(pathText(path), origin);
  const refuse = (message: string, fix: string) => {
    const { line, column } = origin.value;
    reader.tree.problems.push({ file: reader.file, line, column, path: pathText(path), message, fix });
    return undefined;
  };
  if (isMap(node) || isSeq(node)) {
    if (reader.open.has(node)) return refuse("this alias stands inside of what it names.", "Write out what is meant.");
    reader.open.add(node);
    const value = isMap(node) ? readMap(reader, node.items as Pair<ParsedNode, ParsedNode | null>[], path) : readList(reader, node.items as ParsedNode[], path);
    reader.open.delete(node);
    return value;
  }
  if (!isScalar(node)) return undefined;
  return node.value ?? undefined;
}

function readList(reader: Reader, items: readonly ParsedNode[], path: Path): unknown[] {
  return items.map((item, index) => readNode(reader, item, [...path, index], place(reader.lines, item)));
}

function readMap(reader: Reader, pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: Path): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const pair of pairs) {
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    if (isScalar(pair.key) && typeof pair.key.value === "symbol") {
      const own = reader.tree.origins.get(pathText(path));
      const merged = readNode(reader, pair.value, path, place(reader.lines, pair.key));
      if (own !== undefined) reader.tree.origins.set(pathText(path), own);
      if (isRecord(merged)) for (const [inner, one] of Object.entries(merged)) value[inner] ??= one;
      continue;
    }
    const one = readNode(reader, pair.value, [...path, name], place(reader.lines, pair.key));
    if (one !== undefined) Object.defineProperty(value, name, { value: one, enumerable: true, configurable: true, writable: true });
    else delete value[name];
  }
  return value;
}

/** Lays one tree over another: fields are merged, everything else is replaced. */
export function overlay(below: Tree, above: Tree): Tree {
  const origins = new Map(below.origins);
  const value = merge(below.value, above.value, [], origins);
  for (const [path, origin] of above.origins) origins.set(path, origin);
  return { value: value as Record<string, unknown>, origins, problems: [...below.problems, ...above.problems] };
}

function merge(below: unknown, above: unknown, path: Path, origins: Map<string, Origin>): unknown {
  if (!isRecord(below) || !isRecord(above)) {
    const text = pathText(path);
    for (const known of origins.keys()) if (known.startsWith(`${text}.`) || known.startsWith(`${text}[`)) origins.delete(known);
    return above;
  }
  const merged: Record<string, unknown> = { ...below };
  for (const [name, value] of Object.entries(above)) merged[name] = name in below ? merge(below[name], value, [...path, name], origins) : value;
  return merged;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Puts a value at a path, making the fields above it. */
export function put(tree: Tree, path: Path, value: unknown, origin: Origin): void {
  let at = tree.value;
  for (const step of path.slice(0, -1)) {
    const next = at[step];
    at = isRecord(next) ? next : ((at[step] = {}) as Record<string, unknown>);
  }
  at[String(path.at(-1))] = value;
  tree.origins.set(pathText(path), origin);
}

/** Where a path was written, or else the nearest field above it. */
export function originOf(tree: { readonly origins: ReadonlyMap<string, Origin> }, path: Path): Origin | undefined {
  for (let length = path.length; length >= 0; length--) {
    const origin = tree.origins.get(pathText(path.slice(0, length)));
    if (origin !== undefined) return origin;
  }
  return undefined;
}

function sentence(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1).split("\n", 1)[0]?.replace(/\.?$/, "")}.`;
}
