import type { Command } from "commander";
import { type JsonObject, listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { askServer, textFromServer } from "./link.ts";
import { type Terminal, table } from "./output.ts";

interface UsageOptions {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly csv?: boolean;
  readonly json?: boolean;
}

/** `signalbox usage`: what was used, as the gateway that runs has added it up. */
export function addUsage(program: Command, terminal: Terminal, dataDir: () => string): void {
  program
    .command("usage")
    .description("what was used: requests, tokens, cost and charge in USD")
    .option("--by <what>", "one or two of model, deployment, key, user, team, source, operation, outcome, hour, day", "model")
    .option("--from <time>", "from this time on, such as 2026-11-01: whole hours, in UTC")
    .option("--to <time>", "up to this time")
    .option("--csv", "everything that is counted, as CSV")
    .option("--json", "the same as JSON")
    .addHelpText("after", "\nExample:\n  signalbox usage --by model,user --from 2026-11-01 --csv")
    .action(async ({ by, from, to, csv, json }: UsageOptions) => {
      const search = new URLSearchParams({ group_by: by, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
      if (csv) return terminal.print((await textFromServer(dataDir(), { method: "GET", path: `/admin/usage?format=csv&${search}` })).trimEnd());
      const rows = await allRows(dataDir(), search);
      if (json) return terminal.print(JSON.stringify(rows));
      const names = Object.keys(rows[0] ?? {}).slice(0, by.split(",").length);
      terminal.print(table([...names, "requests", "input", "cache read", "output", "cost", "charge", "unpriced"].map(upper), rows.map(cellsOf(names))));
    });
}

/** All pages. */
async function allRows(dataDir: string, search: URLSearchParams): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  for (let cursor: string | undefined = "0"; cursor !== undefined; ) {
    const page = objectOf(await askServer(dataDir, "GET", `/admin/usage?${search}&cursor=${cursor}`));
    rows.push(...listOf(page["data"]).map(objectOf));
    cursor = stringOf(page["next"]);
  }
  return rows;
}

const upper = (name: string) => name.toUpperCase().replace("_ID", "");
const SHOWN = ["requests", "input", "cache_read", "output", "cost", "charge", "unpriced"];
const cellsOf = (names: readonly string[]) => (row: JsonObject) => [...names, ...SHOWN].map((name) => String(row[name] ?? "-"));
