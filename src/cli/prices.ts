import type { Command } from "commander";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { askServer } from "./link.ts";
import type { OpenPlace } from "./manage.ts";
import { type Terminal, table } from "./output.ts";
import { addRerating } from "./rerating.ts";

interface PricesOptions {
  readonly provider?: string;
  readonly model?: string;
  readonly json?: boolean;
}

/** `signalbox prices`: what the gateway that runs knows of costs; and `prices rerate`. */
export function addPrices(program: Command, terminal: Terminal, place: OpenPlace): void {
  const prices = program
    .command("prices")
    .description("what deployments cost and what is charged, in USD per million tokens")
    .option("--model <name>", "of this model only")
    .option("--provider <kind>", "with --model: what is built in for that model of a provider")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox prices --provider openai --model gpt-4o")
    .action(async ({ provider, model, json }: PricesOptions) => {
      const search = new URLSearchParams({ ...(provider === undefined ? {} : { provider }), ...(model === undefined ? {} : { model }) });
      const rows = listOf(objectOf(await askServer(place.dataDir(), "GET", `/admin/prices?${search}`))["data"]).map(objectOf);
      if (json) return terminal.print(JSON.stringify(rows));
      terminal.print(table(["MODEL", "DEPLOYMENT", "INPUT", "OUTPUT", "SAYS", "CHARGED", "VERSION"], rows.map(cells)));
    });
  addRerating(prices, terminal, place);
}

function cells(row: JsonObject): string[] {
  const price = objectOf(row["price"]);
  const charge = objectOf(row["charge"] ?? row);
  const charged = objectOf(charge["price"]);
  return [
    stringOf(row["model"]) ?? "",
    stringOf(row["deployment"]) ?? stringOf(row["provider"]) ?? "",
    dollars(row, price["input"]),
    dollars(row, price["output"]),
    stringOf(row["price_source"]) ?? "",
    `${dollars(charge, charged["input"])} / ${dollars(charge, charged["output"])}`,
    stringOf(row["price_version"]) ?? "",
  ];
}

/** A price, or that there is none to pay, or that it is not known; something that is billed in another way has none. */
function dollars({ price_state: state }: JsonObject, price: unknown): string {
  return state === "known" ? String(numberOf(price) ?? "-") : (stringOf(state) ?? "");
}
