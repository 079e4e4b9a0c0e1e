import { type JsonObject, objectOf, stringOf } from "../../vocabulary/json.ts";
import { configJsonSchema } from "./json-schema.ts";

/** Every field of the config as a Markdown table: path, default, meaning. `docs/configuration.md` holds it. */
export function fieldTable(kinds: readonly string[]): string {
  const rows = fieldRows(configJsonSchema(kinds) as JsonObject, "");
  return ["| field | default | meaning |", "|---|---|---|", ...rows].join("\n");
}

function fieldRows(node: JsonObject, path: string): string[] {
  const rows: string[] = [];
  for (const [name, value] of Object.entries(objectOf(node["properties"]))) {
    const field = objectOf(value);
    const here = path === "" ? name : `${path}.${name}`;
    // The quirks of a deployment are those of a provider, and every limit has the same fields: told once.
    const known = (here.startsWith("models.") && name === "profile") || (/^(limits|keys\[\])\./.test(here) && here !== "limits.per_ip");
    rows.push(`| \`${here}\` | ${shownDefault(field["default"])} | ${stringOf(field["description"]) ?? ""} |`);
    if (known) continue;
    rows.push(...fieldRows(field, here));
    rows.push(...fieldRows(objectOf(field["additionalProperties"]), `${here}.<name>`));
    rows.push(...fieldRows(objectOf(field["items"]), `${here}[]`));
  }
  return rows;
}

function shownDefault(value: unknown): string {
  if (value === undefined || (typeof value === "object" && JSON.stringify(value).length <= 2)) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
