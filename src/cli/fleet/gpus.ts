import type { Command } from "commander";
import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { askServer } from "../link.ts";
import { type Terminal, table } from "../output.ts";
import { gibibytes } from "./sizes.ts";

/** `signalbox gpus`. */
export function addGpus(program: Command, terminal: Terminal, dataDir: () => string): void {
  program
    .command("gpus")
    .description("the GPUs of the running gateway, and who uses how much of them")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox gpus")
    .action(async ({ json }: { json?: boolean }) => {
      const told = objectOf(await askServer(dataDir(), "GET", "/admin/gpus"));
      if (json) return terminal.print(JSON.stringify(told));
      const trouble = stringOf(told["trouble"]);
      if (trouble !== undefined) terminal.say(trouble);
      terminal.print(table(["GPU", "NAME", "MEMORY", "USED", "FREE", "ENGINES", "OTHERS", "BUSY", "HEAT"], listOf(told["data"]).map(objectOf).map(cellsOf)));
    });
}

function cellsOf(row: JsonObject): string[] {
  const [busy, heat] = [numberOf(row["utilisation"]), numberOf(row["temperature"])];
  const engines = Object.entries(objectOf(row["granted_bytes"])).map(([name, granted]) => `${name} ${usedOf(objectOf(row["measured_bytes"])[name], granted)}`);
  return [
    stringOf(row["id"]) ?? "",
    stringOf(row["name"]) ?? "",
    gibibytes(numberOf(row["limit_bytes"])),
    gibibytes(numberOf(row["used_bytes"])),
    gibibytes(numberOf(row["free_bytes"])),
    engines.join(", "),
    gibibytes(numberOf(row["foreign_bytes"])),
    busy === undefined ? "" : `${Math.round(busy * 100)} %`,
    heat === undefined ? "" : `${heat} °C`,
  ];
}

/** `17.2 GiB of 22.0 GiB`. */
function usedOf(measured: Json | undefined, granted: Json | undefined): string {
  const used = gibibytes(numberOf(measured));
  return used === "" ? gibibytes(numberOf(granted)) : `${used} of ${gibibytes(numberOf(granted))}`;
}
