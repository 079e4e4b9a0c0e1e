import { type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { configJsonSchema } from "./json-schema.ts";

/** Every field of the config as a Markdown table: path, default, meaning. `docs/configuration.md` holds it. */
export function fieldTable(kinds: readonly string[]): string {
  const rows = fieldRows(configJsonSchema(kinds) as JsonObject, "");
  return ["| field | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

/**
 * The quirks of a deployment are those of a provider, the price of a model is written as a deployment's, its tiers and changes as itself, and
 * every limit has the fields of the first.
 */
const TOLD_ONCE =
  /^models\..*\.profile$|^models\.<name>\.price$|\.price\.(tiers|changes)$|^limits\.(per_key|per_user|per_team|per_model|global|settings)$|^keys\[\]\.limits$/;

function fieldRows(node: JsonObject, path: string): string[] {
  const rows: string[] = [];
  for (const [name, value] of Object.entries(objectOf(node["properties"]))) {
    const field = objectOf(value);
    const here = path === "" ? name : `${path}.${name}`;
    rows.push(`| \`${here}\` | ${shownDefault(field["default"])} | ${stringOf(field["description"]) ?? ""} |`);
    if (TOLD_ONCE.test(here)) continue;
    rows.push(...fieldRows(field, here), ...listOf(field["anyOf"]).flatMap((one) => fieldRows(objectOf(one), here)));
    rows.push(...fieldRows(objectOf(field["additionalProperties"]), `${here}.<name>`));
    rows.push(...fieldRows(objectOf(field["items"]), `${here}[]`));
  }
  return rows;
}

function shownDefault(value: unknown): string {
  if (value === undefined || (typeof value === "object" && JSON.stringify(value).length <= 2)) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
