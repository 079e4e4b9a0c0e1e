import type { Command } from "commander";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { manage, type OpenPlace } from "./manage.ts";
import { type Terminal, table } from "./output.ts";

interface ReratingOptions {
  readonly since: string;
  readonly until?: string;
  readonly model?: string;
  readonly deployment?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Why requests stay as they are, in words. */
const WHY: Readonly<Record<string, string>> = {
  no_usage: "nothing was counted",
  not_charged: "broke off, and were not charged",
  from_cache: "answered by the cache",
  unpriced: "no price is known",
  deployment_gone: "their deployment is gone, and no price of it is known",
  refunded: "paid back already",
};

/** `signalbox prices rerate`. */
export function addRerating(prices: Command, terminal: Terminal, place: OpenPlace): void {
  prices
    .command("rerate")
    .description("charge requests of before by the prices that are known now: differences are entered in the ledger")
    .requiredOption("--since <time>", "requests from this time on, such as 2026-11-01, in UTC")
    .option("--until <time>", "up to this time (default: now)")
    .option("--model <name>", "to this model only; its public name")
    .option("--deployment <id>", "served by this deployment only")
    .option("--reason <text>", "why: it stands in the ledger")
    .option("--dry-run", "change nothing: tell what would be changed")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox prices rerate --since 2026-11-01 --model gpt-4o --dry-run")
    // The command above has --model and --json too, and takes them first.
    .action(async (_: ReratingOptions, command: Command) => {
      const { json, dryRun, ...wish } = command.optsWithGlobals<ReratingOptions>();
      const { since, until, model, deployment, reason } = wish;
      const told = await manage(place, "POST", "/admin/prices/rerate", { since, until, model, deployment, reason, dry_run: dryRun === true });
      terminal.print(json ? JSON.stringify(told) : shown(told));
    });
}

function shown(told: JsonObject): string {
  const rows = listOf(told["data"]).map(objectOf);
  const left = Object.entries(objectOf(told["left"])).map(([why, count]) => `Left as they are: ${count} (${WHY[why] ?? why}).`);
  const done = `${told["changed"]} of ${told["requests"]} requests ${told["dry_run"] === true ? "would be" : "were"} changed.`;
  if (rows.length === 0) return done;
  const lines = [...rows, { ...told, model: "" }].map((row) => [stringOf(row["model"]) ?? "", ...["requests", "changed"].map(count(row)), ...money(row)]);
  return [table(["MODEL", "REQUESTS", "CHANGED", "COST", "CHARGE"], lines), "", done, ...left].join("\n");
}

const count = (row: JsonObject) => (name: string) => String(numberOf(row[name]) ?? 0);

function money(row: JsonObject): string[] {
  return ["cost", "charge"].map((name) => {
    const value = numberOf(row[name]) ?? 0;
    return value > 0 ? `+${value}` : String(value);
  });
}
