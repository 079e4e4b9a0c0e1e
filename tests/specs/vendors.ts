import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type JsonObject, objectOf, parseJson } from "../../src/vocabulary/json.ts";

/** The folder beside the repository that holds the vendors' own specifications, when this machine has it. */
const FOLDER = fileURLToPath(new URL("../../../shared/specs/", import.meta.url));

/** Can anything be held against the vendors' schemas here? */
export const schemasAtHand = existsSync(FOLDER);

/** The schemas of a vendor's file, by name; `undefined` and one printed line where the folder is absent. */
export function publishedSchemas(file: string): JsonObject | undefined {
  const document = publishedDocument(file);
  return document === undefined ? undefined : objectOf(document["schemas"] ?? objectOf(document["components"])["schemas"]);
}

/** A vendor's file, JSON or YAML; `undefined` and one printed line where the folder is absent. */
export function publishedDocument(file: string): JsonObject | undefined {
  if (existsSync(FOLDER + file)) {
    const text = readFileSync(FOLDER + file, "utf8");
    return objectOf(file.endsWith(".json") ? parseJson(text) : parse(text));
  }
  console.log(`No ${file} beside this repository: nothing is held against it.`);
  return undefined;
}
