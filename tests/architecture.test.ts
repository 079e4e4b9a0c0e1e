import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** Which folders of src each folder may import from, besides itself. The order is the architecture: nothing looks up. */
const LEAVES = ["config", "store", "telemetry", "upstream"];
const PARTS = ["access", "limits", "ledger", "routing", "fleet", "batches", "cache", "catalog"];
const BELOW_PARTS = ["providers", "dialects", "vocabulary", ...LEAVES];
const EDGES = ["http", "cli", "admin", "demo"];
const MAY_IMPORT: Record<string, readonly string[]> = {
  vocabulary: [],
  dialects: ["vocabulary"],
  providers: ["dialects", "vocabulary"],
  ...Object.fromEntries(LEAVES.map((leaf) => [leaf, ["vocabulary"]])),
  ...Object.fromEntries(PARTS.map((part) => [part, BELOW_PARTS])),
  gateway: [...PARTS, ...BELOW_PARTS],
  http: ["gateway", ...PARTS, ...BELOW_PARTS],
  admin: ["gateway", ...PARTS, ...BELOW_PARTS],
  // Without a running gateway the command line does what management would do.
  cli: ["admin", "gateway", ...PARTS, ...BELOW_PARTS],
  demo: ["vocabulary"],
  // The parts put in their places.
  assembly: ["gateway", ...EDGES, ...PARTS, ...BELOW_PARTS],
  main: ["assembly", "cli", "config", "store", "vocabulary"],
};
const TOUCH_BUN = ["http", "upstream", "store"];
/** Past this many lines a file has a second idea in it. */
const LONGEST_FILE = 400;

const root = join(import.meta.dir, "..", "src");
const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"));
const folderOf = (file: string) => (file.includes("/") ? (file.split("/")[0] ?? "") : "main");
const importsOf = (file: string) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/(?:from|import\(|import|new URL\()\s*["'](\.[^"']+)["']/g)].map((match) =>
    relative(root, normalize(join(root, dirname(file), match[1] ?? ""))),
  );

describe("the dependency rule", () => {
  test("there is something to look at", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(150);
  });

  test("every folder is in the table", () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  test("nothing imports what it may not know", () => {
    const broken = files.flatMap((file) => {
      const folder = folderOf(file);
      return importsOf(file)
        .filter((target) => folderOf(target) !== folder && !target.startsWith("..") && !(MAY_IMPORT[folder] ?? []).includes(folderOf(target)))
        .map((target) => `${file} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  test("only http, upstream and store touch Bun", () => {
    const touching = files.filter((file) => !TOUCH_BUN.includes(folderOf(file)) && /\bBun\.|from ["']bun[:"']/.test(readFileSync(join(root, file), "utf8")));
    expect(touching).toEqual([]);
  });

  test("no file has outgrown one idea", () => {
    expect(files.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > LONGEST_FILE)).toEqual([]);
  });
});
